import { HubError } from '../../shared/errors.ts'
import type { Recovered } from '../../shared/contract/accounts.ts'
import type { HubRole } from '../../shared/contract/values.ts'
import { endUserSessions } from '../sessions/sessions.ts'
import { newRecoveryKey, normalizeRecoveryKey } from '../accounts/recovery-key.ts'
import { resetAttempts } from '../accounts/attempt-limiter.ts'
import { audit } from '../audit/audit.ts'
import type { Db } from '../db/schema.ts'
import { newSecret, sha256 } from '../ids.ts'
import { endUserTokens } from '../tokens/tokens.ts'
import type { Operation } from '../operation.ts'
import type { Transaction } from '../db/store.ts'

/*
 * A reset is the right to set a new password, once. Every recovery method ends here. Each user has at most one: a
 * later reset replaces the earlier one, so of two links only the later works.
 */

export type ResetMethod = Recovered['way']

const minuteMs = 60_000
const resetLifetimesMs: Record<ResetMethod, number> = {
  question: 15 * minuteMs,
  key: 15 * minuteMs,
  link: 60 * minuteMs,
  owner: 60 * minuteMs,
}

/** The token is shown once, here; the hub keeps its hash. */
export async function openReset(op: Transaction, userId: string, method: ResetMethod): Promise<string> {
  const token = newSecret()
  const row = {
    tokenHash: sha256(token),
    method,
    createdAt: op.now,
    expiresAt: op.now + resetLifetimesMs[method],
  }
  await op.db
    .insertInto('resetToken')
    .values({ userId, ...row })
    .onConflict((conflict) => conflict.column('userId').doUpdateSet(row))
    .execute()
  return token
}

/** A password was set, or the user is gone: deletes their reset. */
export async function deleteReset(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('resetToken').where('userId', '=', userId).execute()
}

/** Deletes the resets that were made for other users: no row says who made them, and few are open at a time. */
export async function deleteResetLinks(db: Db): Promise<void> {
  await db.deleteFrom('resetToken').where('method', '=', 'link').execute()
}

export interface OpenReset {
  userId: string
  method: ResetMethod
  username: string
  displayName: string
}

/** @throws unauthenticated if the token was used, has expired, was replaced or never existed */
export async function requireReset(db: Db, token: string, now: number): Promise<OpenReset> {
  const row = await db
    .selectFrom('resetToken')
    .innerJoin('user', 'user.id', 'resetToken.userId')
    .where('resetToken.tokenHash', '=', sha256(token))
    .where('resetToken.expiresAt', '>', now)
    .where('user.deactivatedAt', 'is', null)
    .select(['user.id as userId', 'user.username', 'user.displayName', 'user.role', 'resetToken.method'])
    .executeTakeFirst()
  const isOpen =
    row !== undefined && (row.method !== 'question' || (await isQuestionRecoveryAllowed(db, row.role)))
  if (!isOpen) {
    throw new HubError(
      'unauthenticated',
      'This link or code was already used or has expired. Start again, or ask for a new link.',
      { field: 'resetToken' },
    )
  }
  return row
}

/** Checked again at the end: meanwhile the owner may have closed this method, or made the user an admin. */
async function isQuestionRecoveryAllowed(db: Db, role: HubRole): Promise<boolean> {
  const hub = await db.selectFrom('hub').select('recoveryByQuestion').executeTakeFirstOrThrow()
  return role === 'member' && hub.recoveryByQuestion === 1
}

/**
 * Sets the new password: uses up the reset, replaces the recovery key and ends every session of the user. The
 * user's next session shows a notice.
 */
export async function completeReset(
  op: Operation,
  token: string,
  { password, address }: { password: Buffer; address: string },
): Promise<{ username: string; recoveryKey: string }> {
  const { userId, method, username } = await requireReset(op.db, token, op.now)
  await deleteReset(op.db, userId)
  const recoveryKey = newRecoveryKey()
  const recovered: Recovered = { way: method, at: op.now, address }
  await op.db
    .updateTable('user')
    .set({
      password,
      recoveryKey: sha256(normalizeRecoveryKey(recoveryKey)),
      recoveryNotice: JSON.stringify(recovered),
    })
    .where('id', '=', userId)
    .execute()
  await endUserSessions(op, userId)
  await endUserTokens(op, userId)
  await resetAttempts(op, username, userId)
  audit(op, { action: 'recovery.completed', by: userId, target: userId, address, detail: { way: method } })
  return { username, recoveryKey }
}
