import type { FastifyBaseLogger } from 'fastify'
import { storeDelivered, storeRead } from './chats/receipts.ts'
import type { HubContext } from './context.ts'
import { prepared } from './db/prepared.ts'
import type { Locks } from './db/store.ts'
import { Live } from './live/live.ts'
import { type Operation, runOperation } from './operation.ts'
import { findSessionLocks, renewSessions } from './sessions/sessions.ts'
import { readHeads } from './socket/state.ts'

/** @param hub is called only after the hub has been assembled */
export function createLive(
  { clock, log }: { clock: () => number; log: FastifyBaseLogger },
  hub: () => HubContext,
): Live {
  const background = <T>(run: (op: Operation) => Promise<T>, locks: Locks = []): Promise<T> =>
    runOperation(hub(), { locks }, run)
  return new Live({
    clock,
    readHeads: (userId) => hub().turns.run(userId, () => hub().store.read((db) => readHeads(db, userId))),
    storeRead: (receipts) => storeRead(hub(), receipts),
    storeDelivered: (deliveries) => storeDelivered(hub(), deliveries),
    saveLastSeen: (seen) => {
      background((op) => saveLastSeen(op, seen)).catch((error: unknown) =>
        log.warn({ err: error }, 'last seen was not saved'),
      )
    },
    renewSessions: (sessionIds) => {
      if (sessionIds.length === 0) return
      background(
        (op) => renewSessions(op, sessionIds),
        (db) => findSessionLocks(db, sessionIds),
      ).catch((error: unknown) => log.warn({ err: error }, 'sessions were not renewed'))
    },
    onOwned: () => {
      hub().setupCode = ''
    },
    chargeUser: (userId, ms) => hub().turns.charge(userId, ms),
    onError: (error) => log.error({ err: error }, 'live'),
  })
}

async function saveLastSeen({ db }: Operation, seen: Map<string, number>): Promise<void> {
  for (const [id, lastSeenAt] of seen) await setLastSeen(db, { id, lastSeenAt })
}

/** Runs once a minute for all connected users. */
const setLastSeen = prepared((db, p: { id: string; lastSeenAt: number }) =>
  db.updateTable('user').set({ lastSeenAt: p.lastSeenAt }).where('id', '=', p.id),
)
