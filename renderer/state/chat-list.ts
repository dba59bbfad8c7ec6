// The list of chats as it is drawn: favourites, the user's own sections, the rest, and the archive. Within each the
// latest chat is first (docs/decisions/0022-chat-list-order.md). The settings of the account hold the arrangement as one whole.
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { ChatListArrangement, Settings } from '../../shared/contract/profile.ts'
import { normalizeLine } from '../../shared/text/names.ts'
import { unreadCountsOf } from '../../shared/unread-counts.ts'
import type { Request } from '../connection/request.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'
import type { Chats } from './chats.ts'
import type { Store } from './store.ts'
import { computed, effect, signal, type ReadonlySignal, type Signal } from '../signals/signal.ts'

export interface ChatSection {
  /** `favourites`, `rest`, `archive`, or the id of one of the user's own sections. */
  readonly id: string
  /** Of one of the user's own sections; '' for the others. */
  readonly name: string
  readonly chats: readonly ChatSummary[]
  /** Only the chat on screen is drawn of a folded section. */
  readonly folded: boolean
  /** The unread messages of all its chats that are not muted. */
  readonly unread: number
}

export interface ChatListOptions {
  chats: Chats
  /** Watched. */
  settings: () => Readonly<Settings>
  request: Request
  cache: Pick<Cache, 'put'>
  content: Pick<CacheContent, 'meta'>
  newId: () => string
}

const emptyArrangement: ChatListArrangement = { favourites: [], sections: [], folded: [] }

export class ChatList implements Store {
  readonly #options: ChatListOptions
  /** Changed here, and not yet confirmed by the hub. */
  readonly #pendingArrangement = signal<ChatListArrangement | undefined>(undefined)
  readonly #stop: () => void
  #changeCount = 0

  /** Shows only unread chats, and the chat on screen. */
  readonly unreadOnly: Signal<boolean> = signal(false)
  readonly archiveOpen: Signal<boolean> = signal(false)
  readonly arrangement: ReadonlySignal<ChatListArrangement>
  /** In display order. The user's own sections are there also while they are empty, the others are not. */
  readonly sections: ReadonlySignal<readonly ChatSection[]>
  /** The visible chats, from top to bottom. */
  readonly displayedChats: ReadonlySignal<readonly ChatSummary[]>

