import type { Lease } from '../db/cluster-link.ts'
import { type Presence, RemoteConnection } from './presence.ts'
import type { Zones } from './zones.ts'

/** Another process of the hub, with what it says of its users. */
export class RemoteProcess extends RemoteConnection {
  readonly leases = new Map<string, Lease>()
}

/**
 * The users of all other processes of the hub. Each process is the only authority for its own connections; for presence it
 * is one connection of each of its users.
 */
export class RemoteUsers {
  readonly #presence: Presence
  readonly #zones: Zones
  readonly #processes = new Set<RemoteProcess>()

  constructor(presence: Presence, zones: Zones) {
    this.#presence = presence
    this.#zones = zones
  }

  /** @param isAll users who are not listed have no connection there */
  set(process: RemoteProcess, users: Readonly<Record<string, Lease>>, isAll: boolean): void {
    this.#processes.add(process)
    if (isAll)
      for (const userId of [...process.leases.keys()]) if (!(userId in users)) this.#remove(process, userId)
    for (const [userId, lease] of Object.entries(users)) {
      if (lease.connections === 0) this.#remove(process, userId)
      else this.#put(process, userId, lease)
    }
  }

  /** The process has ended. */
  forget(process: RemoteProcess): void {
    this.set(process, {}, true)
    this.#processes.delete(process)
  }

  connectionCountOf(userId: string): number {
    return this.#leasesOf(userId).reduce((sum, { connections }) => sum + connections, 0)
  }

  sessionsOf(userId: string): string[] {
    return this.#leasesOf(userId).flatMap(({ sessions }) => sessions)
  }

  #put(process: RemoteProcess, userId: string, lease: Lease): void {
    const before = process.leases.get(userId)
    process.leases.set(userId, lease)
    // the zone of the connection that came last
    if (lease.zone !== before?.zone) this.#zones.set(userId, lease.zone)
    if (lease.state !== 'offline') this.#presence.setConnectionState(userId, process, lease.state)
    // connections that only read are not present
    else if (before && before.state !== 'offline') this.#presence.removeConnection(userId, process)
  }

  #remove(process: RemoteProcess, userId: string): void {
    process.leases.delete(userId)
    this.#presence.removeConnection(userId, process)
  }

  #leasesOf(userId: string): Lease[] {
    return [...this.#processes].flatMap(({ leases }) => leases.get(userId) ?? [])
  }
}
