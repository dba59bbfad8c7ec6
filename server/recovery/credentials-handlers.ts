import { HubError } from '../../shared/errors.ts'
import { normalizeAnswer } from '../../shared/text/names.ts'
import { readHubName, requireStrongPassword } from '../passwords/check-password.ts'
import { checkQuestion, normalizeQuestion } from '../accounts/create-account.ts'
import { newRecoveryKey, normalizeRecoveryKey } from '../accounts/recovery-key.ts'
import { endUserSessions } from '../sessions/sessions.ts'
import {
  userCounter,
  consumeAttempts,
  refundAttempts,
  refundSuccessfulAttempts,
} from '../accounts/attempt-limiter.ts'
import { audit } from '../audit/audit.ts'
import { custom, noAccessCheck, write, defineHandlers } from '../define-handlers.ts'
import { type AuthenticatedCaller, notLoggedIn } from '../caller.ts'
import type { HubContext } from '../context.ts'
import { sha256 } from '../ids.ts'
import { throttleLock, userLock } from '../locks.ts'
import { viewerLocks } from '../request-locks.ts'
import { endUserTokens } from '../tokens/tokens.ts'
import { deleteReset } from './resets.ts'
import { type Operation, runOperation } from '../operation.ts'

/** Changes of a user's own credentials. Each confirms the password again: an open window is not enough. */
export const credentialHandlers = defineHandlers({
  'me.password': custom({
    access: noAccessCheck,
    run: async ({ hub, caller }, { current, password, endTokens = true }) => {
      const me = await hub.store.read((db) =>
        db
          .selectFrom('user')
          .where('id', '=', caller.viewer.userId)
          .select(['username', 'displayName'])
          .executeTakeFirstOrThrow(),
      )
      requireStrongPassword(password, { ...me, hubName: await hub.store.read(readHubName) })
      await withCurrentPassword(hub, caller, current, async () => {
        const hashed = await hub.passwords.hash(password, caller.viewer.userId)
        return async (op: Operation) => {
          const { userId, sessionId } = caller.viewer
          await op.db.updateTable('user').set({ password: hashed }).where('id', '=', userId).execute()
          await deleteReset(op.db, userId)
          await endUserSessions(op, userId, sessionId)
          const tokens = endTokens ? await endUserTokens(op, userId) : 0
          audit(op, {
            action: 'password.changed',
            by: userId,
            target: userId,
            address: caller.address,
            detail: { tokens },
          })
        }
      })
    },
  }),
  'me.recovery': custom({
    access: noAccessCheck,
    run: async ({ hub, caller }, input) => {
      checkQuestion(input)
      const { current, securityQuestion, securityAnswer } = input
      await withCurrentPassword(hub, caller, current, async () => {
        const asked = securityQuestion !== undefined && securityAnswer !== undefined
        const question = asked ? normalizeQuestion(securityQuestion) : null
        const answer = asked
          ? await hub.passwords.hash(normalizeAnswer(securityAnswer), caller.viewer.userId)
          : null
        return async (op: Operation) => {
          const { userId } = caller.viewer
          await op.db.updateTable('user').set({ question, answer }).where('id', '=', userId).execute()
          // deletes the reset that the old answer has opened
          await op.db
            .deleteFrom('resetToken')
            .where('userId', '=', userId)
            .where('method', '=', 'question')
            .execute()
          audit(op, {
            action: 'recovery.question-changed',
            by: userId,
            target: userId,
            address: caller.address,
            detail: { question: asked },
          })
        }
      })
    },
  }),
  'me.createRecoveryKey': custom({
    access: noAccessCheck,
    run: ({ hub, caller }, { current }) =>
      withCurrentPassword(hub, caller, current, () =>
        Promise.resolve(async (op: Operation) => {
          const { userId } = caller.viewer
          const recoveryKey = newRecoveryKey()
          const hashed = sha256(normalizeRecoveryKey(recoveryKey))
          await op.db.updateTable('user').set({ recoveryKey: hashed }).where('id', '=', userId).execute()
          await op.db
            .deleteFrom('resetToken')
            .where('userId', '=', userId)
            .where('method', '=', 'key')
            .execute()
          audit(op, {
            action: 'recovery.key-changed',
            by: userId,
            target: userId,
            address: caller.address,
          })
          return { recoveryKey }
        }),
      ),
  }),
  'sessions.reauthenticate': custom({
    access: noAccessCheck,
    run: ({ hub, caller }, { current }) =>
      withCurrentPassword(hub, caller, current, () =>
        Promise.resolve(async (op: Operation) => {
          await op.db
            .updateTable('session')
            .set({ reauthenticatedAt: hub.clock() })
            .where('id', '=', caller.viewer.sessionId)
            .execute()
        }),
      ),
  }),
  'me.dismissRecoveryNotice': write({
    access: noAccessCheck,
    locks: viewerLocks,
    run: async (op) => {
      await op.db
        .updateTable('user')
        .set({ recoveryNotice: null })
        .where('id', '=', op.viewer.userId)
        .execute()
    },
  }),
})

/**
 * Slowed down like a login, but with a count of its own: failed logins of strangers must not keep a user from
 * changing their password. `prepare` does the slow part, after the password was right.
 * @throws HubError `forbidden` with the field `current`
 */
async function withCurrentPassword<T>(
  hub: HubContext,
  caller: AuthenticatedCaller,
  current: string,
  prepare: () => Promise<(op: Operation) => Promise<T>>,
): Promise<T> {
  const { userId } = caller.viewer
  const charges = [userCounter('current', userId)]
  await consumeAttempts(hub, charges)
  const row = await hub.store.read((db) =>
    db.selectFrom('user').where('id', '=', userId).select('password').executeTakeFirstOrThrow(),
  )
  try {
    if (!(await hub.passwords.verify(row.password, current, userId))) throw wrongPassword()
    const change = await prepare()
    const locks = [userLock(userId), ...charges.map(({ key }) => throttleLock(key))]
    return await runOperation(hub, { locks }, async (op) => {
      if (caller.isCancelled?.()) throw notLoggedIn()
      const mine = await op.db
        .selectFrom('session')
        .innerJoin('user', 'user.id', 'session.userId')
        .where('session.id', '=', caller.viewer.sessionId)
        .select('user.password')
        .executeTakeFirst()
      // the session may have ended meanwhile, or the password changed elsewhere
      if (!mine) throw notLoggedIn()
      if (!mine.password.equals(row.password)) throw wrongPassword()
      if (!hub.unlimited) await refundSuccessfulAttempts(op, charges)
      return change(op)
    })
  } catch (error) {
    // the attempt was never checked
    if (error instanceof HubError && error.code === 'busy') await refundAttempts(hub, charges)
    throw error
  }
}

function wrongPassword(): HubError {
  return new HubError('forbidden', 'Wrong password.', { field: 'current' })
}
