import type { Presence } from '../../shared/contract/values.ts'
import type { Request } from '../connection/request.ts'
import { SignalMap } from '../signals/signal-map.ts'

export type PresenceState = Presence | 'offline'

/** Who is here. Leases: nothing of it is kept, and each `state` tells it anew. */
export class PresenceStore {
  readonly #request: Request
  readonly #states = new SignalMap<Presence>()
  readonly #lastSeen = new SignalMap<number>()

  constructor(request: Request) {
    this.#request = request
  }

  /** Watched. */
  of(userId: string): PresenceState {
    return this.#states.get(userId) ?? 'offline'
  }

  /** When they were last here, milliseconds since 1970, as far as it is known. Watched. */
  lastSeen(userId: string): number | undefined {
    return this.#lastSeen.get(userId)
  }

  /** Asks the hub for presence and last seen of one person, for their card. Throws RequestError. */
  async fetch(userId: string): Promise<void> {
    const { presence, lastSeen } = await this.#request('users.get', { userId })
    this.apply(userId, presence, lastSeen)
  }

  apply(userId: string, state: PresenceState, lastSeen?: number): void {
    if (state === 'offline') this.#states.delete(userId)
    else this.#states.set(userId, state)
    // not told: they are here, or it is not for me to know any more
    if (lastSeen === undefined) this.#lastSeen.delete(userId)
    else this.#lastSeen.set(userId, lastSeen)
  }

  applyAll(states: Readonly<Record<string, Presence>>): void {
    this.#states.replace(Object.entries(states))
  }

  /** Who hides when they were here last sees it of nobody. */
  clearLastSeen(): void {
    this.#lastSeen.clear()
  }

  /** Without the hub nobody can be said to be here. */
  clear(): void {
    this.#states.clear()
  }
}
