import { setTimeout as sleep } from 'node:timers/promises'
import { closeCodes } from '../../shared/contract/live.ts'
import type { Connection } from './connection.ts'
import type { Live } from './live.ts'

/** A client that reconnects sooner may reach a computer that is not asleep yet, and hang. */
const sleepReconnectMs = 15_000
const minReconnectMs = 200
const elsewhereSpreadMs = 500
const elsewhereStepMs = 50

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

/** Another process is there: closes the socket once its requests are answered. */
export function closeForElsewhere(connection: Connection): void {
  const after = Math.round(minReconnectMs + Math.random() * elsewhereSpreadMs)
  connection.closeWhenAnswered(closeCodes.restarting, 'restarting', { after })
}

/** The same for all sockets, spread over this time. */
export async function sendElsewhere(live: Live, ms: number): Promise<void> {
  const until = performance.now() + ms
  for (;;) {
    const waiting = [...live.connections()].filter(({ isLeaving }) => !isLeaving)
    if (waiting.length === 0) break
    const steps = Math.max(1, (until - performance.now()) / elsewhereStepMs)
    for (const connection of waiting.slice(0, Math.ceil(waiting.length / steps)))
      closeForElsewhere(connection)
    await sleep(elsewhereStepMs)
  }
  // some still wait for a response
  while (live.connectionCount > 0 && performance.now() < until) await sleep(elsewhereStepMs)
}
