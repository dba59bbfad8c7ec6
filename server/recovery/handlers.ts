import { timingSafeEqual } from 'node:crypto'
import type { Input } from '../../shared/contract.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { foldCase, normalizeAnswer } from '../../shared/text/names.ts'
import { requireHubAdmin } from '../access/hub.ts'
import { readHubName, requireStrongPassword } from '../passwords/check-password.ts'
import { requireFilledIn } from '../accounts/required-input.ts'
import { normalizeRecoveryKey } from '../accounts/recovery-key.ts'
import {
  addressCounter,
  usernameCounter,
  chargeIfRefused,
  consumeAttempts,
  hubCounter,
  refundAttempts,
  refundSuccessfulAttempts,
  waiterOf,
} from '../accounts/attempt-limiter.ts'
import { audit } from '../audit/audit.ts'
import {
  custom,
  noAccessCheck,
  write,
  type AccessCheck,
  defineHandlers,
  type RequestContext,
} from '../define-handlers.ts'
import { sha256 } from '../ids.ts'
import { findQuestion, findUserAnswer } from './question.ts'
import { completeReset, openReset, requireReset } from './resets.ts'
import { runOperation } from '../operation.ts'

/** Account recovery without e-mail. Unknown names get the same responses as known names. */
export const recoveryHandlers = defineHandlers({
  'recovery.question': custom({
    access: noAccessCheck,
    run: async ({ hub, caller }, { username }) => {
      requireFilledIn({ username })
      await consumeAttempts(hub, [addressCounter('recoveryAddress', caller.address)])
      // it reads a row of each user: a stranger must not take the loop from others
      const read = () => hub.store.read((db) => findQuestion(db, username))
      return { question: await hub.turns.run(caller.address, read) }
    },
  }),
  'recovery.answer': custom({ access: noAccessCheck, run: recoverWithAnswer }),
  'recovery.key': custom({ access: noAccessCheck, run: recoverWithKey }),
  'recovery.checkReset': custom({
    access: noAccessCheck,
    run: async ({ hub, caller }, { resetToken }) => {
      const check = hub.store.read((db) => requireReset(db, resetToken.trim(), hub.clock()))
      await chargeIfRefused(hub, addressCounter('resetAddress', caller.address), check)
    },
  }),
  'recovery.reset': custom({
    access: noAccessCheck,
    run: async ({ hub, caller }, { resetToken, password }) => {
      await consumeAttempts(hub, [addressCounter('resetAddress', caller.address)])
      const token = resetToken.trim()
      const names = await hub.store.read((db) => requireReset(db, token, hub.clock()))
      requireStrongPassword(password, { ...names, hubName: await hub.store.read(readHubName) })
      const hashed = await hub.passwords.hash(password, waiterOf(caller))
      const { address } = caller
      return runOperation(hub, { locks: 'hub' }, (op) =>
        completeReset(op, token, { password: hashed, address }),
      )
    },
  }),
  'admin.users.createResetLink': write({
    access: requireResettableUser,
    locks: 'hub',
    run: async (op, _input, userId) => {
      const token = await openReset(op, userId, 'link')
      const by = op.caller.viewer.userId
      audit(op, { action: 'recovery.link-issued', by, target: userId, address: op.caller.address })
      return { url: `${op.hub.endpoint.linkOrigin(op.caller.origin)}/reset#${token}` }
    },
  }),
})

async function recoverWithAnswer(
  { hub, caller }: RequestContext<'recovery.answer'>,
  { username, answer }: Input<'recovery.answer'>,
) {
  requireFilledIn({ username, answer })
  const charges = [
    usernameCounter('answer', username),
    addressCounter('answerAddress', caller.address),
    hubCounter('answerHub'),
  ]
  await consumeAttempts(hub, charges)
  const user = await hub.store.read((db) => findUserAnswer(db, username))
  const right = await hub.passwords
    .verify(user?.answer, normalizeAnswer(answer), waiterOf(caller))
    .catch(async (error: unknown) => {
      await refundAttempts(hub, charges)
      throw error
    })
  const resetToken = await runOperation(hub, { locks: 'hub' }, async (op) => {
    // since the check, the question may have changed, or the owner may have closed this method
    const now = await findUserAnswer(op.db, username)
    const { address } = caller
    if (!right || !user || !now?.answer.equals(user.answer)) {
      audit(op, { action: 'recovery.question-failed', target: now?.id, address })
      return undefined
    }
    if (!hub.unlimited) await refundSuccessfulAttempts(op, charges)
    audit(op, { action: 'recovery.question-answered', target: user.id, address })
    return openReset(op, user.id, 'question')
  })
  if (resetToken === undefined) throw new HubError('unauthenticated', 'Wrong answer.', { field: 'answer' })
  return { resetToken }
}

const dummyKey = sha256('the key of nobody')

/** 160 random bits cannot be guessed, so only the address is slowed down, and no stranger can lock a user out. */
async function recoverWithKey(
  { hub, caller }: RequestContext<'recovery.key'>,
  { username, recoveryKey }: Input<'recovery.key'>,
) {
  requireFilledIn({ username, recoveryKey })
  const charges = [addressCounter('keyAddress', caller.address)]
  await consumeAttempts(hub, charges)
  const resetToken = await runOperation(hub, { locks: 'hub' }, async (op) => {
    const row = await op.db
      .selectFrom('user')
      .where('usernameKey', '=', foldCase(username.trim()))
      .where('kind', '=', 'user')
      .where('deactivatedAt', 'is', null)
      .select(['id', 'recoveryKey'])
      .executeTakeFirst()
    const given = sha256(normalizeRecoveryKey(recoveryKey))
    const right = timingSafeEqual(given, row?.recoveryKey ?? dummyKey)
    const { address } = caller
    if (!row || !right) {
      audit(op, { action: 'recovery.key-failed', target: row?.id, address })
      return undefined
    }
    if (!hub.unlimited) await refundSuccessfulAttempts(op, charges)
    audit(op, { action: 'recovery.key-used', target: row.id, address })
    return openReset(op, row.id, 'key')
  })
  if (resetToken === undefined) {
    throw new HubError('unauthenticated', 'Wrong username or recovery key.', { field: 'recoveryKey' })
  }
  return { resetToken }
}

/**
 * Requires a user to whom the viewer may send a reset link: members for admins, every other user for the owner.
 * @throws HubError `forbidden`, `not_found`
 */
async function requireResettableUser(
  ...[db, viewer, { userId }]: Parameters<AccessCheck<string>>
): Promise<string> {
  const mine = await requireHubAdmin(db, viewer)
  const row =
    userId === undefined
      ? undefined
      : await db
          .selectFrom('user')
          .where('id', '=', userId)
          .where('kind', '=', 'user')
          .select(['id', 'role', 'deactivatedAt'])
          .executeTakeFirst()
  if (!row) throw notFound('This user')
  if (row.role === 'owner') {
    throw new HubError(
      'forbidden',
      'The owner can recover their account only with the recovery key, or with a command on the hub’s computer.',
    )
  }
  if (row.role === 'admin' && mine !== 'owner') {
    throw new HubError('forbidden', 'Only the owner of this hub can create a reset link for an admin.')
  }
  if (row.deactivatedAt !== null) {
    throw new HubError('forbidden', 'This account is deactivated. Reactivate it first.')
  }
  return row.id
}
