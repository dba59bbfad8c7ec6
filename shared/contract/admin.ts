import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { limits, EmptyObject, Registration, strict } from './values.ts'

export const invitesCreate = defineRequest({
  name: 'admin.invites.create',
  method: 'POST',
  path: '/api/admin/invites',
  access: 'hub admin',
  status: 201,
  summary: 'Makes an invite link. Only the owner can invite admins.',
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
          'for browsers; behind the # also `fp`, the identity to hold the hub to, when it has its own certificate',
      }),
      appLink: Type.String({ description: '`hubbub://join?…`, for the desktop app' }),
    },
    strict,
  ),
})

export const HubSettings = Type.Object(
  {
    hubName: Type.String(),
    registration: Registration,
    recoveryByQuestion: Type.Boolean({
      description: 'whether members can come back by their security question',
    }),
    groupMembers: Type.Integer({
      minimum: 2,
      maximum: limits.groupMembers,
      description: 'most members of a group; those that are larger already stay as they are',
    }),
    fileBytes: Type.Integer({ description: 'the largest file that can be sent' }),
    userBytes: Type.Integer({ description: 'what all files of one person may take' }),
    messageDays: Type.Union([Type.Integer({ minimum: 1, maximum: limits.retentionDays }), Type.Null()], {
      description: 'messages that are older go for good, with their files; null keeps them for ever',
    }),
  },
  { ...strict, $id: 'HubSettings' },
)
export type HubSettings = Static<typeof HubSettings>

export const settingsGet = defineRequest({
  name: 'admin.settings',
  updateRequest: 'admin.settings.update',
  method: 'GET',
  path: '/api/admin/settings',
  access: 'hub admin',
  summary: 'The settings of this hub.',
  input: EmptyObject,
  output: HubSettings,
})

export const settingsUpdate = defineRequest({
  name: 'admin.settings.update',
  method: 'PATCH',
  path: '/api/admin/settings',
  access: 'hub admin',
  requiresReauthentication: true,
  summary:
    'Changes the settings of this hub; who may register, whether questions lead back in, how long messages are kept, and the limits are the owner’s to decide.',
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
      messageDays: Type.Optional(HubSettings.properties.messageDays),
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
  summary: 'How many messages would go if those older than so many days did (`messageDays` in the settings).',
  input: Type.Object({ days: Type.Integer({ minimum: 1, maximum: limits.retentionDays }) }, strict),
  output: Type.Object({ messages: Type.Integer() }, strict),
})
