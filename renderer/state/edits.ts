// Edits that the user has saved and the hub has not yet confirmed.
//
// - An edit is cached before it is sent, and its message shows it at once. After a restart it is sent from any screen.
// - A message has one edit on its way. A later one waits, and is then based on the response to the first.
// - An edit that the hub refuses for good returns to its composer with the reason, so that no text is lost.
// - Tabs tell each other of what they cached, so that one goes on for another that was closed. They send an edit in turn, and
//   check before that it is still in the cache. Without locks each tab sends only what was in the cache when it opened.
import type { Output } from '../../shared/contract.ts'
import { Timer } from '../connection/timer.ts'
import { isRequestError, type Request, type RequestError } from '../connection/request.ts'
import type { ChannelLike, Clock, LocksLike } from '../connection/platform.ts'
import type { Store } from './store.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { computed, type ReadonlySignal } from '../signals/signal.ts'
import type { Cache } from '../sync/cache.ts'

export interface Edit {
  /** Of the message. */
  readonly id: string
  readonly chatId: string
  /** The chat or the thread whose composer it was written in. */
  readonly draftKey: string
  /** The rev it is based on; undefined if it replaces any rev. */
  readonly rev: number | undefined
  readonly text: string
  /** The message has files, so that the text may be empty. */
  readonly hasFiles?: boolean | undefined
  /** The hub is unreachable or busy. */
  readonly isPaused: boolean
}

export interface EditsOptions {
  name: string
  cache: Cache
  clock: Clock
  locks: LocksLike | undefined
  openChannel: ((name: string) => ChannelLike) | undefined
  request: Request
  isLive: () => boolean
  content: ReadonlyMap<string, unknown>
  /** The hub has confirmed it: the message as it is now. */
  onDone: (chatId: string, message: Output<'messages.edit'>['message']) => void
  /** The hub refused it for good. Returns false if it cannot return to its composer now; then it waits. */
  onRefused: (edit: Edit, error: RequestError) => boolean
}

const defaultRetryDelayMs = 2_000

export class Edits implements Store {
  readonly #options: EditsOptions
  readonly #edits = new SignalMap<Edit>()
  readonly #sending = new Set<string>()
  /** Messages whose edit was saved in this tab. Of others the cache has the latest one. */
  readonly #savedHere = new Set<string>()
  readonly #channel: ChannelLike | undefined
  readonly #pauseTimer: Timer
  #closed = false

  constructor(options: EditsOptions) {
    this.#options = options
    if (options.locks) this.#channel = options.openChannel?.(`${options.name}-edits`)
    if (this.#channel) this.#channel.onmessage = () => void this.#adopt()
    this.#pauseTimer = new Timer(options.clock)
    this.#edits.replace(options.content as ReadonlyMap<string, Edit>)
  }

  /** By message id. */
  readonly all: ReadonlySignal<ReadonlyMap<string, Edit>> = computed(
    () => new Map(this.#edits.values.value.map((edit) => [edit.id, edit])),
  )

  async save(edit: Omit<Edit, 'isPaused'>): Promise<void> {
    const cached = { ...edit, isPaused: !this.#options.isLive() }
    this.#edits.set(edit.id, cached)
    this.#savedHere.add(edit.id)
    await this.#options.cache.write('edits', edit.id, cached)
    if (!this.#closed) this.#channel?.postMessage({ changed: true })
    this.drain()
  }

  /** Another tab has cached an edit. */
  async #adopt(): Promise<void> {
    const cached = await this.#options.cache.read<Edit>('edits')
    if (!cached || this.#closed) return
    const isPaused = !this.#options.isLive()
    for (const [id, edit] of cached) if (!this.#savedHere.has(id)) this.#edits.set(id, { ...edit, isPaused })
    this.drain()
  }

  /** Sends waiting edits while the connection is live. */
  drain(): void {
    if (this.#closed || !this.#options.isLive() || this.#pauseTimer.isSet) return
    for (const id of this.#edits.keys()) if (!this.#sending.has(id)) void this.#sendInTurn(id)
  }

  onState(): void {
    this.drain()
  }

  onConnectionLost(): void {
    for (const edit of this.#edits.values.peek()) {
      if (!edit.isPaused) this.#edits.set(edit.id, { ...edit, isPaused: true })
    }
  }

  onChatLeft(chatId: string): void {
    for (const edit of this.#edits.values.peek()) if (edit.chatId === chatId) void this.#remove(edit.id)
  }

  close(): void {
    this.#closed = true
    this.#pauseTimer.clear()
    this.#channel?.close()
  }

  async #sendInTurn(id: string): Promise<void> {
    const { locks, name } = this.#options
    this.#sending.add(id)
    const send = (): Promise<void> => this.#send(id)
    try {
      await (locks ? locks.request(`${name}-edit-${id}`, send) : send())
    } finally {
      this.#sending.delete(id)
    }
    // saved while the one before was taken out of the cache
    if (this.#edits.peek(id)?.isPaused === false) this.drain()
  }

  async #send(id: string): Promise<void> {
    for (;;) {
      const cached = await this.#options.cache.read<Edit>('edits')
      const theirs = this.#savedHere.has(id) ? undefined : cached?.get(id)
      if (theirs) this.#edits.set(id, { ...theirs, isPaused: false })
      const edit = this.#edits.peek(id)
      if (!edit || this.#closed) return
      // Another tab has sent it.
      if (cached && !cached.has(id)) {
        this.#savedHere.delete(id)
        return this.#edits.delete(id)
      }
      if (await this.#sendOnce(edit)) return
    }
  }

  /** Returns true if there is nothing more to send now. */
  async #sendOnce(edit: Edit): Promise<boolean> {
    const { id, chatId, text, rev } = edit
    try {
      const { message } = await this.#options.request('messages.edit', {
        ...{ messageId: id, text },
        ...(rev === undefined ? {} : { rev }),
      })
      const later = this.#edits.peek(id)
      if (later && later.text !== text) {
        this.#edits.set(id, { ...later, rev: message.rev })
        return false
      }
      this.#options.onDone(chatId, message)
      await this.#remove(id)
    } catch (error) {
      if (!isRequestError(error)) throw error
      await this.#onRefused(edit, error)
    }
    return true
  }

  async #onRefused(edit: Edit, error: RequestError): Promise<void> {
    const later = this.#edits.peek(edit.id) ?? edit
    switch (error.code) {
      case 'offline':
      case 'unauthenticated':
        this.#edits.set(edit.id, { ...later, isPaused: true })
        return
      case 'rate_limited':
      case 'busy':
      case 'disk_full': {
        this.#edits.set(edit.id, { ...later, isPaused: true })
        const wait = error.retryAfter === undefined ? defaultRetryDelayMs : error.retryAfter * 1000
        this.#pauseTimer.setIfUnset(wait, () => this.drain())
        return
      }
      default:
        if (this.#options.onRefused(later, error)) await this.#remove(edit.id)
        else this.#edits.set(edit.id, { ...later, isPaused: true })
    }
  }

  async #remove(id: string): Promise<void> {
    this.#edits.delete(id)
    this.#savedHere.delete(id)
    await this.#options.cache.write('edits', id, undefined)
  }
}
