import type { Entry } from '../../shared/contract/entries.ts'
import type { Presence } from '../../shared/contract/values.ts'
import type { Request } from '../connection/request.ts'
import type { LiveHint, LiveState, Store } from './store.ts'
import { SignalMap } from '../signals/signal-map.ts'

export type PresenceState = Presence | 'offline'

/** Presence of all users. Leases: nothing of it is cached, and each state brings all of it. */
export class PresenceStore implements Store {
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

  /** When the user was last online, milliseconds since 1970; undefined if that is not known. Watched. */
  lastSeen(userId: string): number | undefined {
    return this.#lastSeen.get(userId)
  }

  /**
   * Fetches presence and last-seen time of one user, for their card. Returns the groups that both are in, and the user's
   * time zone. @throws RequestError
   */
  async fetch(userId: string): Promise<{ groups: readonly string[]; zone: string | undefined }> {
    const { presence, lastSeen, groups, zone } = await this.#request('users.get', { userId })
    this.#set(userId, presence, lastSeen)
    return { groups, zone }
  }

  applyHint(hint: LiveHint): void {
    if (hint.t === 'presence') this.#set(hint.user, hint.state, hint.lastSeen)
    else if (hint.t === 'behind') this.#states.replace(Object.entries(hint.presence))
  }

  applyState({ presence }: LiveState): void {
    this.#states.replace(Object.entries(presence))
  }

  /** A user who hides their own last-seen time does not see it of others. */
  applyEntry(entry: Entry): void {
    if (entry.type === 'settings.updated' && entry.changes.hideLastSeen) this.#lastSeen.clear()
  }

  /** Without the hub nobody is known to be online. */
  onConnectionLost(): void {
    this.#states.clear()
  }

  #set(userId: string, state: PresenceState, lastSeen?: number): void {
    if (state === 'offline') this.#states.delete(userId)
    else this.#states.set(userId, state)
    // Left out while they are online, and if they hide it.
    if (lastSeen === undefined) this.#lastSeen.delete(userId)
    else this.#lastSeen.set(userId, lastSeen)
  }
}
