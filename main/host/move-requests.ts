import type { FromHubProcess, ToHubProcess } from '../../shared/hub-process-messages.ts'
import type { Clock, Timer } from '../ports.ts'
import { ShellError } from '../shell-error.ts'

type MoveReply = Extract<FromHubProcess, { t: 'moved' | 'not-moved' }>

interface Pending {
  resolve: (name: string) => void
  reject: (error: Error) => void
  timer: Timer
}

/** The hub itself gives up sooner; this is for a process that hangs. A standby that takes over starts a hub. */
const timeoutsMs = { 'hand-over': 15_000, 'take-over': 120_000 } as const
const silence = {
  'hand-over': 'The other computer did not answer.',
  'take-over': 'This computer has not become the hub in time. See the log.',
} as const

/** Requests to the hub's process to move the hub, matched to their replies. */
export class MoveRequests {
  readonly #send: (message: ToHubProcess) => void
  readonly #clock: Clock
  readonly #pending = new Map<number, Pending>()
  #nextId = 1

  constructor(send: (message: ToHubProcess) => void, clock: Clock) {
    this.#send = send
    this.#clock = clock
  }

  /** Resolves with the name of the computer that is the hub now. @throws ShellError with the reason */
  request(what: 'hand-over' | 'take-over'): Promise<string> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => this.#fail(id, silence[what]), timeoutsMs[what])
      this.#pending.set(id, { resolve, reject, timer })
      this.#send({ t: what, id })
    })
  }

  handleReply(reply: MoveReply): void {
    if (reply.t === 'moved') this.#take(reply.id)?.resolve(reply.to)
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
