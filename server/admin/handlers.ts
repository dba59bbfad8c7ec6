import { requireGroupAsHubAdmin } from '../access/groups.ts'
import { requireHubAdmin, requireHubOwner } from '../access/hub.ts'
import { custom, read, write, type AccessCheck, defineHandlers } from '../define-handlers.ts'
import type { HubRole } from '../../shared/contract/values.ts'
import { deleteGroup, undeleteGroup } from '../chats/delete-group.ts'
import { countExpired } from '../messages/retention.ts'
import { chatLocks } from '../request-locks.ts'
import { listAudit } from './audit-log.ts'
import { listGroups } from './groups.ts'
import { listInvites, createInviteLink, revokeInvite } from '../invites/admin-invites.ts'
import { endSessions, listUsers, transferOwnership, updateUser } from './users.ts'
import { acceptRequest, declineRequest, listRequests } from './requests.ts'
import { readSettings, updateSettings } from './settings.ts'
import { confirmClock, readHealth, readStorage } from './storage.ts'

const hubAdmin: AccessCheck<HubRole> = (db, viewer) => requireHubAdmin(db, viewer)

export const adminHandlers = defineHandlers({
  'admin.requests.list': read({ access: hubAdmin, run: ({ db }) => listRequests(db) }),
  'admin.requests.accept': write({
    access: hubAdmin,
    locks: 'hub',
    run: (op, { userId }) => acceptRequest(op, userId),
  }),
  'admin.requests.decline': write({
    access: hubAdmin,
    locks: 'hub',
    run: (op, { userId }) => declineRequest(op, userId),
  }),
  'admin.users.list': read({
    access: hubAdmin,
    run: listUsers,
  }),
  'admin.users.update': write({ access: hubAdmin, locks: 'hub', run: updateUser }),
  'admin.users.sessions.end': write({
    access: hubAdmin,
    locks: 'hub',
    run: (op, { userId }, mine) => endSessions(op, userId, mine),
  }),
  'admin.ownership.transfer': custom({
    access: (db, viewer) => requireHubOwner(db, viewer.userId),
    run: transferOwnership,
  }),
  'admin.invites.create': write({
    access: hubAdmin,
    locks: 'hub',
    run: (op, input, mine) => createInviteLink(op, input, mine),
  }),
  'admin.invites.list': read({
    access: hubAdmin,
    run: ({ db, hub }, input) => listInvites(db, hub.clock(), input),
  }),
  'admin.invites.revoke': write({
    access: hubAdmin,
    locks: 'hub',
    run: (op, { inviteId }) => revokeInvite(op, inviteId),
  }),
  'admin.groups.list': read({ access: hubAdmin, run: ({ db }, input) => listGroups(db, input) }),
  'admin.groups.delete': write({
    access: (db, viewer, ids) => requireGroupAsHubAdmin(db, viewer, ids['chatId'], false),
    locks: chatLocks,
    run: (op, _input, group) => deleteGroup(op, group, true),
  }),
  'admin.groups.undelete': write({
    access: (db, viewer, ids) => requireGroupAsHubAdmin(db, viewer, ids['chatId'], true),
    locks: chatLocks,
    run: async (op, _input, group) => {
      await undeleteGroup(op, group)
    },
  }),
  'admin.storage': read({ access: hubAdmin, run: readStorage }),
  'admin.health': read({ access: hubAdmin, run: readHealth }),
  'admin.clock.confirm': custom({
    access: (db, viewer) => requireHubOwner(db, viewer.userId),
    run: confirmClock,
  }),
  'admin.audit': read({ access: hubAdmin, run: ({ db }, input) => listAudit(db, input) }),
  'admin.retention': read({
    access: hubAdmin,
    run: async ({ db, hub }, { days }) => ({
      messages: await countExpired(db, hub.clock(), days),
    }),
  }),
  'admin.settings': read({ access: hubAdmin, run: ({ db }) => readSettings(db) }),
  'admin.settings.update': write({ access: hubAdmin, locks: 'hub', run: updateSettings }),
})
