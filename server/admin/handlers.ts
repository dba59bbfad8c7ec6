import type { Input } from '../../shared/contract.ts'
import type { HubSettings } from '../../shared/contract/admin.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { checkLine, tidyLine } from '../../shared/text/names.ts'
import { requireHubAdmin } from '../access.ts'
import { audit } from '../audit/audit.ts'
import { act, type Known, read, write, type Access } from '../call.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'
import { append } from '../streams/log.ts'
import type { HubRole } from '../../shared/contract/values.ts'
import { listAudit } from './audit-log.ts'
import { listGroups } from './groups.ts'
import { listInvites, makeInvite, revokeInvite } from './invites.ts'
import { endSessions, listPeople, requireOwner, transferOwnership, updatePerson } from './people.ts'
import { acceptRequest, declineRequest, listRequests } from './requests.ts'
import { readHealth, readStorage } from './storage.ts'

const hubAdmin: Access<HubRole> = (db, viewer) => requireHubAdmin(db, viewer)

export const adminHandlers = {
  'admin.requests.list': read('admin.requests.list', hubAdmin, (hub) => listRequests(hub.reader)),
  'admin.requests.accept': write('admin.requests.accept', hubAdmin, (tx, hub, { viewer }, { userId }) =>
    acceptRequest(tx, hub, viewer, userId),
  ),
  'admin.requests.decline': write('admin.requests.decline', hubAdmin, (tx, hub, { viewer }, { userId }) =>
    declineRequest(tx, hub, viewer, userId),
  ),
  'admin.users.list': read('admin.users.list', hubAdmin, (hub, _caller, input) => listPeople(hub, input)),
  'admin.users.update': write('admin.users.update', hubAdmin, updatePerson),
  'admin.users.sessions.end': write(
    'admin.users.sessions.end',
    hubAdmin,
    (tx, hub, caller, { userId }, mine) => endSessions(tx, hub, caller, userId, mine),
  ),
  'admin.ownership.transfer': act(
    'admin.ownership.transfer',
    (db, viewer) => requireOwner(db, viewer.userId),
    transferOwnership,
  ),
  'admin.invites.create': write('admin.invites.create', hubAdmin, (tx, _hub, caller, input, mine) =>
    makeInvite(tx, caller, input, mine),
  ),
  'admin.invites.list': read('admin.invites.list', hubAdmin, (hub, _caller, input) =>
    listInvites(hub.reader, hub.clock(), input),
  ),
  'admin.invites.revoke': write('admin.invites.revoke', hubAdmin, (tx, _hub, caller, { inviteId }) =>
    revokeInvite(tx, caller, inviteId),
  ),
  'admin.groups.list': read('admin.groups.list', hubAdmin, (hub, _caller, input) =>
    listGroups(hub.reader, input),
  ),
  'admin.storage': read('admin.storage', hubAdmin, (hub) => readStorage(hub)),
  'admin.health': read('admin.health', hubAdmin, (hub) => readHealth(hub)),
  'admin.audit': read('admin.audit', hubAdmin, (hub, _caller, input) => listAudit(hub.reader, input)),
  'admin.settings': read('admin.settings', hubAdmin, (hub) => readSettings(hub.reader)),
  'admin.settings.update': write('admin.settings.update', hubAdmin, updateSettings),
}

async function readSettings(db: Db): Promise<HubSettings> {
  const row = await db
    .selectFrom('hub')
    .select(['name', 'registration', 'recoveryByQuestion'])
    .executeTakeFirstOrThrow()
  return {
    hubName: row.name,
    registration: row.registration,
    recoveryByQuestion: row.recoveryByQuestion === 1,
  }
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
  if (input.recoveryByQuestion !== undefined && mine !== 'owner') {
    throw new HubError('forbidden', 'How people come back in is for the owner of this hub to decide.', {
      field: 'recoveryByQuestion',
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
  if (input.recoveryByQuestion !== undefined && input.recoveryByQuestion !== before.recoveryByQuestion) {
    changes.recoveryByQuestion = input.recoveryByQuestion
  }
  if (Object.keys(changes).length === 0) return before
  const after = { ...before, ...changes }
  await tx.db
    .updateTable('hub')
    .set({
      name: after.hubName,
      registration: after.registration,
      recoveryByQuestion: after.recoveryByQuestion ? 1 : 0,
    })
    .where('id', '=', 1)
    .execute()
  await append(tx, hub.live, 'hub', {
    type: 'hub.updated',
    by: viewer.userId,
    data: changes,
    content: { changes },
  })
  await audit(tx, {
    action: 'hub.settings-changed',
    by: viewer.userId,
    detail: {
      changed: Object.keys(changes).join(' '),
      ...(changes.registration === undefined ? {} : { registration: changes.registration }),
      ...(changes.recoveryByQuestion === undefined ? {} : { recoveryByQuestion: changes.recoveryByQuestion }),
    },
  })
  return after
}
