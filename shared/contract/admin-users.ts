import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { User } from './users.ts'
import { ChatRole, Id, Limit, EmptyObject, Posting, Presence, strict, Time, Visibility } from './values.ts'

/** An account that waits for approval. */
export const RegistrationRequest = Type.Object(
  {
    user: User,
    at: Time,
    address: Type.Optional(Type.String({ description: 'the network address it came from' })),
  },
  { ...strict, $id: 'RegistrationRequest' },
)
export type RegistrationRequest = Static<typeof RegistrationRequest>

export const adminRequestsList = defineRequest({
  name: 'admin.requests.list',
  method: 'GET',
  path: '/api/admin/requests',
  access: 'hub admin',
  summary: 'Registration requests that wait for approval, oldest first.',
  input: EmptyObject,
  output: Type.Object({ requests: Type.Array(RegistrationRequest) }, strict),
})

export const adminRequestsAccept = defineRequest({
  name: 'admin.requests.accept',
  method: 'POST',
  path: '/api/admin/requests/:userId/accept',
  access: 'hub admin',
  summary: 'Approves a pending account. All users receive `user.added`.',
  input: Type.Object({ userId: Id }, strict),
  output: Type.Object({ user: User }, strict),
})

export const adminRequestsDecline = defineRequest({
  name: 'admin.requests.decline',
  method: 'POST',
  path: '/api/admin/requests/:userId/decline',
  access: 'hub admin',
  summary: 'Declines a pending account: it is deleted and its username becomes available again.',
  input: Type.Object({ userId: Id }, strict),
  output: undefined,
})

/** A user as admins of the hub see them. */
export const AdminUser = Type.Object(
  {
    user: User,
    presence: Type.Union([Presence, Type.Literal('offline')]),
    lastSeen: Type.Optional(Time),
    lastSeenHidden: Type.Optional(
      Type.Literal(true, { description: 'the user hides it, or I hide mine and so cannot see it' }),
    ),
    sessions: Type.Integer({ description: 'number of open sessions' }),
  },
  { ...strict, $id: 'AdminUser' },
)
export type AdminUser = Static<typeof AdminUser>

export const adminUsersList = defineRequest({
  name: 'admin.users.list',
  method: 'GET',
  path: '/api/admin/users',
  access: 'hub admin',
  summary: 'Users by name, deactivated accounts included. Pending accounts are in admin.requests.list.',
  input: Type.Object(
    {
      query: Type.Optional(Type.String({ maxLength: 100 })),
      role: Type.Optional(ChatRole),
      status: Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('deactivated')])),
      after: Type.Optional(Id),
      limit: Type.Optional(Limit),
    },
    strict,
  ),
  output: Type.Object({ users: Type.Array(AdminUser), more: Type.Boolean(), total: Type.Integer() }, strict),
})

export const adminUsersUpdate = defineRequest({
  name: 'admin.users.update',
  method: 'PATCH',
  path: '/api/admin/users/:userId',
  access: 'hub admin',
  requiresReauthentication: true,
  summary:
    'Changes the role of a user (owner only), or deactivates or reactivates the account. Admins can do this for members, the owner for admins too. Deactivating ends all sessions of the user.',
  input: Type.Object(
    {
      userId: Id,
      role: Type.Optional(Type.Union([Type.Literal('admin'), Type.Literal('member')])),
      deactivated: Type.Optional(Type.Boolean()),
    },
    strict,
  ),
  output: Type.Object({ user: User }, strict),
})

export const adminUsersSessionsEnd = defineRequest({
  name: 'admin.users.sessions.end',
  method: 'DELETE',
  path: '/api/admin/users/:userId/sessions',
  access: 'hub admin',
  summary: 'Ends all sessions of a user.',
  input: Type.Object({ userId: Id }, strict),
  output: Type.Object({ ended: Type.Integer() }, strict),
})

export const adminOwnershipTransfer = defineRequest({
  name: 'admin.ownership.transfer',
  method: 'POST',
  path: '/api/admin/ownership',
  access: 'hub owner',
  summary: 'Transfers ownership of the hub to another user; requires my password. I become an admin.',
  input: Type.Object({ userId: Id, password: Type.String({ maxLength: 1024 }) }, strict),
  output: Type.Object({ user: User }, strict),
})

