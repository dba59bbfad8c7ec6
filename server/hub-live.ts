import type { FastifyBaseLogger } from 'fastify'
import { sql } from 'kysely'
import { storeDelivered, storeRead } from './chats/receipts.ts'
import type { HubContext } from './context.ts'
import { receiptRows } from './db/dialect.ts'
import type { Locks } from './db/store.ts'
import { Live } from './live/live.ts'
import { type Operation, runOperation } from './operation.ts'
import { findSessionLocks, renewSessions } from './sessions/sessions.ts'
import { readHeads } from './socket/state.ts'

const usersPerSave = 500

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
      // in one order: two processes may have connections of the same users
      const users = [...seen].toSorted(([a], [b]) => (a < b ? -1 : 1))
      for (let at = 0; at < users.length; at += usersPerSave)
        background((op) => saveLastSeen(op, users.slice(at, at + usersPerSave))).catch((error: unknown) =>
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
    onClockConfirmed: () => confirmClock(hub()),
    chargeUser: (userId, ms) => hub().turns.charge(userId, ms),
    onError: (error) => log.error({ err: error }, 'live'),
  })
}

/** Of this process. What waited for it is deleted now. */
function confirmClock({ time, jobs }: HubContext): void {
  time.confirm()
  for (const job of ['messages.expire', 'groups.purge', 'uploads.expire'] as const) jobs.runSoon(job)
}

async function saveLastSeen({ db }: Operation, seen: [userId: string, at: number][]): Promise<void> {
  const rows = receiptRows(JSON.stringify(seen.map(([userId, at]) => ['', userId, at])))
  await sql`update "user" set last_seen_at = seen.no from ${rows} as seen where "user".id = seen.user_id`.execute(
    db,
  )
}
