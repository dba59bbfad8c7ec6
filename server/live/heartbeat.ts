import { liveTimings } from '../../shared/contract/live.ts'
import type { Connection } from './connection.ts'

/**
 * Pings each connection at its own time: to ping tens of thousands at once would block the loop.
 * @param now monotonic ms
 */
export function pingDue(connections: Iterable<Pick<Connection, 'lastPingAt' | 'ping'>>, now: number): void {
  for (const one of connections) if (now - one.lastPingAt >= liveTimings.pingIntervalMs) one.ping(now)
}

export const deadCheckIntervalMs = 5_000

/** Ends connections that have not answered for a long time. */
export class DeadCheck {
  #checkedAt: number | undefined

  /**
   * Does nothing if this process itself has been stopped: what its clients have answered is read after it.
   * @param now monotonic ms
   */
  run(connections: Iterable<Pick<Connection, 'lastReceivedAt' | 'terminate'>>, now: number): void {
    const wasStopped = now - (this.#checkedAt ?? now) > 2 * deadCheckIntervalMs
    this.#checkedAt = now
    if (wasStopped) return
    for (const one of [...connections])
      if (now - one.lastReceivedAt > liveTimings.connectionTimeoutMs) one.terminate()
  }
}
