import type { FromHubProcess, ToHubProcess } from '../../shared/hub-process-messages.ts'
import type { Clock, Timer } from '../ports.ts'
import { ShellError } from '../shell-error.ts'

type HandOverReply = Extract<FromHubProcess, { t: 'handed-over' | 'not-handed-over' }>

interface Pending {
  resolve: (name: string) => void
  reject: (error: Error) => void
  timer: Timer
}

/** The hub itself gives up sooner; this is for a process that hangs. */
const timeoutMs = 15_000

/** Requests to the hub's process to hand the hub over, matched to their replies. */
export class HandOverRequests {
  readonly #send: (message: ToHubProcess) => void
  readonly #clock: Clock
  readonly #pending = new Map<number, Pending>()
  #nextId = 1

  constructor(send: (message: ToHubProcess) => void, clock: Clock) {
    this.#send = send
    this.#clock = clock
  }

  /** Resolves with the name of the computer that is the hub now. @throws ShellError with the reason */
  request(): Promise<string> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(
        () => this.#fail(id, 'The other computer did not answer.'),
        timeoutMs,
      )
      this.#pending.set(id, { resolve, reject, timer })
      this.#send({ t: 'hand-over', id })
    })
  }

  handleReply(reply: HandOverReply): void {
    if (reply.t === 'handed-over') this.#take(reply.id)?.resolve(reply.to)
    else this.#fail(reply.id, reply.sentence)
  }

  /** The process has ended. */
  rejectAll(): void {
    for (const id of [...this.#pending.keys()]) this.#fail(id, 'The hub has stopped in the meantime.')
  }

  #fail(id: number, sentence: string): void {
    this.#take(id)?.reject(new ShellError('conflict', sentence))
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (pending) this.#clock.clearTimeout(pending.timer)
    return pending
  }
}
