import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Id, limits, EmptyObject, Registration, strict } from './values.ts'

/** Who can use an invite. */
const InviteReach = Type.Object(
  {
    others: Type.Boolean({ description: 'false: only the computer of the hub can connect' }),
    offline: Type.Optional(
      Type.Literal(true, { description: 'the hub accepts others, but has no address that they could use' }),
    ),
    command: Type.Optional(
      Type.String({
        description:
          'starts the hub again so that others can connect; absent if the desktop app runs the hub',
      }),
    ),
    closed: Type.Optional(
      Type.Array(
        Type.Object(
          {
            address: Type.String(),
            network: Type.String({ description: 'name of the interface' }),
            command: Type.Optional(Type.String({ description: 'starts the hub again on this network' })),
          },
          strict,
        ),
        { description: 'addresses of the hub outside private networks, which it does not open by itself' },
      ),
    ),
  },
  strict,
)
export type InviteReach = Static<typeof InviteReach>

export const adminInvitesCreate = defineRequest({
  name: 'admin.invites.create',
  method: 'POST',
  path: '/api/admin/invites',
  access: 'hub admin',
  status: 201,
  summary: 'Creates an invite link. Only the owner can invite admins.',
  input: Type.Object(
    {
      uses: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'default 1' })),
      days: Type.Optional(Type.Integer({ minimum: 1, maximum: 365, description: 'default 7' })),
      role: Type.Optional(Type.Union([Type.Literal('member'), Type.Literal('admin')])),
    },
    strict,
  ),
  output: Type.Object(
    {
      invite: Type.String({ description: 'shown once, stored hashed' }),
      url: Type.String({
        description:
          'for browsers; if the hub has an issued certificate, it begins at the page that explains the warning of browsers, and the part after # also holds `fp`, the identity to pin',
      }),
      appLink: Type.String({ description: '`hubbub://join?…`, for the desktop app' }),
      reach: InviteReach,
    },
    strict,
  ),
})

export const HubSettings = Type.Object(
  {
    hubName: Type.String(),
    registration: Registration,
    recoveryByQuestion: Type.Boolean({
      description: 'members can recover their account by security question',
    }),
    groupMembers: Type.Integer({
      minimum: 2,
      maximum: limits.groupMembers,
      description: 'maximum members of a group; groups that are already larger keep their members',
    }),
    fileBytes: Type.Integer({ description: 'maximum size of a file' }),
    userBytes: Type.Integer({ description: 'maximum total size of the files of a user' }),
    retentionDays: Type.Union([Type.Integer({ minimum: 1, maximum: limits.retentionDays }), Type.Null()], {
      description: 'older messages are deleted permanently with their files; null keeps messages forever',
    }),
    teamGroup: Type.Union([Id, Type.Null()], {
      description: 'the group for everyone: all users, also later ones, are in it, and nobody can leave it',
    }),
  },
  { ...strict, $id: 'HubSettings' },
)
export type HubSettings = Static<typeof HubSettings>

export const adminSettings = defineRequest({
  name: 'admin.settings',
  updateRequest: 'admin.settings.update',
  method: 'GET',
  path: '/api/admin/settings',
  access: 'hub admin',
  summary: 'The settings of this hub.',
  input: EmptyObject,
  output: HubSettings,
})

export const adminSettingsUpdate = defineRequest({
  name: 'admin.settings.update',
  method: 'PATCH',
  path: '/api/admin/settings',
  access: 'hub admin',
  requiresReauthentication: true,
  summary:
    'Changes the settings of this hub. Only the owner can change registration, recovery by question, retention and the limits.',
  input: Type.Object(
    {
      hubName: Type.Optional(Type.String({ maxLength: 256 })),
      registration: Type.Optional(Registration),
      recoveryByQuestion: Type.Optional(Type.Boolean()),
      groupMembers: Type.Optional(Type.Integer({ minimum: 2, maximum: limits.groupMembers })),
      fileBytes: Type.Optional(
        Type.Integer({ minimum: limits.fileBytes.min, maximum: limits.fileBytes.max }),
      ),
      userBytes: Type.Optional(
        Type.Integer({ minimum: limits.userBytes.min, maximum: limits.userBytes.max }),
      ),
      retentionDays: Type.Optional(HubSettings.properties.retentionDays),
      teamGroup: Type.Optional(HubSettings.properties.teamGroup),
    },
    strict,
  ),
  output: HubSettings,
})

export const adminRetention = defineRequest({
  name: 'admin.retention',
  method: 'GET',
  path: '/api/admin/retention',
  access: 'hub admin',
  summary:
    'Counts the messages older than this number of days: those that retention (`retentionDays`) would delete.',
  input: Type.Object({ days: Type.Integer({ minimum: 1, maximum: limits.retentionDays }) }, strict),
  output: Type.Object({ messages: Type.Integer() }, strict),
})
