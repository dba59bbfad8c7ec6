import { HubError } from '../../shared/errors.ts'
import type { Db } from '../db/schema.ts'
import { newId, newSecret, sha256 } from '../ids.ts'
import type { Operation } from '../operation.ts'

const dayMs = 24 * 60 * 60 * 1000

export async function createInvite(
  op: Operation,
  invite: { uses: number; days: number; role: 'member' | 'admin'; by: string },
): Promise<{ id: string; code: string }> {
  const code = newSecret()
  const id = newId()
  await op.db
    .insertInto('invite')
    .values({
      id,
      codeHash: sha256(code),
      role: invite.role,
      uses: invite.uses,
      expiresAt: op.now + invite.days * dayMs,
      createdBy: invite.by,
      createdAt: op.now,
    })
    .execute()
  return { id, code }
}

/** Returns an invite that can still be used. */
export async function findInvite(
  db: Db,
  code: string,
  now: number,
): Promise<{ id: string; role: 'member' | 'admin' } | undefined> {
  return db
    .selectFrom('invite')
    .where('codeHash', '=', sha256(code))
    .where('expiresAt', '>', now)
    .where('revokedAt', 'is', null)
    .whereRef('usedCount', '<', 'uses')
    .select(['id', 'role'])
    .executeTakeFirst()
}

/** Requires an invite that can still be used: the error does not tell why one cannot. @throws forbidden */
export async function requireInvite(
  db: Db,
  code: string | undefined,
  now: number,
): Promise<{ id: string; role: 'member' | 'admin' }> {
  if (code === undefined) {
    throw new HubError(
      'forbidden',
      'You need an invite to register. Ask the owner of this hub for an invite link.',
      {
        field: 'invite',
      },
    )
  }
  const invite = await findInvite(db, code, now)
  if (!invite) {
    throw new HubError('forbidden', 'This invite is used up, revoked or expired. Ask for a new one.', {
      field: 'invite',
    })
  }
  return invite
}

/**
 * Takes one use, in the operation that creates the account. @throws HubError `forbidden` if another user took the
 * last use
 */
export async function redeemInvite(
  op: Operation,
  code: string | undefined,
): Promise<{ id: string; role: 'member' | 'admin' }> {
  const invite = await requireInvite(op.db, code, op.now)
  await op.db
    .updateTable('invite')
    .set((eb) => ({ usedCount: eb('usedCount', '+', 1) }))
    .where('id', '=', invite.id)
    .execute()
  return invite
}
