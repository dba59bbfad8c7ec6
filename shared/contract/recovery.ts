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
    'Returns the security question of a username. A username that does not exist, or has no question, also gets a question, always the same.',
  input: Type.Object({ username }, strict),
  output: Type.Object({ question: Type.String() }, strict),
})

export const recoveryAnswer = defineRequest({
  name: 'recovery.answer',
  method: 'POST',
  path: '/api/recovery/answer',
  access: 'anyone',
  summary:
    'Exchanges the answer for a reset token. Five attempts a day for each username; login is not affected.',
  input: Type.Object({ username, answer: Type.String({ maxLength: 1024 }) }, strict),
  output: ResetToken,
})

export const recoveryKey = defineRequest({
  name: 'recovery.key',
  method: 'POST',
  path: '/api/recovery/key',
  access: 'anyone',
  summary: 'Exchanges the recovery key for a reset token. The reset replaces the key.',
  input: Type.Object({ username, recoveryKey: Type.String({ maxLength: 256 }) }, strict),
  output: ResetToken,
})

export const recoveryCheckReset = defineRequest({
  name: 'recovery.checkReset',
  method: 'POST',
  path: '/api/recovery/check-reset',
  access: 'anyone',
  summary:
    'Succeeds if recovery.reset accepts this reset token now, and does not use it up. One that does not exist gets the same error as one that was used, was replaced or has expired.',
  input: Type.Object({ resetToken: Type.String({ maxLength: 256 }) }, strict),
  output: undefined,
})

export const recoveryReset = defineRequest({
  name: 'recovery.reset',
  method: 'POST',
  path: '/api/recovery/reset',
  access: 'anyone',
  transport: 'http',
  summary:
    'Sets a new password with a reset token, or with the part after # of a reset link. Ends every session of the user and opens none.',
  input: Type.Object(
    { resetToken: Type.String({ maxLength: 256 }), password: accountInput.password },
    strict,
  ),
  output: Type.Object(
    {
      username: Type.String({ description: 'username of the account' }),
      recoveryKey: Type.String({ description: 'a new one, shown once' }),
    },
    strict,
  ),
})

/** Proves that the user is at the computer, not someone else at an unlocked screen. */
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
  summary: 'Changes my security question. Without question and answer it is removed.',
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

export const meCreateRecoveryKey = defineRequest({
  name: 'me.createRecoveryKey',
  method: 'POST',
  path: '/api/me/recovery/key',
  access: 'session',
  tokens: 'never',
  summary: 'Creates a new recovery key; the previous one becomes invalid.',
  input: Type.Object({ current: currentPassword }, strict),
  output: Type.Object({ recoveryKey: Type.String({ description: 'shown once' }) }, strict),
})

export const meDismissRecoveryNotice = defineRequest({
  name: 'me.dismissRecoveryNotice',
  method: 'DELETE',
  path: '/api/me/recovery/dismiss-notice',
  access: 'session',
  tokens: 'never',
  summary: 'Removes `recovered` from me.get, after I have seen that my account was recovered.',
  input: EmptyObject,
  output: undefined,
})

export const adminUsersCreateResetLink = defineRequest({
  name: 'admin.users.createResetLink',
  method: 'POST',
  path: '/api/admin/users/:userId/reset-link',
  access: 'hub admin',
  requiresReauthentication: true,
  summary:
    'Creates a link with which a user can set a new password; valid once, for 60 minutes. Admins can do this for members, the owner for admins too.',
  input: Type.Object({ userId: Id }, strict),
  output: Type.Object({ url: Type.String({ description: 'shown once, stored hashed' }) }, strict),
})
