import { liveTimings, type FromHub } from '../../shared/contract/live.ts'
import type { Presence as State } from '../../shared/contract/values.ts'

/*
 * Leases: who is here, by their open connections. Nothing of it is stored but "last seen", so nothing is to repair
 * after a crash. A person is as present as their most active window; offline is told only after a while, so that a
 * reload does not flicker.
 */

export type PresenceFrame = Extract<FromHub, { t: 'presence' }>

export interface PresenceOptions {
  clock: () => number
  /** Tells everybody, once a second at most. */
  publish: (changes: PresenceFrame[]) => void
  /** Keeps "last seen" for a restart. */
  save: (seen: Map<string, number>) => void
}

interface Lease {
  connections: Map<object, State>
  /** Told to others. */
  publishedState: State | 'offline'
  /** Somebody got a list since then with something else in it: whatever comes of it is told. */
  needsPublish: boolean
  lastSeen: number
  offlineTimer: ReturnType<typeof setTimeout> | undefined
}

export class Presence {
  readonly #options: PresenceOptions
  readonly #leases = new Map<string, Lease>()
  readonly #changedUsers = new Set<string>()
  readonly #unsaved = new Map<string, number>()
  /** Who is here as JSON, until somebody's presence changes: a thousand who come back at once each ask for all. */
  #snapshotJson: Buffer | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: PresenceOptions) {
    this.#options = options
  }

  /** A connection is there, active or idle. */
  setConnectionState(userId: string, connection: object, state: State): void {
    const before = this.stateOf(userId)
    let lease = this.#leases.get(userId)
    if (!lease) {
      lease = {
        connections: new Map(),
        publishedState: 'offline',
        needsPublish: false,
        lastSeen: this.#options.clock(),
        offlineTimer: undefined,
      }
      this.#leases.set(userId, lease)
    }
    clearTimeout(lease.offlineTimer)
    lease.offlineTimer = undefined
    lease.connections.set(connection, state)
    if (this.stateOf(userId) !== before) this.#snapshotJson = undefined
    this.#schedulePublish(userId)
  }

  removeConnection(userId: string, connection: object): void {
    const lease = this.#leases.get(userId)
    if (!lease?.connections.delete(connection)) return
    this.#snapshotJson = undefined
    lease.lastSeen = this.#options.clock()
    this.#unsaved.set(userId, lease.lastSeen)
    if (lease.connections.size > 0) {
      this.#schedulePublish(userId)
      return
    }
    lease.offlineTimer = setTimeout(() => {
      lease.offlineTimer = undefined
      this.#snapshotJson = undefined
      this.#schedulePublish(userId)
    }, liveTimings.offlineDelayMs)
    lease.offlineTimer.unref()
    if (lease.needsPublish) this.#schedulePublish(userId)
  }

  stateOf(userId: string): State | 'offline' {
    const lease = this.#leases.get(userId)
    if (!lease) return 'offline'
    if (lease.connections.size === 0)
      return lease.offlineTimer && lease.publishedState !== 'offline' ? lease.publishedState : 'offline'
    return [...lease.connections.values()].includes('active') ? 'active' : 'idle'
  }

  /** Since this start of the hub; what was before is in the user's row. */
  lastSeenOf(userId: string): number | undefined {
    const lease = this.#leases.get(userId)
    return lease && (lease.connections.size > 0 ? this.#options.clock() : lease.lastSeen)
  }

  /** What stands behind a message that ends with `presence`, see `open`: everybody who is not offline. */
  readonly snapshotSuffix = (): Buffer => {
    if (this.#snapshotJson === undefined) {
      const all: Record<string, State> = {}
      for (const [userId, lease] of this.#leases) {
        const state = this.stateOf(userId)
        if (state === 'offline') continue
        all[userId] = state
        if (state !== lease.publishedState) lease.needsPublish = true
      }
      this.#snapshotJson = Buffer.from(`${JSON.stringify(all)}}`)
    }
    return this.#snapshotJson
  }

  /** A message as JSON up to its `presence`. */
  messagePrefix(message: Omit<Extract<FromHub, { presence: unknown }>, 'presence'>): string {
    return `${JSON.stringify(message).slice(0, -1)},"presence":`
  }

  /** Called once a minute and at the end: those who are here were seen now. */
  saveLastSeen(): void {
    const now = this.#options.clock()
    for (const [userId, lease] of this.#leases) if (lease.connections.size > 0) this.#unsaved.set(userId, now)
    if (this.#unsaved.size === 0) return
    this.#options.save(new Map(this.#unsaved))
    this.#unsaved.clear()
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const lease of this.#leases.values()) clearTimeout(lease.offlineTimer)
  }

  #schedulePublish(userId: string): void {
    this.#changedUsers.add(userId)
    if (this.#timer) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#publishChanges()
    }, liveTimings.presenceIntervalMs)
    this.#timer.unref()
  }

  #publishChanges(): void {
    const changes: PresenceFrame[] = []
    for (const userId of this.#changedUsers) {
      const lease = this.#leases.get(userId)
      if (!lease) continue
      const state = this.stateOf(userId)
      if (state === lease.publishedState && !lease.needsPublish) continue
      lease.publishedState = state
      lease.needsPublish = false
      this.#snapshotJson = undefined
      changes.push({
        t: 'presence',
        user: userId,
        state,
        ...(state === 'offline' ? { lastSeen: lease.lastSeen } : {}),
      })
    }
    this.#changedUsers.clear()
    if (changes.length > 0) this.#options.publish(changes)
  }
}
