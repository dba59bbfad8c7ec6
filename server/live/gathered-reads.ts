import { notFound } from '../../shared/errors.ts'
import { type AuthenticatedCaller, notLoggedIn } from '../caller.ts'
import type { Receipt } from './receipt.ts'

/*
 * Read receipts that users send, gathered: with many users they are the most frequent write. Invariants:
 *
 * 1. A request is answered after the commit of the operation that has stored its receipt.
 * 2. While they are few, they are stored with the turn of the loop in which they came. Only if there are many do they wait,
 *    and never longer than `gatherMs`.
 * 3. `settled` stores what waits of a user at once: the next write of the user begins after it.
 */

const gatherMs = 200
/** In `gatherMs`; of fewer nothing would be gained. */
const fewReceipts = 20
/** In one operation, so that its statements stay short. */
const maxReceipts = 500

interface Waiting {
  caller: AuthenticatedCaller
  receipt: Receipt
  resolve: (stored: { readNo: number }) => void
  reject: (error: unknown) => void
}

export class GatheredReads {
  readonly #store: (receipts: Receipt[]) => Promise<Receipt[]>
  #waiting: Waiting[] = []
  /** Of each user, until the operation has ended. */
  readonly #settling = new Map<string, Promise<unknown>>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #turn: ReturnType<typeof setImmediate> | undefined
  #windowStart = 0
  #windowCount = 0
  #wereMany = false

  /** @param store resolves with what is stored now, without receipts of users who are no members of their chat */
  constructor(store: (receipts: Receipt[]) => Promise<Receipt[]>) {
    this.#store = store
  }

  /** @throws HubError `not_found` if the user is no member of the chat */
  read(caller: AuthenticatedCaller, chatId: string, no: number): Promise<{ readNo: number }> {
    const { userId } = caller.viewer
    const { promise, resolve, reject } = Promise.withResolvers<{ readNo: number }>()
    this.#waiting.push({ caller, receipt: { chatId, userId, no }, resolve, reject })
    this.#settling.set(userId, promise)
    // forgotten a turn later, so that a write that comes in between follows those that waited for it
    const forget = (): void => {
      setImmediate(() => {
        if (this.#settling.get(userId) === promise) this.#settling.delete(userId)
      })
    }
    promise.then(forget, forget)
    this.#schedule()
    return promise
  }

  /** Resolves once the receipts of the user are stored or refused; undefined if none waits. */
  settled(userId: string): Promise<void> | undefined {
    const settling = this.#settling.get(userId)
    if (!settling) return undefined
    if (this.#waiting.some(({ receipt }) => receipt.userId === userId)) void this.flush()
    return settling.then(
      () => undefined,
      () => undefined,
    )
  }

  /** Stores all that waits. Never rejects: each request gets its own error. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    clearImmediate(this.#turn)
    this.#timer = this.#turn = undefined
    const waiting = this.#waiting
    this.#waiting = []
    const parts: Promise<void>[] = []
    for (let at = 0; at < waiting.length; at += maxReceipts)
      parts.push(this.#storePart(waiting.slice(at, at + maxReceipts)))
    await Promise.all(parts)
  }

  #schedule(): void {
    const now = performance.now()
    const age = now - this.#windowStart
    if (age >= gatherMs) {
      this.#wereMany = age < 2 * gatherMs && this.#windowCount > fewReceipts
      this.#windowStart = now
      this.#windowCount = 0
    }
    this.#windowCount += 1
    if (this.#timer || this.#turn) return
    if (this.#wereMany) this.#timer = setTimeout(() => void this.flush(), gatherMs)
    else this.#turn = setImmediate(() => void this.flush())
  }

  async #storePart(all: readonly Waiting[]): Promise<void> {
    const waiting: Waiting[] = []
    for (const one of all) {
      // the session may have ended meanwhile
      if (one.caller.isCancelled?.()) one.reject(notLoggedIn())
      else waiting.push(one)
    }
    if (waiting.length === 0) return
    const highest = new Map<string, Receipt>()
    for (const { receipt } of waiting)
      if ((highest.get(keyOf(receipt))?.no ?? -1) < receipt.no) highest.set(keyOf(receipt), receipt)
    try {
      const stored = await this.#store([...highest.values()])
      const numbers = new Map(stored.map((receipt) => [keyOf(receipt), receipt.no]))
      for (const { receipt, resolve, reject } of waiting) {
        const readNo = numbers.get(keyOf(receipt))
        if (readNo === undefined) reject(notFound('This chat'))
        else resolve({ readNo })
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }
}

function keyOf({ chatId, userId }: Receipt): string {
  return `${chatId}:${userId}`
}
