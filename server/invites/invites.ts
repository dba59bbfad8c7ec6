import { HubError } from '../../shared/errors.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import { newId, newSecret, sha256 } from '../ids.ts'

const dayMs = 24 * 60 * 60 * 1000

export async function createInvite(
  tx: Tx,
  invite: { uses: number; days: number; role: 'member' | 'admin'; by: string },
): Promise<{ id: string; code: string }> {
  const code = newSecret()
  const id = newId()
  await tx.db
    .insertInto('invite')
    .values({
      id,
      codeHash: sha256(code),
      role: invite.role,
      uses: invite.uses,
      expiresAt: tx.now + invite.days * dayMs,
      createdBy: invite.by,
      createdAt: tx.now,
    })
    .execute()
  return { id, code }
}

/** An invite that can still be used. @throws forbidden */
export async function requireInvite(
  db: Db,
  code: string | undefined,
  now: number,
): Promise<{ id: string; role: 'member' | 'admin' }> {
  if (code === undefined) {
    throw new HubError('forbidden', 'This hub is by invitation. Ask its owner for an invite link.', {
      field: 'invite',
    })
  }
  const invite = await db
    .selectFrom('invite')
    .where('codeHash', '=', sha256(code))
    .where('expiresAt', '>', now)
    .where('revokedAt', 'is', null)
    .whereRef('usedCount', '<', 'uses')
    .select(['id', 'role'])
    .executeTakeFirst()
  if (!invite) {
    throw new HubError(
      'forbidden',
      'This invite was used up, taken back or has expired. Ask for a new one.',
      {
        field: 'invite',
      },
    )
  }
  return invite
}

/** Takes one use, in the operation that makes the account. @throws forbidden when somebody was quicker */
export async function redeemInvite(
  tx: Tx,
  code: string | undefined,
): Promise<{ id: string; role: 'member' | 'admin' }> {
  const invite = await requireInvite(tx.db, code, tx.now)
  await tx.db
    .updateTable('invite')
    .set((eb) => ({ usedCount: eb('usedCount', '+', 1) }))
    .where('id', '=', invite.id)
    .execute()
  return invite
}
