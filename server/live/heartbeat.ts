import { liveTimings } from '../../shared/contract/live.ts'
import type { Connection } from './connection.ts'

/**
 * Pings each connection at its own time: to ping tens of thousands at once would block the loop.
 * @param now monotonic ms
 */
export function pingDue(connections: Iterable<Pick<Connection, 'lastPingAt' | 'ping'>>, now: number): void {
  for (const one of connections) if (now - one.lastPingAt >= liveTimings.pingIntervalMs) one.ping(now)
}

export function terminateDead(connections: Iterable<Connection>): void {
  const now = performance.now()
  for (const one of [...connections])
    if (now - one.lastReceivedAt > liveTimings.connectionTimeoutMs) one.terminate()
}
