import type { Entry } from '../../shared/contract/entries.ts'
import type { ToHub } from '../../shared/contract/live.ts'
import { limits, type Presence } from '../../shared/contract/values.ts'
import type { Clock } from '../connection/platform.ts'
import type { Request } from '../connection/request.ts'
import { Timer } from '../connection/timer.ts'
import type { LiveHint, LiveState, Store } from './store.ts'
import { SignalMap } from '../signals/signal-map.ts'

export type PresenceState = Presence | 'offline'

export interface PresenceOptions {
  request: Request
  clock: Clock
  send: (message: ToHub) => void
}

/** At most one `watch` in this time. */
const watchDelayMs = 500
/** Asked for within this time: it is on screen, or was a moment ago. */
const shownMs = 5_000

/**
 * Presence of users. Leases: nothing of it is cached, and each state brings all of it. A large hub tells that of the users in
 * small chats only, and of those that were asked for last: what is drawn is on screen.
 */
export class PresenceStore implements Store {
  readonly #options: PresenceOptions
  readonly #watchTimer: Timer
  /** When each was last asked for, the oldest first. */
  readonly #wanted = new Map<string, number>()
  #isPartial = false
  readonly #states = new SignalMap<Presence>()
  readonly #lastSeen = new SignalMap<number>()

  constructor(options: PresenceOptions) {
    this.#options = options
    this.#watchTimer = new Timer(options.clock)
  }

  /** Watched. */
  of(userId: string): PresenceState {
    if (this.#isPartial) this.#want(userId)
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
    const { presence, lastSeen, groups, zone } = await this.#options.request('users.get', { userId })
    this.#set(userId, presence, lastSeen)
    return { groups, zone }
  }

  applyHint(hint: LiveHint): void {
    if (hint.t === 'presence') this.#set(hint.user, hint.state, hint.lastSeen)
    else if (hint.t === 'behind') this.#states.replace(Object.entries(hint.presence))
  }

  applyState({ presence, wants }: LiveState): void {
    this.#isPartial = wants?.includes('interest') ?? false
    this.#states.replace(Object.entries(presence))
  }

  onState(): void {
    if (this.#isPartial && this.#wanted.size > 0) this.#watch()
  }

  close(): void {
    this.#watchTimer.clear()
  }

  /** A user who hides their own last-seen time does not see it of others. */
  applyEntry(entry: Entry): void {
    if (entry.type === 'settings.updated' && entry.changes.hideLastSeen) this.#lastSeen.clear()
  }

  /** Without the hub nobody is known to be online. */
  onConnectionLost(): void {
    this.#states.clear()
  }

  #want(userId: string): void {
    const now = this.#options.clock.now()
    const isKnown = this.#wanted.delete(userId)
    if (!isKnown && this.#wanted.size >= limits.watchedUsers) {
      const [oldest, askedAt] = this.#wanted.entries().next().value ?? ['', 0]
      // more than can be watched are on screen: the first of them stay
      if (now - askedAt < shownMs) return
      this.#wanted.delete(oldest)
    }
    this.#wanted.set(userId, now)
    if (!isKnown) this.#watchTimer.setIfUnset(watchDelayMs, () => this.#watch())
  }

  #watch(): void {
    this.#options.send({ t: 'watch', users: [...this.#wanted.keys()] })
  }

  #set(userId: string, state: PresenceState, lastSeen?: number): void {
    if (state === 'offline') this.#states.delete(userId)
    else this.#states.set(userId, state)
    // Left out while they are online, and if they hide it.
    if (lastSeen === undefined) this.#lastSeen.delete(userId)
    else this.#lastSeen.set(userId, lastSeen)
  }
}
