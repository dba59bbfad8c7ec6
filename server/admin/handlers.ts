import { requireGroupAsHubAdmin, requireHubAdmin } from '../access.ts'
import { custom, read, write, type AccessCheck } from '../dispatch.ts'
import type { HubRole } from '../../shared/contract/values.ts'
import { deleteGroup, undeleteGroup } from '../chats/chats.ts'
import { countExpired } from '../messages/retention.ts'
import { listAudit } from './audit-log.ts'
import { listGroups } from './groups.ts'
import { listInvites, createInviteLink, revokeInvite } from '../invites/admin-invites.ts'
import { endSessions, listUsers, requireOwner, transferOwnership, updateUser } from './users.ts'
import { acceptRequest, declineRequest, listRequests } from './requests.ts'
import { readSettings, updateSettings } from './settings.ts'
import { readHealth, readStorage } from './storage.ts'

const hubAdmin: AccessCheck<HubRole> = (db, viewer) => requireHubAdmin(db, viewer)

export const adminHandlers = {
  'admin.requests.list': read('admin.requests.list', hubAdmin, (hub) => listRequests(hub.reader)),
  'admin.requests.accept': write('admin.requests.accept', hubAdmin, (tx, hub, { viewer }, { userId }) =>
    acceptRequest(tx, hub, viewer, userId),
  ),
  'admin.requests.decline': write('admin.requests.decline', hubAdmin, (tx, hub, { viewer }, { userId }) =>
    declineRequest(tx, hub, viewer, userId),
  ),
  'admin.users.list': read('admin.users.list', hubAdmin, (hub, caller, input) =>
    listUsers(hub, caller, input),
  ),
  'admin.users.update': write('admin.users.update', hubAdmin, updateUser),
  'admin.users.sessions.end': write(
    'admin.users.sessions.end',
    hubAdmin,
    (tx, hub, caller, { userId }, mine) => endSessions(tx, hub, caller, userId, mine),
  ),
  'admin.ownership.transfer': custom(
    'admin.ownership.transfer',
    (db, viewer) => requireOwner(db, viewer.userId),
    transferOwnership,
  ),
  'admin.invites.create': write('admin.invites.create', hubAdmin, (tx, hub, caller, input, mine) =>
    createInviteLink(tx, hub, caller, input, mine),
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
  'admin.groups.delete': write(
    'admin.groups.delete',
    (db, viewer, ids) => requireGroupAsHubAdmin(db, viewer, ids['chatId'], false),
    (tx, hub, { viewer }, _input, group) => deleteGroup(tx, hub, viewer, group, true),
  ),
  'admin.groups.undelete': write(
    'admin.groups.undelete',
    (db, viewer, ids) => requireGroupAsHubAdmin(db, viewer, ids['chatId'], true),
    async (tx, hub, { viewer }, _input, group) => {
      await undeleteGroup(tx, hub, viewer, group)
    },
  ),
  'admin.storage': read('admin.storage', hubAdmin, (hub) => readStorage(hub)),
  'admin.health': read('admin.health', hubAdmin, (hub) => readHealth(hub)),
  'admin.audit': read('admin.audit', hubAdmin, (hub, _caller, input) => listAudit(hub.reader, input)),
  'admin.retention': read('admin.retention', hubAdmin, async (hub, _caller, { days }) => ({
    messages: await countExpired(hub, days),
  })),
  'admin.settings': read('admin.settings', hubAdmin, (hub) => readSettings(hub.reader)),
  'admin.settings.update': write('admin.settings.update', hubAdmin, updateSettings),
}
