import { prepared } from '../db/prepared.ts'
import { sha256 } from '../ids.ts'
import type { Db } from '../db/schema.ts'
import type { Transaction } from '../db/store.ts'
import type { AuditAction } from '../../shared/contract/audit.ts'

/*
 * The audit log: administrative actions and sign-in attempts. It is append-only (a trigger refuses anything
 * else) and chained: the hash of each row covers the row before it, so a row that was changed or removed later shows.
 * It never holds message text or secrets: only ids, names of settings and numbers.
 */

export interface AuditEvent {
  action: AuditAction
  /** The user who acted; absent for an action without a session. */
  by?: string | undefined
  /** The target: a user, group, invite… */
  target?: string | undefined
  /** Network address, where it matters. */
  address?: string | undefined
  /** Only ids, numbers and texts of the hub itself. */
  detail?: Record<string, string | number | boolean> | undefined
}

/**
 * Records an action in the operation that performs it: the record exists exactly if the action does. The chain is
 * written just before COMMIT, after all operations of the batch: each row needs the hash of the row before it.
 */
export function audit(tx: Transaction, event: AuditEvent): void {
  const row = {
    at: tx.now,
    action: event.action,
    byId: event.by ?? null,
    target: event.target ?? null,
    address: event.address ?? null,
    detail: event.detail ? JSON.stringify(event.detail) : null,
  }
  tx.beforeCommit(async (db) => {
    const [last] = await lastRow(db, {})
    const chained = { id: (last?.id ?? 0) + 1, ...row }
    await insertRow(db, { ...chained, hash: chainHash(last?.hash, chained) })
  })
}

const lastRow = prepared((db, _: object) =>
  db.selectFrom('audit').select(['id', 'hash']).orderBy('id', 'desc').limit(1),
)

const insertRow = prepared((db, p: AuditLogEntry & { hash: Buffer }) =>
  db.insertInto('audit').values({
    id: p.id,
    at: p.at,
    action: p.action,
    byId: p.byId,
    target: p.target,
    address: p.address,
    detail: p.detail,
    hash: p.hash,
  }),
)

interface AuditLogEntry {
  id: number
  at: number
  action: string
  byId: string | null
  target: string | null
  address: string | null
  detail: string | null
}

function chainHash(
  before: Buffer | undefined,
  { id, at, action, byId, target, address, detail }: AuditLogEntry,
): Buffer {
  return sha256(
    JSON.stringify([before?.toString('hex') ?? '', id, at, action, byId, target, address, detail]),
  )
}

/**
 * Returns the first row at which the chain breaks, or undefined. A log whose oldest rows were deleted by age is still a
 * whole chain.
 */
export async function findChainBreak(db: Db): Promise<number | undefined> {
  let before: { id: number; hash: Buffer } | undefined
  for (;;) {
    const rows = await db
      .selectFrom('audit')
      .selectAll()
      .where('id', '>', before?.id ?? 0)
      .orderBy('id')
      .limit(500)
      .execute()
    if (rows.length === 0) return undefined
    for (const row of rows) {
      const isFirst = before === undefined
      if (!isFirst && row.id !== (before as { id: number }).id + 1) return row.id
      // the row that the first row is chained to may have been deleted by age; only row 1 has no predecessor
      if ((!isFirst || row.id === 1) && !chainHash(before?.hash, row).equals(row.hash)) return row.id
      before = row
    }
  }
}
