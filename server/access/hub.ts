import type { Db } from '../db/schema.ts'
import type { Viewer } from '../caller.ts'
import { HubError } from '../../shared/errors.ts'
import type { HubRole } from '../../shared/contract/values.ts'

/** Reads the role each time. @throws forbidden unless the viewer is the owner or an admin of the hub */
export async function requireHubAdmin(db: Db, viewer: Viewer): Promise<HubRole> {
  const user = await db
    .selectFrom('user')
    .where('id', '=', viewer.userId)
    .where('deactivatedAt', 'is', null)
    .select('role')
    .executeTakeFirst()
  if (!user || user.role === 'member') {
    throw new HubError('forbidden', 'Only the owner and admins of this hub can do this.')
  }
  return user.role
}

/** Requires the owner; reads the role each time. @throws HubError `forbidden` */
export async function requireHubOwner(db: Db, userId: string): Promise<void> {
  const me = await db
    .selectFrom('user')
    .where('id', '=', userId)
    .where('deactivatedAt', 'is', null)
    .select('role')
    .executeTakeFirst()
  if (me?.role !== 'owner') throw new HubError('forbidden', 'Only the owner of this hub can do this.')
}
