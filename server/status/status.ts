import type { Input } from '../../shared/contract.ts'
import type { User } from '../../shared/contract/users.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { checkLine, normalizeLine } from '../../shared/text/names.ts'
import type { HubContext } from '../context.ts'
import { normalizeEmoji } from '../emoji.ts'
import { userLock } from '../locks.ts'
import { type Operation, runOperation, type UserOperation } from '../operation.ts'
import { getUser, publishUserUpdated } from '../users/users.ts'
import { getStatus, listEndedStatuses, noStatus, type StatusRow, updateStatus } from './queries.ts'

/** Replaces the status. An unchanged status appends no entry, so a retry is harmless, even after the end. */
export async function setStatus(op: UserOperation, input: Input<'status.set'>): Promise<{ user: User }> {
  const { userId } = op.viewer
  const status = toStatusRow(input)
  if (isSame(status, await getStatus(op.db, userId))) return { user: await getUser(op.db, userId) }
  if (status.statusUntil !== null && status.statusUntil <= op.now) {
    throw new HubError('invalid', 'The status would end in the past. Choose a later time.', {
      field: 'until',
    })
  }
  return { user: await storeStatus(op, userId, { status, by: userId }) }
}

/** A retry finds no status and appends no entry. */
export async function clearStatus(op: UserOperation): Promise<{ user: User }> {
  const { userId } = op.viewer
  if (isSame(noStatus, await getStatus(op.db, userId))) return { user: await getUser(op.db, userId) }
  return { user: await storeStatus(op, userId, { status: noStatus, by: userId }) }
}

/** The job `status.expire`. Clients hide an ended status by themselves; this forgets it and informs the others. */
export async function clearEndedStatuses(hub: HubContext): Promise<void> {
  if (!hub.time.isTrusted) return
  const ended = await hub.store.read((db) => listEndedStatuses(db, { now: hub.clock() }))
  for (const { id } of ended) {
    await runOperation(hub, { locks: [userLock(id)] }, async (op) => {
      // the user may have set another one meanwhile
      const { statusUntil } = await getStatus(op.db, id)
      if (statusUntil !== null && statusUntil <= op.now) await storeStatus(op, id, { status: noStatus })
    })
  }
}

async function storeStatus(
  op: Operation,
  userId: string,
  { status, by }: { status: StatusRow; by?: string },
): Promise<User> {
  await updateStatus(op.db, userId, status)
  return publishUserUpdated(op, userId, by)
}

/** @throws HubError `invalid` or `too_large` */
function toStatusRow({ text = '', emoji, until }: Input<'status.set'>): StatusRow {
  const line = normalizeLine(text)
  const problem = line === '' ? undefined : checkLine(line, 'The status', limits.statusText)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'text' })
  if (line === '' && emoji === undefined) {
    throw new HubError('invalid', 'A status needs a text or an emoji. To remove it, clear the status.', {
      field: 'text',
    })
  }
  return {
    statusText: line || null,
    statusEmoji: emoji === undefined ? null : normalizeEmoji(emoji),
    statusUntil: until ?? null,
  }
}

function isSame(a: StatusRow, b: StatusRow): boolean {
  return a.statusText === b.statusText && a.statusEmoji === b.statusEmoji && a.statusUntil === b.statusUntil
}
