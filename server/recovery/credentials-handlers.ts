import { HubError } from '../../shared/errors.ts'
import { normaliseAnswer } from '../../shared/text/names.ts'
import { readHubName, requireStrongPassword } from '../accounts/check-password.ts'
import { checkQuestion, normalizeQuestion } from '../accounts/create-account.ts'
import { newRecoveryKey, normaliseRecoveryKey } from '../accounts/recovery-key.ts'
import { endUserSessions } from '../sessions/sessions.ts'
import {
  userCounter,
  consumeAttempts,
  refundAttempts,
  refundSuccessfulAttempts,
} from '../accounts/attempt-limiter.ts'
import { audit } from '../audit/audit.ts'
import { custom, noAccessCheck, type AuthenticatedCaller, notLoggedIn, write } from '../dispatch.ts'
import type { Tx } from '../db/writer.ts'
import type { HubContext } from '../context.ts'
import { sha256 } from '../ids.ts'
import { endUserTokens } from '../tokens/tokens.ts'
import { deleteReset } from './resets.ts'

/** What a person changes about their own ways in. Each asks for the password again: an open window is not enough. */
export const credentialHandlers = {
  'me.password': custom(
    'me.password',
    noAccessCheck,
    async (hub, caller, { current, password, endTokens = true }) => {
      const me = await hub.reader
        .selectFrom('user')
        .where('id', '=', caller.viewer.userId)
        .select(['username', 'displayName'])
        .executeTakeFirstOrThrow()
      requireStrongPassword(password, { ...me, hubName: await readHubName(hub.reader) })
      await withCurrentPassword(hub, caller, current, async () => {
        const hashed = await hub.passwords.hash(password)
        return async (tx) => {
          const { userId, sessionId } = caller.viewer
          await tx.db.updateTable('user').set({ password: hashed }).where('id', '=', userId).execute()
          await deleteReset(tx.db, userId)
          await endUserSessions(tx, hub.live, userId, sessionId)
          const tokens = endTokens ? await endUserTokens(tx, hub.live, userId) : 0
          await audit(tx, {
            action: 'password.changed',
            by: userId,
            target: userId,
            address: caller.address,
            detail: { tokens },
          })
        }
      })
    },
  ),
  'me.recovery': custom('me.recovery', noAccessCheck, async (hub, caller, input) => {
    checkQuestion(input)
    const { current, securityQuestion, securityAnswer } = input
    await withCurrentPassword(hub, caller, current, async () => {
      const asked = securityQuestion !== undefined && securityAnswer !== undefined
      const question = asked ? normalizeQuestion(securityQuestion) : null
      const answer = asked ? await hub.passwords.hash(normaliseAnswer(securityAnswer)) : null
      return async (tx) => {
        const { userId } = caller.viewer
        await tx.db.updateTable('user').set({ question, answer }).where('id', '=', userId).execute()
        // what the old answer has opened
        await tx.db
          .deleteFrom('resetToken')
          .where('userId', '=', userId)
          .where('method', '=', 'question')
          .execute()
        await audit(tx, {
          action: 'recovery.question-changed',
          by: userId,
          target: userId,
          address: caller.address,
          detail: { question: asked },
        })
      }
    })
  }),
  'me.createRecoveryKey': custom('me.createRecoveryKey', noAccessCheck, (hub, caller, { current }) =>
    withCurrentPassword(hub, caller, current, () =>
      Promise.resolve(async (tx: Tx) => {
        const { userId } = caller.viewer
        const recoveryKey = newRecoveryKey()
        const hashed = sha256(normaliseRecoveryKey(recoveryKey))
        await tx.db.updateTable('user').set({ recoveryKey: hashed }).where('id', '=', userId).execute()
        await tx.db
          .deleteFrom('resetToken')
          .where('userId', '=', userId)
          .where('method', '=', 'key')
          .execute()
        await audit(tx, {
          action: 'recovery.key-changed',
          by: userId,
          target: userId,
          address: caller.address,
        })
        return { recoveryKey }
      }),
    ),
  ),
  'sessions.reauthenticate': custom('sessions.reauthenticate', noAccessCheck, (hub, caller, { current }) =>
    withCurrentPassword(hub, caller, current, () =>
      Promise.resolve(async (tx: Tx) => {
        await tx.db
          .updateTable('session')
          .set({ reauthenticatedAt: hub.clock() })
          .where('id', '=', caller.viewer.sessionId)
          .execute()
      }),
    ),
  ),
  'me.dismissRecoveryNotice': write(
    'me.dismissRecoveryNotice',
    noAccessCheck,
    async (tx, _hub, { viewer }) => {
      await tx.db.updateTable('user').set({ recoveryNotice: null }).where('id', '=', viewer.userId).execute()
    },
  ),
}

/**
 * Slowed down as logging in is, but by a count of its own: strangers who fail to log in must not keep a person from changing
 * their password. `prepare` does the slow part, once the password was right.
 * @throws forbidden with the field `current`
 */
async function withCurrentPassword<T>(
  hub: HubContext,
  caller: AuthenticatedCaller,
  current: string,
  prepare: () => Promise<(tx: Tx) => Promise<T>>,
): Promise<T> {
  const { userId } = caller.viewer
  const charges = [userCounter('current', userId)]
  await consumeAttempts(hub, charges)
  const row = await hub.reader
    .selectFrom('user')
    .where('id', '=', userId)
    .select('password')
    .executeTakeFirstOrThrow()
  try {
    if (!(await hub.passwords.verify(row.password, current))) throw wrongPassword()
    const change = await prepare()
    return await hub.writer.write(async (tx) => {
      if (caller.isCancelled?.()) throw notLoggedIn()
      const mine = await tx.db
        .selectFrom('session')
        .innerJoin('user', 'user.id', 'session.userId')
        .where('session.id', '=', caller.viewer.sessionId)
        .select('user.password')
        .executeTakeFirst()
      // meanwhile the session was ended, or the password changed from elsewhere
      if (!mine) throw notLoggedIn()
      if (!mine.password.equals(row.password)) throw wrongPassword()
      if (!hub.unlimited) await refundSuccessfulAttempts(tx, charges)
      return change(tx)
    })
  } catch (error) {
    // nobody looked at it
    if (error instanceof HubError && error.code === 'busy') await refundAttempts(hub, charges)
    throw error
  }
}

function wrongPassword(): HubError {
  return new HubError('forbidden', 'This is not your password.', { field: 'current' })
}
