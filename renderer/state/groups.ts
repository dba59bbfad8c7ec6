import type { ListedGroup } from '../../shared/contract/chats.ts'
import type { Entry, StreamId } from '../../shared/contract/entries.ts'
import { nameRanker } from '../../shared/text/name-search.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import type { Chats } from './chats.ts'
import type { Store } from './store.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { computed, signal, type ReadonlySignal, type Signal } from '../signals/signal.ts'

export interface GroupsOptions {
  request: Request
  chats: Pick<Chats, 'get' | 'peek'>
}

/** The public groups the user is not a member of, live while they are shown. Join with `chats.join`. */
export class Groups implements Store {
  readonly #options: GroupsOptions
  readonly #groups = new SignalMap<ListedGroup>()
  readonly #ready = signal(false)
  #loadCount = 0

  readonly ready: ReadonlySignal<boolean> = this.#ready
  /** A part of the name, in any case; `list` follows. The hub returns at most 200 groups: load again after a change. */
  readonly query: Signal<string> = signal('')
  /** By name. */
  readonly list: ReadonlySignal<readonly ListedGroup[]> = computed(() => {
    const rank = nameRanker(this.query.value)
    return this.#groups.values.value
      .filter((group) => !this.#options.chats.get(group.id) && rank(group.name) > 0)
      .sort((a, b) => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1))
  })

  /** Of all that are loaded, whatever the query. */
  readonly ids: ReadonlySignal<readonly string[]> = computed(() =>
    this.#groups.values.value.map(({ id }) => id).filter((id) => !this.#options.chats.get(id)),
  )

  constructor(options: GroupsOptions) {
    this.#options = options
  }

  /** Call it when the list opens, and after a change of `query` in a hub with many groups. @throws RequestError */
  async load(): Promise<void> {
    const mine = ++this.#loadCount
    const query = this.query.peek().trim()
    const { chats } = await this.#options.request('chats.discover', query === '' ? {} : { query })
    if (mine !== this.#loadCount) return
    this.#groups.replace(chats.map((group) => [group.id, group]))
    this.#ready.value = true
  }

  applyEntry(entry: Entry): void {
    if (entry.type === 'group.listed') this.#add(entry.group)
    else if (entry.type === 'group.unlisted') this.#groups.delete(entry.group.id)
    else if (entry.type === 'chat.removed' && entry.reason !== 'deleted') this.#addLeft(entry.chatId)
  }

  /** A group that the user left meanwhile elsewhere is not a chat any more when its entry arrives. */
  onState(): void {
    if (!this.#ready.peek()) return
    this.load().catch((error: unknown) => {
      if (!isRequestError(error)) throw error
    })
  }

  onReset(stream: StreamId): void {
    if (stream === 'hub') this.#forget()
  }

  onHistoryReset(): void {
    this.#forget()
  }

  #add(group: ListedGroup): void {
    if (this.#ready.peek()) this.#groups.set(group.id, group)
  }

  /** A public group that the user has left is listed again. No entry says so, since nothing changed for all others. */
  #addLeft(chatId: string): void {
    const chat = this.#options.chats.peek(chatId)
    if (chat?.visibility !== 'public' || chat.name === undefined || chat.memberCount <= 1) return
    const { id, name, topic, memberCount } = chat
    this.#add({ id, name, memberCount: memberCount - 1, ...(topic === undefined ? {} : { topic }) })
  }

  /** The list may be out of date: an open view loads it again. */
  #forget(): void {
    this.#loadCount += 1
    this.#ready.value = false
  }
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })
