import { prepared } from '../db/prepared.ts'
import { sha256 } from '../ids.ts'
import type { Db } from '../db/schema.ts'
import type { Transaction } from '../db/store.ts'

/*
 * What people with power did, and what was tried. Append-only (a trigger refuses the rest) and chained: each row's hash
 * covers the one before it, so that a row that was changed or taken out later shows. Never what people say, never a
 * secret: ids, names of settings, numbers.
 */

/** `noun.done`, past tense; one list, so that the page can put each into words. */
export const auditActions = [
  'hub.set-up',
  'hub.settings-changed',
  'login.failed',
  'login.succeeded',
  'password.changed',
  'recovery.question-answered',
  'recovery.question-failed',
  'recovery.key-used',
  'recovery.key-failed',
  'recovery.link-issued',
  'recovery.completed',
  'recovery.owner-reset',
  'recovery.question-changed',
  'recovery.key-changed',
  'session.ended',
  'invite.created',
  'invite.revoked',
  'invite.used',
  'request.accepted',
  'request.declined',
  'user.registered',
  'user.role-changed',
  'user.ownership-transferred',
  'user.deactivated',
  'user.reactivated',
  'token.created',
  'token.revoked',
  'webhook.created',
  'webhook.revoked',
  'bot.created',
  'bot.revoked',
  'group.created',
  'group.updated',
  'group.deleted',
  'group.archived',
  'group.unarchived',
  'group.undeleted',
  'member.added',
  'member.removed',
  'member.role-changed',
  'message.deleted',
  'messages.expired',
  'audit.exported',
  'backup.made',
] as const
export type AuditAction = (typeof auditActions)[number]

export interface AuditEvent {
  action: AuditAction
  /** Who did it; nobody for what happens without a session. */
  by?: string | undefined
  /** The person, group, invite… it was done to. */
  target?: string | undefined
  /** Network address, where it matters. */
  address?: string | undefined
  /** Ids, numbers and words of ours only. */
  detail?: Record<string, string | number | boolean> | undefined
}

/**
 * Records an action in the operation that does it: the record is there exactly if the action is. The chain is written just
 * before COMMIT, once all operations of the batch are done: each row needs the hash of the one before it.
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
  tx.beforeCommit((db) => {
    const [last] = lastRow.now(db, {})
    const chained = { id: (last?.id ?? 0) + 1, ...row }
    insertRow.now(db, { ...chained, hash: chainHash(last?.hash, chained) })
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

/** The first row at which the chain does not hold, or nothing. Rows dropped from the beginning by age leave a whole chain. */
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
      // what the first row was chained to may have been dropped by age; only row 1 has nothing before it
      if ((!isFirst || row.id === 1) && !chainHash(before?.hash, row).equals(row.hash)) return row.id
      before = row
    }
  }
}
