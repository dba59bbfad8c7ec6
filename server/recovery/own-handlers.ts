import { HubError } from '../../shared/errors.ts'
import { normaliseAnswer } from '../../shared/text/names.ts'
import { hubNameOf, requireGoodPassword } from '../accounts/check-password.ts'
import { checkQuestion, questionText } from '../accounts/new-account.ts'
import { newRecoveryKey, normaliseRecoveryKey } from '../accounts/recovery-key.ts'
import { endSessionsOf } from '../accounts/sessions.ts'
import { byUser, charge, giveBack, refund } from '../accounts/throttle.ts'
import { audit } from '../audit/audit.ts'
import { act, everybody, type Known, notLoggedIn, write } from '../call.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'
import { sha256 } from '../ids.ts'
import { endTokensOf } from '../tokens/tokens.ts'
import { dropReset } from './resets.ts'

/** What a person changes about their own ways in. Each asks for the password again: an open window is not enough. */
export const ownSecretHandlers = {
  'me.password': act(
    'me.password',
    everybody,
    async (hub, caller, { current, password, endTokens = true }) => {
      const me = await hub.reader
        .selectFrom('user')
        .where('id', '=', caller.viewer.userId)
        .select(['username', 'displayName'])
        .executeTakeFirstOrThrow()
      requireGoodPassword(password, { ...me, hubName: await hubNameOf(hub.reader) })
      await withPassword(hub, caller, current, async () => {
        const hashed = await hub.passwords.hash(password)
        return async (tx) => {
          const { userId, sessionId } = caller.viewer
          await tx.db.updateTable('user').set({ password: hashed }).where('id', '=', userId).execute()
          await dropReset(tx.db, userId)
          await endSessionsOf(tx, hub.live, userId, sessionId)
          const tokens = endTokens ? await endTokensOf(tx, hub.live, userId) : 0
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
  'me.recovery': act('me.recovery', everybody, async (hub, caller, input) => {
    checkQuestion(input)
    const { current, securityQuestion, securityAnswer } = input
    await withPassword(hub, caller, current, async () => {
      const asked = securityQuestion !== undefined && securityAnswer !== undefined
      const question = asked ? questionText(securityQuestion) : null
      const answer = asked ? await hub.passwords.hash(normaliseAnswer(securityAnswer)) : null
      return async (tx) => {
        const { userId } = caller.viewer
        await tx.db.updateTable('user').set({ question, answer }).where('id', '=', userId).execute()
        // what the old answer has opened
        await tx.db.deleteFrom('reset').where('userId', '=', userId).where('way', '=', 'question').execute()
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
  'me.recoveryKey': act('me.recoveryKey', everybody, (hub, caller, { current }) =>
    withPassword(hub, caller, current, () =>
      Promise.resolve(async (tx: Tx) => {
        const { userId } = caller.viewer
        const recoveryKey = newRecoveryKey()
        const hashed = sha256(normaliseRecoveryKey(recoveryKey))
        await tx.db.updateTable('user').set({ recoveryKey: hashed }).where('id', '=', userId).execute()
        await tx.db.deleteFrom('reset').where('userId', '=', userId).where('way', '=', 'key').execute()
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
  'sessions.confirm': act('sessions.confirm', everybody, (hub, caller, { current }) =>
    withPassword(hub, caller, current, () =>
      Promise.resolve(async (tx: Tx) => {
        await tx.db
          .updateTable('session')
          .set({ confirmedAt: hub.clock() })
          .where('id', '=', caller.viewer.sessionId)
          .execute()
      }),
    ),
  ),
  'me.recoverySeen': write('me.recoverySeen', everybody, async (tx, _hub, { viewer }) => {
    await tx.db.updateTable('user').set({ recovered: null }).where('id', '=', viewer.userId).execute()
  }),
}

/**
 * Slowed down as logging in is, but by a count of its own: strangers who fail to log in must not keep a person from changing
 * their password. `prepare` does the slow part, once the password was right.
 * @throws forbidden with the field `current`
 */
async function withPassword<T>(
  hub: Hub,
  caller: Known,
  current: string,
  prepare: () => Promise<(tx: Tx) => Promise<T>>,
): Promise<T> {
  const { userId } = caller.viewer
  const charges = [byUser('current', userId)]
  await charge(hub, charges)
  const row = await hub.reader
    .selectFrom('user')
    .where('id', '=', userId)
    .select('password')
    .executeTakeFirstOrThrow()
  try {
    if (!(await hub.passwords.verify(row.password, current))) throw wrongPassword()
    const change = await prepare()
    return await hub.writer.write(async (tx) => {
      if (caller.isOver?.()) throw notLoggedIn()
      const mine = await tx.db
        .selectFrom('session')
        .innerJoin('user', 'user.id', 'session.userId')
        .where('session.id', '=', caller.viewer.sessionId)
        .select('user.password')
        .executeTakeFirst()
      // meanwhile the session was ended, or the password changed from elsewhere
      if (!mine) throw notLoggedIn()
      if (!mine.password.equals(row.password)) throw wrongPassword()
      if (!hub.unlimited) await refund(tx, charges)
      return change(tx)
    })
  } catch (error) {
    // nobody looked at it
    if (error instanceof HubError && error.code === 'busy') await giveBack(hub, charges)
    throw error
  }
}

function wrongPassword(): HubError {
  return new HubError('forbidden', 'This is not your password.', { field: 'current' })
}
