import { Type } from './type.ts'
import { defineRequest } from './define.ts'
import { accountInput } from './hub.ts'
import { Id, EmptyObject, strict } from './values.ts'

const username = Type.String({ maxLength: 1024 })
const ResetToken = Type.Object(
  { resetToken: Type.String({ description: 'for recovery.reset, within 15 minutes, once' }) },
  strict,
)

export const recoveryQuestion = defineRequest({
  name: 'recovery.question',
  method: 'POST',
  path: '/api/recovery/question',
  access: 'anyone',
  summary:
    'The security question of a name. A name that nobody has, or that cannot be recovered by a question, gets one too, and always the same.',
  input: Type.Object({ username }, strict),
  output: Type.Object({ question: Type.String() }, strict),
})

export const recoveryAnswer = defineRequest({
  name: 'recovery.answer',
  method: 'POST',
  path: '/api/recovery/answer',
  access: 'anyone',
  summary: 'Trades the answer for a reset token. Five tries a day for each name; logging in is not affected.',
  input: Type.Object({ username, answer: Type.String({ maxLength: 1024 }) }, strict),
  output: ResetToken,
})

export const recoveryKey = defineRequest({
  name: 'recovery.key',
  method: 'POST',
  path: '/api/recovery/key',
  access: 'anyone',
  summary: 'Trades the recovery key for a reset token. The reset it leads to makes a new key.',
  input: Type.Object({ username, recoveryKey: Type.String({ maxLength: 256 }) }, strict),
  output: ResetToken,
})

export const recoveryReset = defineRequest({
  name: 'recovery.reset',
  method: 'POST',
  path: '/api/recovery/reset',
  access: 'anyone',
  transport: 'http',
  summary:
    'Sets a new password by a reset token, or by what stands behind the # of a reset link. Ends every session of the person and opens none.',
  input: Type.Object(
    { resetToken: Type.String({ maxLength: 256 }), password: accountInput.password },
    strict,
  ),
  output: Type.Object(
    {
      username: Type.String({ description: 'whose password it is' }),
      recoveryKey: Type.String({ description: 'a new one, shown once' }),
    },
    strict,
  ),
})

/** What proves that it is me who sits there. */
const currentPassword = Type.String({ maxLength: 1024, description: 'my password' })

export const mePassword = defineRequest({
  name: 'me.password',
  method: 'POST',
  path: '/api/me/password',
  access: 'session',
  tokens: 'never',
  summary:
    'Changes my password, ends my other sessions and, unless `endTokens` is false, my personal tokens.',
  input: Type.Object(
    {
      current: currentPassword,
      password: accountInput.password,
      endTokens: Type.Optional(Type.Boolean({ description: 'default true' })),
    },
    strict,
  ),
  output: undefined,
})

export const meRecovery = defineRequest({
  name: 'me.recovery',
  method: 'POST',
  path: '/api/me/recovery',
  access: 'session',
  tokens: 'never',
  summary: 'Changes my security question; without question and answer there is none any more.',
  input: Type.Object(
    {
      current: currentPassword,
      securityQuestion: accountInput.securityQuestion,
      securityAnswer: accountInput.securityAnswer,
    },
    strict,
  ),
  output: undefined,
})

export const meRecoveryKey = defineRequest({
  name: 'me.createRecoveryKey',
  method: 'POST',
  path: '/api/me/recovery/key',
  access: 'session',
  tokens: 'never',
  summary: 'Makes a new recovery key; the one before works no more.',
  input: Type.Object({ current: currentPassword }, strict),
  output: Type.Object({ recoveryKey: Type.String({ description: 'shown once' }) }, strict),
})

export const meDismissRecoveryNotice = defineRequest({
  name: 'me.dismissRecoveryNotice',
  method: 'DELETE',
  path: '/api/me/recovery/dismiss-notice',
  access: 'session',
  tokens: 'never',
  summary: 'I have seen that my account was recovered: `recovered` of me.get is told no more.',
  input: EmptyObject,
  output: undefined,
})

export const usersResetLink = defineRequest({
  name: 'admin.users.createResetLink',
  method: 'POST',
  path: '/api/admin/users/:userId/reset-link',
  access: 'hub admin',
  requiresReauthentication: true,
  summary:
    'A link by which this person sets a new password, for 60 minutes, once. For members; for admins the owner makes it.',
  input: Type.Object({ userId: Id }, strict),
  output: Type.Object({ url: Type.String({ description: 'shown once, stored hashed' }) }, strict),
})
