import { liveTimings, type FromHub } from '../../shared/contract/live.ts'
import type { Presence as State } from '../../shared/contract/values.ts'

/*
 * Presence: leases that open connections hold. Invariants:
 *
 * 1. Only "last seen" is stored, so nothing needs repair after a crash.
 * 2. A user is as present as their most active connection.
 * 3. "Offline" is published only after a delay, so that a reload of the page does not flicker.
 */

export type PresenceFrame = Extract<FromHub, { t: 'presence' }>

export interface PresenceOptions {
  clock: () => number
  /** Publishes changes to all users, at most once a second. */
  publish: (changes: PresenceFrame[]) => void
  /** Stores "last seen" for the next start of the hub. */
  save: (seen: Map<string, number>) => void
}

/** All connections of a user to another process of the hub, as one. */
export abstract class RemoteConnection {
  readonly isRemote = true
}

interface Lease {
  connections: Map<object, State>
  /** The state that was last published. */
  publishedState: State | 'offline'
  /** A client got a snapshot with another state since then, so the next state must be published. */
  needsPublish: boolean
  lastSeen: number
  offlineTimer: ReturnType<typeof setTimeout> | undefined
}

export class Presence {
  readonly #options: PresenceOptions
  readonly #leases = new Map<string, Lease>()
  readonly #changedUsers = new Set<string>()
  readonly #unsaved = new Map<string, number>()
  /**
   * The presence of all users as JSON, until it changes: a thousand clients that reconnect at once each need it.
   */
  #snapshotJson: Buffer | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Called when the connections of this process have changed. */
  onLocalChange: ((userId: string) => void) | undefined

  constructor(options: PresenceOptions) {
    this.#options = options
  }

  /** Records that a connection is open, active or idle. */
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
    if (!(connection instanceof RemoteConnection)) this.onLocalChange?.(userId)
    if (this.stateOf(userId) !== before) this.#snapshotJson = undefined
    this.#schedulePublish(userId)
  }

  removeConnection(userId: string, connection: object): void {
    const lease = this.#leases.get(userId)
    if (!lease?.connections.delete(connection)) return
    this.#snapshotJson = undefined
    lease.lastSeen = this.#options.clock()
    if (!(connection instanceof RemoteConnection)) {
      this.onLocalChange?.(userId)
      this.#unsaved.set(userId, lease.lastSeen)
    }
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

  /** By the connections of this process alone. */
  localStateOf(userId: string): State | 'offline' {
    const connections = [...(this.#leases.get(userId)?.connections ?? [])]
    const states = connections.flatMap(([one, state]) => (one instanceof RemoteConnection ? [] : [state]))
    if (states.length === 0) return 'offline'
    return states.includes('active') ? 'active' : 'idle'
  }

  /** Returns true if the user has a connection, here or elsewhere. */
  isConnected(userId: string): boolean {
    return (this.#leases.get(userId)?.connections.size ?? 0) > 0
  }

  /** Returns when the user was last seen since this start of the hub; the user's row has the earlier time. */
  lastSeenOf(userId: string): number | undefined {
    const lease = this.#leases.get(userId)
    return lease && (lease.connections.size > 0 ? this.#options.clock() : lease.lastSeen)
  }

  /** The rest of a message that ends with `presence`, see `messagePrefix`: all users who are not offline. */
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

  /** The presence of those users that are not offline, as JSON. */
  snapshotOf(userIds: Iterable<string>): string {
    const present: Record<string, State> = {}
    for (const userId of userIds) {
      const state = this.#shownStateOf(userId)
      if (state !== 'offline') present[userId] = state
    }
    return JSON.stringify(present)
  }

  /** The presence of each of these users, as it is published after a change. */
  framesOf(userIds: readonly string[]): PresenceFrame[] {
    return userIds.map((user) => {
      const state = this.#shownStateOf(user)
      const lastSeen = state === 'offline' ? this.lastSeenOf(user) : undefined
      return { t: 'presence', user, state, ...(lastSeen === undefined ? {} : { lastSeen }) }
    })
  }

  /** A client learns this state: if it is not published yet, the next one is, even if it is the same as before. */
  #shownStateOf(userId: string): State | 'offline' {
    const state = this.stateOf(userId)
    const lease = this.#leases.get(userId)
    if (lease && state !== lease.publishedState) lease.needsPublish = true
    return state
  }

  /** Returns a message as JSON up to its `presence`. */
  messagePrefix(message: Omit<Extract<FromHub, { presence: unknown }>, 'presence'>): string {
    return `${JSON.stringify(message).slice(0, -1)},"presence":`
  }

  /** Saves when each user was last seen who has left this process since the last time, and the current time of those present. */
  saveLastSeen(isOfPresent = true): void {
    if (isOfPresent) this.#noteAllSeen()
    if (this.#unsaved.size === 0) return
    this.#options.save(new Map(this.#unsaved))
    this.#unsaved.clear()
  }

  /** Other processes save those that are connected to them. */
  #noteAllSeen(): void {
    const now = this.#options.clock()
    for (const userId of this.#leases.keys())
      if (this.localStateOf(userId) !== 'offline') this.#unsaved.set(userId, now)
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
