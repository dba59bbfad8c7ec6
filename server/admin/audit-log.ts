import { auditActions } from '../../shared/contract/audit.ts'
import type { Input } from '../../shared/contract.ts'
import type { AuditLogEntry } from '../../shared/contract/admin-hub.ts'
import type { Db } from '../db/schema.ts'
import type { Store } from '../db/store.ts'

const pageSize = 100
const exportPageSize = 500

export type AuditFilter = Pick<Input<'admin.audit'>, 'by' | 'action' | 'after' | 'before'>

/** The latest first. */
export async function listAudit(db: Db, { cursor, limit, ...filter }: Input<'admin.audit'>) {
  const count = Math.min(limit ?? pageSize, pageSize)
  const rows = await rowsBefore(db, filter, cursor, count + 1)
  return {
    rows: await resolveNames(db, rows.slice(0, count)),
    more: rows.length > count,
    actions: [...auditActions],
  }
}

function rowsBefore(
  db: Db,
  { by, action, after, before }: AuditFilter,
  cursor: number | undefined,
  count: number,
) {
  let query = db
    .selectFrom('audit')
    .select(['id', 'at', 'action', 'byId', 'target', 'address', 'detail'])
    .orderBy('id', 'desc')
    .limit(count)
  if (by !== undefined) query = query.where('byId', '=', by)
  if (action !== undefined) query = query.where('action', '=', action)
  if (after !== undefined) query = query.where('at', '>=', after)
  if (before !== undefined) query = query.where('at', '<=', before)
  if (cursor !== undefined) query = query.where('id', '<', cursor)
  return query.execute()
}

type AuditLogRow = Awaited<ReturnType<typeof rowsBefore>>[number]

type Detail = NonNullable<AuditLogEntry['detail']>

/** The group that an action happened in, if its target is something else. */
function groupOf(detail: Detail | undefined): string | undefined {
  const id = detail?.['group'] ?? detail?.['chat'] ?? detail?.['chatId']
  return typeof id === 'string' ? id : undefined
}

/**
 * The log stores ids; adds the current names, of groups those that `admin.groups.list` shows. A private group that its
 * own owner deleted stays nameless.
 */
async function resolveNames(db: Db, stored: AuditLogRow[]): Promise<AuditLogEntry[]> {
  const rows = stored.map((row) => {
    const detail = row.detail === null ? undefined : (JSON.parse(row.detail) as Detail)
    return { ...row, detail, groupId: groupOf(detail) }
  })
  const ids = [
    ...new Set(
      rows
        .flatMap(({ byId, target, groupId }) => [byId, target, groupId])
        .filter((id) => id !== null && id !== undefined),
    ),
  ]
  const names = new Map<string, string>()
  if (ids.length > 0) {
    const users = await db.selectFrom('user').where('id', 'in', ids).select(['id', 'displayName']).execute()
    for (const { id, displayName } of users) names.set(id, displayName)
    const groups = await db
      .selectFrom('chat')
      .where('id', 'in', ids)
      .where('kind', '=', 'group')
      .where((eb) =>
        eb.or([eb('visibility', '=', 'public'), eb('deletedAt', 'is', null), eb('deletedByHub', '=', 1)]),
      )
      .select(['id', 'name'])
      .execute()
    for (const { id, name } of groups) if (name !== null) names.set(id, name)
  }
  return rows.map((row) => {
    const byName = row.byId === null ? undefined : names.get(row.byId)
    const targetName = row.target === null ? undefined : names.get(row.target)
    const groupName = row.groupId === undefined ? undefined : names.get(row.groupId)
    return {
      id: row.id,
      at: row.at,
      action: row.action,
      ...(row.byId === null ? {} : { by: row.byId }),
      ...(row.target === null ? {} : { target: row.target }),
      ...(row.address === null ? {} : { address: row.address }),
      ...(row.detail === undefined ? {} : { detail: row.detail }),
      ...(byName === undefined ? {} : { byName }),
      ...(targetName === undefined ? {} : { targetName }),
      ...(groupName === undefined ? {} : { groupName }),
    }
  })
}

const csvColumns = ['id', 'time', 'action', 'by', 'by name', 'target', 'target name', 'address', 'detail']

/** Streams the whole log as a table, some rows at a time. */
export async function* auditCsv(store: Store, filter: AuditFilter): AsyncGenerator<string> {
  // spreadsheets read the byte order mark as a sign of UTF-8
  yield `\ufeff${csvLine(csvColumns)}`
  for (let cursor: number | undefined; ;) {
    const rows = await store.read(async (db) =>
      resolveNames(db, await rowsBefore(db, filter, cursor, exportPageSize)),
    )
    if (rows.length === 0) return
    yield rows
      .map(({ id, at, action, by, byName, target, targetName, address, detail }) =>
        csvLine([
          String(id),
          new Date(at).toISOString(),
          action,
          by ?? '',
          byName ?? '',
          target ?? '',
          targetName ?? '',
          address ?? '',
          detail ? JSON.stringify(detail) : '',
        ]),
      )
      .join('')
    cursor = rows.at(-1)?.id
  }
}

function csvLine(cells: string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

/**
 * Quotes a cell, with an apostrophe before text that a spreadsheet would take for a formula: users choose names.
 */
function csvCell(text: string): string {
  // full-width signs too, which some spreadsheets read as the normal ones
  const tamed = /^[\s]*[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text
  return `"${tamed.replaceAll('"', '""')}"`
}
