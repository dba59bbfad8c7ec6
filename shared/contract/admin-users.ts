import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { User } from './users.ts'
import { ChatRole, Id, Limit, EmptyObject, Posting, Presence, strict, Time, Visibility } from './values.ts'

/** Somebody who asked to be let in and waits. */
export const RegistrationRequest = Type.Object(
  { user: User, at: Time, address: Type.Optional(Type.String({ description: 'where they asked from' })) },
  { ...strict, $id: 'RegistrationRequest' },
)
export type RegistrationRequest = Static<typeof RegistrationRequest>

export const requestsList = defineRequest({
  name: 'admin.requests.list',
  method: 'GET',
  path: '/api/admin/requests',
  access: 'hub admin',
  summary: 'People who asked to be let in, the longest-waiting first.',
  input: EmptyObject,
  output: Type.Object({ requests: Type.Array(RegistrationRequest) }, strict),
})

export const requestsAccept = defineRequest({
  name: 'admin.requests.accept',
  method: 'POST',
  path: '/api/admin/requests/:userId/accept',
  access: 'hub admin',
  summary: 'Lets somebody in who waits. Everybody hears of them with `user.added`.',
  input: Type.Object({ userId: Id }, strict),
  output: Type.Object({ user: User }, strict),
})

export const requestsDecline = defineRequest({
  name: 'admin.requests.decline',
  method: 'POST',
  path: '/api/admin/requests/:userId/decline',
  access: 'hub admin',
  summary: 'Turns somebody away who waits: their account is removed and its name is free again.',
  input: Type.Object({ userId: Id }, strict),
  output: undefined,
})

/** A person as those see them who run the hub. */
export const AdminUser = Type.Object(
  {
    user: User,
    presence: Type.Union([Presence, Type.Literal('offline')]),
    lastSeen: Type.Optional(Time),
    lastSeenHidden: Type.Optional(Type.Literal(true, { description: 'by them, or by me from everybody' })),
    sessions: Type.Integer({ description: 'how many are open' }),
  },
  { ...strict, $id: 'AdminUser' },
)
export type AdminUser = Static<typeof AdminUser>

export const adminUsersList = defineRequest({
  name: 'admin.users.list',
  method: 'GET',
  path: '/api/admin/users',
  access: 'hub admin',
  summary: 'People by name, also those whose account is closed; who waits is in admin.requests.list.',
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
    'Changes somebody’s role (the owner) or closes and opens their account: admins for members, the owner for admins too. Closing ends all their sessions.',
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

export const adminUsersEndSessions = defineRequest({
  name: 'admin.users.sessions.end',
  method: 'DELETE',
  path: '/api/admin/users/:userId/sessions',
  access: 'hub admin',
  summary: 'Logs somebody out everywhere.',
  input: Type.Object({ userId: Id }, strict),
  output: Type.Object({ ended: Type.Integer() }, strict),
})

export const ownershipTransfer = defineRequest({
  name: 'admin.ownership.transfer',
  method: 'POST',
  path: '/api/admin/ownership',
  access: 'hub owner',
  summary: 'Makes somebody else the owner, with my password; I become an admin.',
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
    people: Type.Array(User, { description: 'who came by it' }),
  },
  { ...strict, $id: 'Invite' },
)
export type Invite = Static<typeof Invite>

export const invitesList = defineRequest({
  name: 'admin.invites.list',
  method: 'GET',
  path: '/api/admin/invites',
  access: 'hub admin',
  summary: 'The invites, the latest first, with who came by which; never their codes.',
  input: Type.Object({ after: Type.Optional(Id), limit: Type.Optional(Limit) }, strict),
  output: Type.Object({ invites: Type.Array(Invite), more: Type.Boolean() }, strict),
})

export const invitesRevoke = defineRequest({
  name: 'admin.invites.revoke',
  method: 'DELETE',
  path: '/api/admin/invites/:inviteId',
  access: 'hub admin',
  summary: 'Takes an invite back: nobody else comes by it. Those who have stay.',
  input: Type.Object({ inviteId: Id }, strict),
  output: undefined,
})

/** Of a private group no more than that it is there, or was until those who run the hub deleted it. */
export const AdminGroup = Type.Object(
  {
    id: Id,
    name: Type.String(),
    visibility: Visibility,
    memberCount: Type.Integer(),
    until: Type.Optional(
      Type.Integer({ description: 'deleted: when it goes for good, milliseconds since 1970' }),
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
    'All groups by name: public ones with their members, private ones by name and number of members only; or those that are deleted and can be brought back here.',
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
    'Deletes any group, a private one without seeing what is in it. For seven days those who run the hub, and nobody else, can bring it back.',
  input: Type.Object({ chatId: Id }, strict),
  output: undefined,
})

export const adminGroupsUndelete = defineRequest({
  name: 'admin.groups.undelete',
  method: 'POST',
  path: '/api/admin/groups/:chatId/undelete',
  access: 'hub admin',
  summary: 'Brings back a group that those who run the hub have deleted, or a public one, within seven days.',
  input: Type.Object({ chatId: Id }, strict),
  output: undefined,
})
