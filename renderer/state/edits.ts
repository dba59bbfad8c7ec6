// Edits that the person has saved and the hub has not yet confirmed.
//
// - Kept before it is sent, and shown in its message at once; a restart goes on with it, whatever chat is on screen.
// - Of one message one at a time: what is saved while an earlier one is on its way goes after it, based on its answer.
// - What the hub refuses for good goes back to where it was written, with the reason: no word of it is lost.
// - Other tabs keep them too: whoever comes to send one looks first whether it is still kept.
import type { Output } from '../../shared/contract.ts'
import { Timer } from '../connection/timer.ts'
import { isRequestError, type Request, type RequestError } from '../connection/request.ts'
import type { Clock } from '../connection/platform.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { computed, type ReadonlySignal } from '../signals/signal.ts'
import type { Cache } from '../sync/cache.ts'

export interface Edit {
  /** The message. */
  readonly id: string
  readonly chatId: string
  /** The chat or the thread where it is written. */
  readonly draftKey: string
  /** What it is based on; none where it is meant whatever came between. */
  readonly rev: number | undefined
  readonly text: string
  /** The hub is away, or busy. */
  readonly isPaused: boolean
}

export interface EditsOptions {
  cache: Cache
  clock: Clock
  request: Request
  isLive: () => boolean
  content: ReadonlyMap<string, unknown>
  /** The hub has it: the message as it is now. */
  onDone: (chatId: string, message: Output<'messages.edit'>['message']) => void
  /** The hub does not want it. Answers false where it cannot be given back now: then it waits for that. */
  onRefused: (edit: Edit, error: RequestError) => boolean
}

const defaultRetryDelayMs = 2_000

export class Edits {
  readonly #options: EditsOptions
  readonly #edits = new SignalMap<Edit>()
  readonly #sending = new Set<string>()
  readonly #pauseTimer: Timer
  #closed = false

  constructor(options: EditsOptions) {
    this.#options = options
    this.#pauseTimer = new Timer(options.clock)
    this.#edits.replace(options.content as ReadonlyMap<string, Edit>)
  }

  /** By message. */
  readonly all: ReadonlySignal<ReadonlyMap<string, Edit>> = computed(
    () => new Map(this.#edits.values.value.map((edit) => [edit.id, edit])),
  )

  async save(edit: Omit<Edit, 'isPaused'>): Promise<void> {
    const kept = { ...edit, isPaused: !this.#options.isLive() }
    this.#edits.set(edit.id, kept)
    await this.#options.cache.write('edits', edit.id, kept)
    this.drain()
  }

  /** Sends what waits, as far as the link is live. */
  drain(): void {
    if (this.#closed || !this.#options.isLive() || this.#pauseTimer.isSet) return
    for (const id of this.#edits.keys()) if (!this.#sending.has(id)) void this.#send(id)
  }

  /** The link is gone. */
  pauseAll(): void {
    for (const edit of this.#edits.values.peek()) {
      if (!edit.isPaused) this.#edits.set(edit.id, { ...edit, isPaused: true })
    }
  }

  /** I am no longer in this chat. */
  onChatLeft(chatId: string): void {
    for (const edit of this.#edits.values.peek()) if (edit.chatId === chatId) this.#remove(edit.id)
  }

  close(): void {
    this.#closed = true
    this.#pauseTimer.clear()
  }

  async #send(id: string): Promise<void> {
    this.#sending.add(id)
    try {
      for (;;) {
        const kept = await this.#options.cache.read<Edit>('edits')
        const edit = this.#edits.peek(id)
        if (!edit || this.#closed) return
        // another tab has seen to it
        if (kept && !kept.has(id)) return this.#edits.delete(id)
        if (await this.#sendOnce(edit)) return
      }
    } finally {
      this.#sending.delete(id)
    }
  }

  /** Answers whether there is no more to send now. */
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
      this.#remove(id)
    } catch (error) {
      if (!isRequestError(error)) throw error
      this.#onRefused(edit, error)
    }
    return true
  }

  #onRefused(edit: Edit, error: RequestError): void {
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
        if (this.#options.onRefused(later, error)) this.#remove(edit.id)
        else this.#edits.set(edit.id, { ...later, isPaused: true })
    }
  }

  #remove(id: string): void {
    this.#edits.delete(id)
    void this.#options.cache.write('edits', id, undefined)
  }
}