export const Invite = Type.Object(
  {
    id: Id,
    role: Type.Union([Type.Literal('member'), Type.Literal('admin')]),
    state: Type.Union([
      Type.Literal('open'),
      Type.Literal('used'),
      Type.Literal('expired'),
      Type.Literal('revoked'),
    ]),
    uses: Type.Integer(),
    used: Type.Integer(),
    createdBy: User,
    createdAt: Time,
    expiresAt: Time,
    revokedAt: Type.Optional(Time),
    users: Type.Array(User, { description: 'users who registered with it' }),
  },
  { ...strict, $id: 'Invite' },
)
export type Invite = Static<typeof Invite>

export const adminInvitesList = defineRequest({
  name: 'admin.invites.list',
  method: 'GET',
  path: '/api/admin/invites',
  access: 'hub admin',
  summary: 'The invites, latest first, with the users who registered with each; never their codes.',
  input: Type.Object({ after: Type.Optional(Id), limit: Type.Optional(Limit) }, strict),
  output: Type.Object({ invites: Type.Array(Invite), more: Type.Boolean() }, strict),
})

export const adminInvitesRevoke = defineRequest({
  name: 'admin.invites.revoke',
  method: 'DELETE',
  path: '/api/admin/invites/:inviteId',
  access: 'hub admin',
  summary: 'Revokes an invite, so that no further user can register with it. Existing accounts stay.',
  input: Type.Object({ inviteId: Id }, strict),
  output: undefined,
})

/** A group as admins of the hub see it. Of a private group they see only that it exists, or that an admin deleted it. */
export const AdminGroup = Type.Object(
  {
    id: Id,
    name: Type.String(),
    visibility: Visibility,
    memberCount: Type.Integer(),
    until: Type.Optional(
      Type.Integer({ description: 'deleted groups: when the group is erased, milliseconds since 1970' }),
    ),
    topic: Type.Optional(Type.String({ description: 'public groups' })),
    posting: Type.Optional(Posting),
    picture: Type.Optional(Id),
    archived: Type.Optional(Type.Literal(true)),
    messages: Type.Optional(Type.Integer({ description: 'public groups' })),
    members: Type.Optional(
      Type.Array(Type.Object({ userId: Id, role: ChatRole }, strict), { description: 'public groups' }),
    ),
  },
  { ...strict, $id: 'AdminGroup' },
)
export type AdminGroup = Static<typeof AdminGroup>

export const adminGroupsList = defineRequest({
  name: 'admin.groups.list',
  method: 'GET',
  path: '/api/admin/groups',
  access: 'hub admin',
  summary:
    'All groups by name: public groups with their members, private groups with name and member count only. With `deleted`: the deleted groups that an admin can restore.',
  input: Type.Object(
    {
      deleted: Type.Optional(Type.Literal('only')),
      query: Type.Optional(Type.String({ maxLength: 100 })),
      offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
      limit: Type.Optional(Limit),
    },
    strict,
  ),
  output: Type.Object(
    { groups: Type.Array(AdminGroup), more: Type.Boolean(), total: Type.Integer() },
    strict,
  ),
})

export const adminGroupsDelete = defineRequest({
  name: 'admin.groups.delete',
  method: 'DELETE',
  path: '/api/admin/groups/:chatId',
  access: 'hub admin',
  requiresReauthentication: true,
  summary:
    'Deletes any group; the content of a private group stays invisible to admins. For seven days only admins of the hub can restore it.',
  input: Type.Object({ chatId: Id }, strict),
  output: undefined,
})

export const adminGroupsUndelete = defineRequest({
  name: 'admin.groups.undelete',
  method: 'POST',
  path: '/api/admin/groups/:chatId/undelete',
  access: 'hub admin',
  summary: 'Restores a group that an admin of the hub deleted, or any public group, within seven days.',
  input: Type.Object({ chatId: Id }, strict),
  output: undefined,
})
