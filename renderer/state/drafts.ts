// The texts in the composers: in the cache of this device, in the other tabs, and on the user's other devices.
//
// - Each text knows the edits that it includes (`edit-clock.ts`). A text that includes all edits of mine replaces it.
//   Of two that each have edits of their own both are kept, in one text (`merge-drafts.ts`), the older one first.
// - A merge is no edit, and of two merges of the same edits every tab chooses the same one. So tabs agree.
// - Tabs tell each other at once. The hub gets the text a moment later, and never when a message is sent: the message names
//   the draft it was written from, and the hub clears it in the same transaction.
// - A message names every version it was written from, each version in one message only: two tabs or devices that send the
//   same draft send one message.
// - A sent draft is an empty text that includes all edits before. So no tab and no late response brings it back.
// - Without the hub everything stays in the cache and is sent when the hub is back.
import type { Draft, SentDraft } from '../../shared/contract/drafts.ts'
import { limits } from '../../shared/contract/values.ts'
import { countBytes } from '../../shared/text/message.ts'
import type { ChannelLike, Clock } from '../connection/platform.ts'
import { isRequestError, type Request, type RequestError } from '../connection/request.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { type Cache, type CacheContent, draftMetaPrefix } from '../sync/cache.ts'
import {
  DraftRegister,
  isDraftNews,
  keyOf,
  type DraftPlace,
  type DraftRecord,
  type DraftText,
} from './draft-register.ts'
import { editsOf, includesEdits, joinEdits, withEditBy } from './edit-clock.ts'
import { mergeDrafts } from './merge-drafts.ts'
import type { LiveHint, Store } from './store.ts'

/** A text from another tab, from the hub, or from the page at a former address of the hub. */
export type DraftNews = DraftPlace & DraftText

export interface DraftsOptions {
  name: string
  cache: Pick<Cache, 'put'>
  clock: Clock
  openChannel: ((name: string) => ChannelLike) | undefined
  request: Request
  isLive: () => boolean
  /** Names this tab among all that ever edit a draft: letters, digits and hyphens. */
  newTabId: () => string
  /** The texts, and in `meta` what belongs to them. */
  content: Pick<CacheContent, 'drafts' | 'meta'>
}

const tabDelayMs = 150
const typingPauseMs = 500
const hubDelayMs = 1_000
const otherTabDelayMs = 4_000
const retryDelayMs = 5_000

export class Drafts implements Store {
  readonly #options: DraftsOptions
  readonly #tab: string
  readonly #texts = new SignalMap<string>()
  /** Of each chat that has any: the texts of its threads. */
  readonly #threadTexts = new SignalMap<ReadonlyMap<string, string>>()
  readonly #registers = new Map<string, DraftRegister>()
  readonly #channel: ChannelLike | undefined
  /** While the list is requested: the drafts that changed meanwhile, of which the list knows less. */
  #changedKeys: Set<string> | undefined
  #closed = false

  constructor(options: DraftsOptions) {
    this.#options = options
    this.#tab = options.newTabId()
    this.#channel = options.openChannel?.(`${options.name}-drafts`)
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#onTab(data)
    const { drafts, meta } = options.content
    for (const [key, text] of drafts) this.#texts.set(key, text as string)
    for (const [key, cached] of meta) {
      if (!key.startsWith(draftMetaPrefix)) continue
      const record = cached as DraftRecord
      if (record.text === (drafts.get(keyOf(record)) ?? ''))
        this.#registerOf(record).restore(record, this.#tab)
    }
  }

