// Messages that the hub has acknowledged while only its own computer had them. They are kept until a second one has
// them, for seven days at most. If that computer is lost before, the hub continues in another epoch, and they are sent
// again.
//
// - A record is in the cache before it leaves the outbox. In both it is harmless: the `cid` makes a second send a repeat.
// - Only `safe` of the same epoch, the user (deletes the message, leaves the chat) and age remove a record.
// - Each change waits for the one before: a `safe` that follows `state` must see what `state` has read.
import { isOnOneComputer } from '../../shared/contract/continuity.ts'
import type { Clock } from '../connection/platform.ts'
import type { Cache } from '../sync/cache.ts'
import type { PendingMessage } from './pending-message.ts'
import { isDeleted } from './recent-messages.ts'
import type { LiveHint, LiveState, MessageChange, Store } from './store.ts'

export interface KeptMessage {
  readonly item: PendingMessage
  /** Of the message at the hub; undefined without a response. A tombstone has no `cid`. */
  readonly id: string | undefined
  /** Undefined: the message is in its chat, but its response did not arrive. */
  readonly held: number | undefined
  readonly epoch: string | undefined
  /** When it was kept, by the clock of this device. */
  readonly at: number
}

export interface KeptMessagesOptions {
  cache: Cache
  clock: Clock
  content: ReadonlyMap<string, unknown>
  epoch: () => string | undefined
}

/** The part of the outbox that sends again, and of the uploads that go with a message. */
interface Senders {
  /** Resolves when the messages are in the outbox, on disk. */
  sendAgain: (items: readonly PendingMessage[]) => Promise<void>
  releaseFiles: (ids: readonly string[]) => void
}

const maxKeptMs = 7 * 24 * 60 * 60_000

export class KeptMessages implements Store {
  readonly #options: KeptMessagesOptions
  readonly #records: Map<string, KeptMessage>
  #senders: Senders | undefined
  #queue: Promise<void> = Promise.resolve()
  #isAlone = false

  constructor(options: KeptMessagesOptions) {
    this.#options = options
    this.#records = new Map(options.content as ReadonlyMap<string, KeptMessage>)
  }

  /** Called once: outbox and kept messages need each other. */
  connect(senders: Senders): void {
    this.#senders = senders
  }

  /** What a link can take to another address of the hub: no files. */
  list(): readonly KeptMessage[] {
    return [...this.#records.values()].filter(({ item }) => item.files === undefined)
  }

  /** Keeps what the page at a former address has kept. */
  async takeOver(records: readonly KeptMessage[]): Promise<void> {
    await Promise.all(records.filter(({ item }) => !this.has(item.cid)).map((record) => this.#put(record)))
  }

  has(cid: string): boolean {
    return this.#records.has(cid)
  }

  /** The hub has acknowledged the message. Resolves when it need no longer be in the outbox. */
  async onAnswer(item: PendingMessage, id: string, held: number | undefined): Promise<void> {
    if (held === undefined) {
      this.#drop([item.cid])
      return
    }
    const { epoch, clock } = this.#options
    await this.#put({ item, id, held, epoch: epoch(), at: clock.now() })
  }

  /** The entry of the message came before its response, which will say if only one computer has it. */
  onShownEarly(item: PendingMessage): void {
    if (!this.#isAlone) return
    const { epoch, clock } = this.#options
    void this.#put({ item, id: undefined, held: undefined, epoch: epoch(), at: clock.now() })
  }

  applyState({ epoch, safety }: LiveState): void {
    this.#isAlone = isOnOneComputer(safety)
    // at once, before the outbox sends anything younger
    const mine = this.#sendAgain(epoch)
    this.#enqueue(async () => {
      await mine
      await this.#readOthers()
      this.#drop(this.#cidsOf((record) => this.#isTooOld(record)))
      await this.#sendAgain(epoch)
    })
  }

  applyHint(hint: LiveHint): void {
    if (hint.t === 'places') this.#isAlone = isOnOneComputer(hint.safety)
    if (hint.t !== 'safe') return
    const epoch = this.#options.epoch()
    this.#enqueue(() => {
      const isSafe = ({ held, epoch: ofRecord }: KeptMessage) =>
        held !== undefined && held <= hint.upTo && ofRecord === epoch
      this.#drop(this.#cidsOf(isSafe))
    })
  }

  applyMessage({ message }: MessageChange): void {
    const [record] = [...this.#records.values()].filter(
      ({ item, id }) => id === message.id || item.cid === message.cid,
    )
    if (!record) return
    if (isDeleted(message)) this.#drop([record.item.cid])
    else if (message.text !== record.item.text)
      void this.#put({ ...record, item: { ...record.item, text: message.text } })
  }

  onChatLeft(chatId: string): void {
    this.#drop(this.#cidsOf(({ item }) => item.chatId === chatId))
  }

  /** Other tabs keep messages too. */
  async #readOthers(): Promise<void> {
    // what was dropped must not be found again
    await this.#options.cache.flush()
    const stored = await this.#options.cache.read<KeptMessage>('kept')
    for (const [cid, record] of stored ?? []) if (!this.#records.has(cid)) this.#records.set(cid, record)
  }

  /** The hub has another history, or the response that says who has the message did not arrive. */
  async #sendAgain(epoch: string): Promise<void> {
    const isDue = (record: KeptMessage) =>
      (record.epoch !== epoch || record.held === undefined) && !this.#isTooOld(record)
    const items = this.#cidsOf(isDue).flatMap((cid) => this.#records.get(cid)?.item ?? [])
    for (const { cid } of items) this.#records.delete(cid)
    await this.#senders?.sendAgain(
      items.map((item) => ({ ...item, state: 'waiting', seq: undefined, isRepeat: true })),
    )
    for (const { cid } of items) {
      // the response may have come meanwhile, and put it back
      if (!this.#records.has(cid)) await this.#options.cache.write('kept', cid, undefined)
    }
  }

  async #put(record: KeptMessage): Promise<void> {
    const { cid } = record.item
    this.#records.set(cid, record)
    await this.#options.cache.write('kept', cid, record)
  }

  /** After days alone these are thousands: they leave the cache in one go, and one that stays is dropped next time. */
  #drop(cids: readonly string[]): void {
    for (const cid of cids) {
      const record = this.#records.get(cid)
      if (!record) continue
      this.#records.delete(cid)
      this.#senders?.releaseFiles(record.item.files ?? [])
      this.#options.cache.put('kept', cid, undefined)
    }
  }

  #isTooOld({ at }: KeptMessage): boolean {
    return this.#options.clock.now() - at > maxKeptMs
  }

  #cidsOf(matches: (record: KeptMessage) => boolean): string[] {
    return [...this.#records].filter(([, record]) => matches(record)).map(([cid]) => cid)
  }

  #enqueue(step: () => void | Promise<void>): void {
    this.#queue = this.#queue.then(step)
  }
}
