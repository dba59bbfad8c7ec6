import type { Input } from '../../shared/contract.ts'
import type { HubSettings } from '../../shared/contract/admin.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { checkLine, tidyLine } from '../../shared/text/names.ts'
import { requireHubAdmin } from '../access.ts'
import { createInvite } from '../accounts/invites.ts'
import { type Known, read, write, type Access } from '../call.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'
import { append } from '../streams/log.ts'
import type { HubRole } from '../../shared/contract/values.ts'

const hubAdmin: Access<HubRole> = (db, viewer) => requireHubAdmin(db, viewer)

export const adminHandlers = {
  'admin.invites.create': write('admin.invites.create', hubAdmin, async (tx, _hub, caller, input, mine) => {
    const role = input.role ?? 'member'
    if (role === 'admin' && mine !== 'owner') {
      throw new HubError('forbidden', 'Only the owner of this hub can invite admins.', { field: 'role' })
    }
    const { uses = 1, days = 7 } = input
    const invite = await createInvite(tx, { uses, days, role, by: caller.viewer.userId })
    return { invite, url: `${caller.origin}/join#${invite}` }
  }),
  'admin.settings': read('admin.settings', hubAdmin, (hub) => readSettings(hub.reader)),
  'admin.settings.update': write('admin.settings.update', hubAdmin, updateSettings),
}

async function readSettings(db: Db): Promise<HubSettings> {
  const row = await db.selectFrom('hub').select(['name', 'registration']).executeTakeFirstOrThrow()
  return { hubName: row.name, registration: row.registration }
}

async function updateSettings(
  tx: Tx,
  hub: Hub,
  { viewer }: Known,
  input: Input<'admin.settings.update'>,
  mine: HubRole,
): Promise<HubSettings> {
  if (input.registration !== undefined && mine !== 'owner') {
    throw new HubError('forbidden', 'Who may register is for the owner of this hub to decide.', {
      field: 'registration',
    })
  }
  const before = await readSettings(tx.db)
  const changes: Partial<HubSettings> = {}
  if (input.hubName !== undefined) {
    const hubName = tidyLine(input.hubName)
    const problem = checkLine(hubName, 'The name of the hub', limits.hubName)
    if (problem) throw new HubError(problem.code, problem.message, { field: 'hubName' })
    if (hubName !== before.hubName) changes.hubName = hubName
  }
  if (input.registration !== undefined && input.registration !== before.registration) {
    changes.registration = input.registration
  }
  if (Object.keys(changes).length === 0) return before
  const after = { ...before, ...changes }
  await tx.db
    .updateTable('hub')
    .set({ name: after.hubName, registration: after.registration })
    .where('id', '=', 1)
    .execute()
  await append(tx, hub.live, 'hub', {
    type: 'hub.updated',
    by: viewer.userId,
    data: changes,
    content: { changes },
  })
  return after
}