  /** A draft in a thread of the chat, the one that got its first text last; '' if there is none. Watched. */
  getInThreads(chatId: string): string {
    return [...(this.#threadTexts.get(chatId)?.values() ?? [])].at(-1) ?? ''
  }

  /** The draft of a chat or a thread, by its id; '' if there is none. Watched. */
  get(key: string): string {
    return this.#texts.get(key) ?? ''
  }

  /** The user has typed. */
  set(place: DraftPlace, text: string): void {
    const register = this.#registerOf(place)
    if (text === register.record.text) return
    register.type(text)
    this.#save(register)
    register.tabTimer.setIfUnset(tabDelayMs, () => this.#settle(register))
    register.typingTimer.set(typingPauseMs, () => this.#receiveHeld(register))
  }

  /** A text that stays on this device and in this tab: an edit. */
  setLocal(key: string, text: string): void {
    if (text === '') this.#texts.delete(key)
    else this.#texts.set(key, text)
    this.#options.cache.put('drafts', key, text === '' ? undefined : text)
  }

  /** The draft becomes a message: it is gone in all tabs. Returns what the hub needs to clear it as well. */
  send(place: DraftPlace): SentDraft | undefined {
    const register = this.#registerOf(place)
    // what was typed last is an edit, so that no other message has this version
    register.settle(this.#tab, this.#options.clock.now())
    const from = register.takeVersions()
    register.clearTimers()
    this.#adoptOwn(register, '', false)
    this.#save(register)
    this.#postToTabs(register)
    const { version } = register
    this.#receiveHeld(register)
    return from.length > 0 ? { from, version } : undefined
  }

  /** The texts that the hub does not have. */
  listUnsent(): readonly DraftNews[] {
    for (const register of this.#registers.values()) this.#settle(register)
    return [...this.#registers.values()]
      .filter(({ record }) => record.isUnsynced)
      .map(({ record: { chatId, thread, text, edits, at } }) => ({ chatId, thread, text, edits, at }))
  }

  /** Merges what was typed at a former address of the hub, and sends it. */
  takeOver(drafts: readonly DraftNews[]): void {
    for (const draft of drafts) {
      this.#receive(draft, true)
      this.#pushSoon(this.#registerOf(draft))
    }
  }

  applyHint(hint: LiveHint): void {
    if (hint.t === 'draft') this.#onHub(hint.draft)
    else if (hint.t === 'behind') void this.#load()
  }

  onState(): void {
    void this.#load()
  }

  /** A restored hub has other drafts. */
  onHistoryReset(): void {
    for (const register of this.#registers.values()) {
      register.update({ hub: undefined, isUnsynced: register.record.text !== '' })
      this.#save(register)
    }
  }

  close(): void {
    this.#closed = true
    for (const register of this.#registers.values()) register.clearTimers()
    this.#channel?.close()
  }

  #registerOf(place: DraftPlace): DraftRegister {
    const key = keyOf(place)
    let register = this.#registers.get(key)
    if (!register) {
      register = new DraftRegister(place, this.#options.clock, (text) => {
        if (text === '') this.#texts.delete(key)
        else this.#texts.set(key, text)
        if (place.thread !== undefined) this.#setThreadText(place.chatId, place.thread, text)
      })
      this.#registers.set(key, register)
      // Cached by an earlier release, or before a logout: then only the text is there.
      const text = this.#texts.peek(key) ?? ''
      if (text !== '') register.restore({ ...register.record, text, isUnsynced: true }, this.#tab)
    }
    return register
  }

  #setThreadText(chatId: string, thread: string, text: string): void {
    const texts = new Map(this.#threadTexts.peek(chatId))
    if (text.trim() === '') texts.delete(thread)
    else texts.set(thread, text)
    if (texts.size === 0) this.#threadTexts.delete(chatId)
    else this.#threadTexts.set(chatId, texts)
  }

  /** What was typed becomes an edit, which the others get. */
  #settle(register: DraftRegister): void {
    register.tabTimer.clear()
    if (register.settle(this.#tab, this.#options.clock.now())) this.#publish(register)
  }

  #adoptOwn(register: DraftRegister, text: string, isUnsynced: boolean): void {
    const edits = withEditBy(this.#tab, register.record.edits)
    register.adopt({ text, edits, at: this.#options.clock.now() }, isUnsynced)
  }

  #publish(register: DraftRegister): void {
    this.#save(register)
    this.#postToTabs(register)
    this.#pushSoon(register)
  }

  #onTab(incoming: unknown): void {
    // the tab may have another release
    if (this.#closed || !isDraftNews(incoming)) return
    this.#receive(incoming, true)
    const register = this.#registerOf(incoming)
    // that tab sends it, unless it is closed before
    if (register.record.isUnsynced) this.#pushSoon(register, otherTabDelayMs)
  }

  #onHub({ chatId, thread, text, version, at }: Draft): void {
    const key = keyOf({ chatId, thread })
    this.#changedKeys?.add(key)
    const register = this.#registerOf({ chatId, thread })
    if (register.record.hub?.version === version) return
    register.update({ hub: { version, text } })
    this.#settle(register)
    const incoming: DraftNews = { chatId, thread, text, edits: editsOf(version), at }
    if (register.version === version) {
      register.update({ isUnsynced: false })
      // Another merge of the same edits: it counts as an edit, so that the hub takes it.
      const chosen = chooseMerge(register.record.text, text)
      if (chosen !== text) this.#adoptOwn(register, chosen, true)
      else if (chosen !== register.record.text) register.adopt(incoming, false)
      if (register.record.isUnsynced) this.#publish(register)
    } else if (includesEdits(register.record.edits, incoming.edits)) {
      // The hub will get what I have made of it, unless a message that was sent from it comes first.
      register.update({ isUnsynced: true })
      this.#pushSoon(register)
    } else this.#receive(incoming, false)
    this.#save(register)
  }

  #receiveHeld(register: DraftRegister): void {
    for (const { draft, isUnsynced } of register.held.splice(0)) this.#receive(draft, isUnsynced)
  }

  #receive(incoming: DraftNews, isUnsynced: boolean): void {
    const register = this.#registerOf(incoming)
    const isNews = !includesEdits(register.record.edits, incoming.edits)
    const includesMine = includesEdits(incoming.edits, register.record.edits) && !register.isTyped
    if (isNews && !includesMine && register.typingTimer.isSet) {
      register.held = register.held.filter(({ draft }) => !includesEdits(incoming.edits, draft.edits))
      register.held.push({ draft: incoming, isUnsynced })
      return
    }
    this.#settle(register)
    const { record } = register
    if (isNews && includesMine) register.adopt(incoming, isUnsynced)
    else if (isNews) {
      const common = register.commonText(incoming.edits)
      const [older, newer] = incoming.at < record.at ? [incoming, record] : [record, incoming]
      const text = mergeDrafts(common, older.text, newer.text)
      const edits = joinEdits(record.edits, incoming.edits)
      register.adopt({ text, edits, at: newer.at }, true)
      return this.#publish(register)
    } else if (includesMine && chooseMerge(record.text, incoming.text) !== record.text)
      register.adopt(incoming, record.isUnsynced)
    else return
    this.#save(register)
  }

  #pushSoon(register: DraftRegister, delayMs = hubDelayMs): void {
    register.hubTimer.setIfUnset(delayMs, () => void this.#push(register))
  }

  async #push(register: DraftRegister): Promise<void> {
    this.#settle(register)
    register.hubTimer.clear()
    // What is held has to be in the text that replaces it on the hub.
    if (register.held.length > 0) return this.#pushSoon(register)
    const { chatId, thread, text, hub, isUnsynced } = register.record
    const { version } = register
    if (!isUnsynced || register.pushing || this.#closed || !this.#options.isLive()) return
    if (countBytes(text) > limits.draftBytes) return
    register.pushing = version
    try {
      const { draft } = await this.#options.request('drafts.set', {
        ...{ chatId, text, version },
        ...(thread === undefined ? {} : { thread }),
        ...(hub === undefined ? {} : { base: hub.version }),
      })
      register.pushing = undefined
      this.#onHub(draft)
      if (register.record.isUnsynced) this.#pushSoon(register)
    } catch (error) {
      register.pushing = undefined
      if (!isRequestError(error)) throw error
      this.#onRefused(register, error)
    }
  }

  /** What the hub refuses for good stays on this device. */
  #onRefused(register: DraftRegister, error: RequestError): void {
    if (error.code === 'conflict' && error.field === 'base') void this.#load()
    else if (error.code === 'rate_limited' || error.code === 'busy' || error.code === 'disk_full')
      this.#pushSoon(register, error.retryAfter === undefined ? retryDelayMs : error.retryAfter * 1000)
  }

  async #load(): Promise<void> {
    if (this.#changedKeys || this.#closed) return
    const changed = (this.#changedKeys = new Set<string>())
    try {
      const { drafts } = await this.#options.request('drafts.list', {})
      this.#changedKeys = undefined
      if (!this.#closed) this.#applyList(drafts, changed)
    } catch (error) {
      // The next `state` requests it again. A hub of an earlier release has no drafts.
      if (!isRequestError(error)) throw error
    } finally {
      this.#changedKeys = undefined
    }
  }

  #applyList(drafts: readonly Draft[], changed: ReadonlySet<string>): void {
    for (const draft of drafts) if (!changed.has(keyOf(draft))) this.#onHub(draft)
    const listed = new Set(drafts.map(keyOf))
    for (const [key, register] of this.#registers) {
      if (!listed.has(key) && !changed.has(key)) this.#onGone(register)
      if (register.record.isUnsynced) void this.#push(register)
    }
  }

  /** The hub has no draft here: it was sent or cleared more than a day ago. */
  #onGone(register: DraftRegister): void {
    if (register.record.hub === undefined) return
    register.update({ hub: undefined })
    if (!register.record.isUnsynced && !register.isTyped) this.#adoptOwn(register, '', false)
    this.#save(register)
  }

  #save({ key, cached }: DraftRegister): void {
    this.#options.cache.put('drafts', key, cached?.text || undefined)
    this.#options.cache.put('meta', draftMetaPrefix + key, cached)
  }

  #postToTabs({ record: { chatId, thread, text, edits, at } }: DraftRegister): void {
    const incoming: DraftNews = { chatId, thread, text, edits, at }
    if (!this.#closed) this.#channel?.postMessage(incoming)
  }
}

/** Two tabs that merged the same edits in another order choose the same text. */
function chooseMerge(one: string, other: string): string {
  if (one.length !== other.length) return one.length > other.length ? one : other
  return one > other ? one : other
}
