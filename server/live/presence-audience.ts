import { limits } from '../../shared/contract/values.ts'
import type { ChatMembers } from './chat-members.ts'
import type { Connection } from './connection.ts'
import type { PresenceFrame } from './presence.ts'
import { presenceSegment } from './presence-segment.ts'

/*
 * Decides who learns of whom that they are present. Invariants:
 *
 * 1. A connection that has not asked for less gets the presence of all users.
 * 2. One that wants `interest` gets that of the users in its small chats, and of those that it watches.
 * 3. The time a user was last seen goes only to users who may see it.
 */
export class PresenceAudience {
  readonly #members: ChatMembers
  readonly #connections: ReadonlyMap<string, ReadonlySet<Connection>>
  readonly #watchers = new Map<string, Set<Connection>>()
  /** Ids of users who hide when they were last seen. */
  readonly #lastSeenHidden = new Set<string>()

  constructor(members: ChatMembers, connections: ReadonlyMap<string, ReadonlySet<Connection>>) {
    this.#members = members
    this.#connections = connections
  }

  publish(frames: readonly PresenceFrame[]): void {
    const isHidden = (userId: string): boolean => this.#lastSeenHidden.has(userId)
    const [all, less] = [presenceSegment(frames, isHidden), presenceSegment(frames, () => true)]
    let hasInterested = false
    for (const connections of this.#connections.values())
      for (const one of connections) {
        if (one.wants.has('interest')) hasInterested = true
        else one.sendHint(isHidden(one.viewer.userId) ? less : all)
      }
    if (hasInterested) this.#publishToInterested(frames)
  }

  #publishToInterested(frames: readonly PresenceFrame[]): void {
    const framesOf = new Map<Connection, PresenceFrame[]>()
    for (const frame of frames)
      for (const connection of this.#interestedIn(frame.user)) {
        const own = framesOf.get(connection)
        if (own) own.push(frame)
        else framesOf.set(connection, [frame])
      }
    for (const [connection, own] of framesOf) connection.sendHint(this.segmentFor(connection, own))
  }

  /** What this connection may see of these frames. */
  segmentFor({ viewer }: Connection, frames: readonly PresenceFrame[]) {
    return presenceSegment(frames, (userId) => !this.canSeeLastSeen(viewer.userId, userId))
  }

  #interestedIn(userId: string): Set<Connection> {
    const found = new Set(this.#watchers.get(userId))
    for (const other of this.usersNear(userId))
      for (const connection of this.#connections.get(other) ?? [])
        if (connection.wants.has('interest')) found.add(connection)
    return found
  }

  /** The users in the small chats of a user, and the user. */
  usersNear(userId: string): Set<string> {
    const near = new Set([userId])
    for (const chatId of this.#members.chatsOf(userId)) {
      const members = this.#members.of(chatId)
      if (members && members.size <= limits.smallChatMembers) for (const one of members) near.add(one)
    }
    return near
  }

  /** The users whose presence the state of this connection tells. */
  usersFor(connection: Connection): Set<string> {
    const users = this.usersNear(connection.viewer.userId)
    for (const userId of connection.watched) users.add(userId)
    return users
  }

  /** Replaces the users that a connection watches. */
  watch(connection: Connection, userIds: readonly string[]): void {
    this.forget(connection)
    connection.watched = new Set(userIds)
    for (const userId of connection.watched) {
      const watchers = this.#watchers.get(userId)
      if (watchers) watchers.add(connection)
      else this.#watchers.set(userId, new Set([connection]))
    }
  }

  forget(connection: Connection): void {
    for (const userId of connection.watched) {
      const watchers = this.#watchers.get(userId)
      if (watchers?.delete(connection) && watchers.size === 0) this.#watchers.delete(userId)
    }
    connection.watched = new Set()
  }

  /** Returns the users who hide it now or in this set, but not in both. @param among these users only */
  findChangedHiding(userIds: ReadonlySet<string>, among?: ReadonlySet<string>): ReadonlySet<string> {
    const changed = this.#lastSeenHidden.symmetricDifference(userIds)
    return among ? changed.intersection(among) : changed
  }

  setLastSeenHidden(userId: string, hides: boolean): void {
    if (hides) this.#lastSeenHidden.add(userId)
    else this.#lastSeenHidden.delete(userId)
  }

  /**
   * Returns true if the viewer may see when the user was last seen. A user who hides their own time sees no
   * other's.
   */
  canSeeLastSeen(viewerId: string, userId: string): boolean {
    return viewerId === userId || !(this.#lastSeenHidden.has(viewerId) || this.#lastSeenHidden.has(userId))
  }
}