  constructor(options: ChatListOptions) {
    this.#options = options
    const { chats, settings, cache, content } = options
    // Until the hub responds, the list keeps its last arrangement.
    const cached = content.meta.get('chatList') as ChatListArrangement | undefined
    this.arrangement = computed(
      () => this.#pendingArrangement.value ?? settings().chatList ?? cached ?? emptyArrangement,
    )
    this.#stop = effect(() => {
      const { chatList } = settings()
      if (chatList) cache.put('meta', 'chatList', chatList)
    })
    this.sections = computed(() => this.#buildSections())
    this.displayedChats = computed(() =>
      this.sections.value.flatMap((section) => visibleChats(section, chats.current.value)),
    )
  }

  close(): void {
    this.#stop()
  }

  /** The visible chat below the one on screen, or above it; the list begins again at its end. */
  nextDisplayed(by: 1 | -1): ChatSummary | undefined {
    return this.#nextOf(this.displayedChats.peek(), by, () => true)
  }

  /** The nearest chat with something unread in this direction, also in folded sections; not in the archive. */
  nextUnread(by: 1 | -1): ChatSummary | undefined {
    const shown = this.sections.peek().filter(({ id }) => id !== 'archive')
    const chats = shown.flatMap((section) => section.chats)
    return this.#nextOf(chats, by, (chat) => {
      const { unread, mentions } = unreadCountsOf(chat)
      return unread + mentions > 0
    })
  }

  #nextOf(
    chats: readonly ChatSummary[],
    by: 1 | -1,
    fits: (chat: ChatSummary) => boolean,
  ): ChatSummary | undefined {
    const current = this.#options.chats.current.peek()
    const at = chats.findIndex(({ id }) => id === current)
    const start = at < 0 && by === -1 ? chats.length : at
    const ring = [...chats.slice(start + 1), ...chats.slice(0, Math.max(0, start))]
    return by === 1 ? ring.find(fits) : ring.findLast(fits)
  }

  isFavourite(chatId: string): boolean {
    return this.arrangement.value.favourites.includes(chatId)
  }

  /** The user's own section that holds this chat. */
  sectionOf(chatId: string): string | undefined {
    return this.arrangement.value.sections.find(({ chats }) => chats.includes(chatId))?.id
  }

  /** This and the following @throws RequestError. A favourite keeps its section, for when it is a favourite no more. */
  setFavourite(chatId: string, on: boolean): Promise<void> {
    const { favourites, ...rest } = this.arrangement.peek()
    return this.#saveArrangement({
      ...rest,
      favourites: on ? [...favourites, chatId] : withoutId(favourites, chatId),
    })
  }

  /** Moves a chat to the favourites, to one of the user's own sections, or to the rest. */
  moveChat(chatId: string, to: string): Promise<void> {
    if (to === 'favourites') return this.setFavourite(chatId, true)
    const { favourites, sections, folded } = this.arrangement.peek()
    return this.#saveArrangement({
      favourites: withoutId(favourites, chatId),
      sections: sections.map((section) => {
        const chats = withoutId(section.chats, chatId)
        return { ...section, chats: section.id === to ? [...chats, chatId] : chats }
      }),
      folded,
    })
  }

  /** Adds a section, with its first chat if there is one. */
  addSection(name: string, chatId?: string): Promise<void> {
    const { favourites, sections, folded } = this.arrangement.peek()
    const others = sections.map((section) => ({ ...section, chats: withoutId(section.chats, chatId) }))
    const added = {
      id: this.#options.newId(),
      name: normalizeLine(name),
      chats: chatId === undefined ? [] : [chatId],
    }
    return this.#saveArrangement({
      favourites: withoutId(favourites, chatId),
      sections: [...others, added],
      folded,
    })
  }

  renameSection(id: string, name: string): Promise<void> {
    const { sections, ...rest } = this.arrangement.peek()
    return this.#saveArrangement({
      ...rest,
      sections: sections.map((one) => (one.id === id ? { ...one, name: normalizeLine(name) } : one)),
    })
  }

  /** Its chats belong to the rest again. */
  removeSection(id: string): Promise<void> {
    const { sections, folded, ...rest } = this.arrangement.peek()
    return this.#saveArrangement({
      ...rest,
      sections: sections.filter((one) => one.id !== id),
      folded: withoutId(folded, id),
    })
  }

  /** Undoes a removal: the section returns to its place, with those of its chats that were not moved since. */
  restoreSection(id: string, before: ChatListArrangement): Promise<void> {
    const { sections, ...rest } = this.arrangement.peek()
    const at = before.sections.findIndex((one) => one.id === id)
    const section = before.sections[at]
    if (!section || sections.some((one) => one.id === id)) return Promise.resolve()
    const taken = new Set(sections.flatMap(({ chats }) => chats))
    const back = { ...section, chats: section.chats.filter((chatId) => !taken.has(chatId)) }
    return this.#saveArrangement({ ...rest, sections: sections.toSpliced(at, 0, back) })
  }

  /** Moves a section one place up or down among the user's own. */
  moveSection(id: string, by: -1 | 1): Promise<void> {
    const { sections, ...rest } = this.arrangement.peek()
    const at = sections.findIndex((one) => one.id === id)
    const moved = sections[at]
    if (!moved || !sections[at + by]) return Promise.resolve()
    const others = sections.filter((one) => one !== moved)
    return this.#saveArrangement({ ...rest, sections: others.toSpliced(at + by, 0, moved) })
  }

  async setFolded(id: string, on: boolean): Promise<void> {
    if (id === 'archive') {
      this.archiveOpen.value = !on
      return
    }
    const { folded, ...rest } = this.arrangement.peek()
    await this.#saveArrangement({
      ...rest,
      folded: on ? [...withoutId(folded, id), id] : withoutId(folded, id),
    })
  }

  #buildSections(): readonly ChatSection[] {
    const { chats } = this.#options
    const { favourites, sections, folded } = this.arrangement.value
    const places = new Map<string, string>()
    for (const section of sections) for (const chatId of section.chats) places.set(chatId, section.id)
    for (const chatId of favourites) places.set(chatId, 'favourites')
    const bySection = Map.groupBy(
      this.#applyFilters(chats.filtered.value),
      ({ id }) => places.get(id) ?? 'rest',
    )
    const isFiltered = chats.filter.value.trim() !== '' || this.unreadOnly.value
    const section = (id: string, name = ''): ChatSection => {
      const chatsOfSection =
        id === 'archive' ? this.#applyFilters(chats.archived.value) : (bySection.get(id) ?? [])
      const isFolded = id === 'archive' ? !this.archiveOpen.value : folded.includes(id)
      const unread = chatsOfSection.reduce((total, chat) => total + (chat.muted ? 0 : chat.unread), 0)
      // A filter also finds chats in folded sections.
      return { id, name, chats: chatsOfSection, folded: isFolded && !isFiltered, unread }
    }
    const own = sections.map(({ id, name }) => section(id, name))
    return [
      ...[section('favourites')].filter(isNotEmpty),
      ...(isFiltered ? own.filter(isNotEmpty) : own),
      ...[section('rest'), section('archive')].filter(isNotEmpty),
    ]
  }

  #applyFilters(chats: readonly ChatSummary[]): readonly ChatSummary[] {
    if (!this.unreadOnly.value) return chats
    const current = this.#options.chats.current.value
    return chats.filter(({ id, unread, threadMentions = 0 }) => unread + threadMentions > 0 || id === current)
  }

  /** Shown at once. The hub confirms it by an entry, as in the user's other windows. */
  async #saveArrangement(next: ChatListArrangement): Promise<void> {
    const turn = ++this.#changeCount
    this.#pendingArrangement.value = next
    try {
      await this.#options.request('me.update', { settings: { chatList: next } })
    } finally {
      if (turn === this.#changeCount) this.#pendingArrangement.value = undefined
    }
  }
}

/** The chat on screen stays visible in a folded section. */
export function visibleChats(
  { chats, folded }: ChatSection,
  current: string | undefined,
): readonly ChatSummary[] {
  return folded ? chats.filter(({ id }) => id === current) : chats
}

function isNotEmpty({ chats }: ChatSection): boolean {
  return chats.length > 0
}

function withoutId(ids: readonly string[], id: string | undefined): string[] {
  return ids.filter((one) => one !== id)
}
