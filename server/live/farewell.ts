import { closeCodes } from '../../shared/contract/live.ts'
import type { Live } from './live.ts'

/** A client that reconnects sooner may reach a computer that is not asleep yet, and hang. */
const sleepReconnectMs = 15_000
const minReconnectMs = 200

/** The computer is going to sleep: closes all sockets, so that clients need not detect it by a timeout. */
export function closeForSleep(live: Live): void {
  for (const connection of [...live.connections()])
    connection.close(closeCodes.restarting, 'asleep', { after: sleepReconnectMs })
  live.flush()
}

/** Closes all sockets, each with another reconnect delay. `random` returns from 0 up to below 1. */
export function closeForRestart(live: Live, random: () => number): void {
  const spread = 500 + Math.min(30_000, live.connectionCount * 10)
  for (const connection of [...live.connections()]) {
    const after = Math.round(minReconnectMs + random() * spread)
    connection.close(closeCodes.restarting, 'restarting', { after })
  }
  live.flush()
}
