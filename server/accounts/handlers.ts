import { timingSafeEqual } from 'node:crypto'
import type { Input } from '../../shared/contract.ts'
import type { Recovered } from '../../shared/contract/accounts.ts'
import { protocol } from '../../shared/contract/live.ts'
import type { User } from '../../shared/contract/users.ts'
import { limits, type Registration } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { checkLine, foldCase, normalizeLine } from '../../shared/text/names.ts'
import { securityQuestions } from '../../shared/text/security-questions.ts'
import { audit } from '../audit/audit.ts'
import { parseGroupName } from '../chats/groups.ts'
import { createTeamGroup } from '../chats/team-group.ts'
import {
  custom,
  noAccessCheck,
  read,
  write,
  defineHandlers,
  type RequestContext,
} from '../define-handlers.ts'
import { type Caller, notLoggedIn } from '../caller.ts'
import type { HubContext } from '../context.ts'
import { sha256 } from '../ids.ts'
import { throttleLock, userLock } from '../locks.ts'
import { viewerLocks } from '../request-locks.ts'
import { toUser, userColumns } from '../users/user-view.ts'
import { readSetup } from './set-up.ts'
import { requireFilledIn } from './required-input.ts'
import { readHubName } from '../passwords/check-password.ts'
import { requireInvite, redeemInvite } from '../invites/invites.ts'
import { checkAccount, insertAccount, isNameTaken, nameTaken, prepareAccount } from './create-account.ts'
import { endSession, openSession } from '../sessions/sessions.ts'
import {
  loginCounter,
  addressCounter,
  chargeIfRefused,
  consumeAttempts,
  consumeAttemptIfWrong,
  refundAttempts,
  refundSuccessfulAttempts,
  waiterOf,
} from './attempt-limiter.ts'
import { type Operation, runOperation } from '../operation.ts'
import type { Db } from '../db/schema.ts'
import { parseSettings } from '../users/settings.ts'

export const accountHandlers = defineHandlers({
  'hub.meta': read({
    access: noAccessCheck,
    run: async ({ db, hub }) => {
      const row = await db
        .selectFrom('hub')
        .select(['name', 'registration', 'recoveryByQuestion'])
        .executeTakeFirstOrThrow()
      return {
        name: row.name,
        hubId: hub.hubId,
        version: hub.version,
        protocol: { ...protocol },
        registration: row.registration,
        needsSetup: !(await readSetup(db)).hasOwner,
        recoveryByQuestion: row.recoveryByQuestion === 1,
        securityQuestions: securityQuestions.map((question) => ({ ...question })),
        ...(hub.endpoint.acceptsPlainHttp ? { insecure: true as const } : {}),
      }
    },
  }),
  'hub.setup': custom({ access: noAccessCheck, run: setUp }),
  'hub.checkSetupCode': custom({
    access: noAccessCheck,
    run: ({ hub, caller }, { code }) => requireSetupCode(hub, caller, code),
  }),
  'accounts.register': custom({ access: noAccessCheck, run: register }),
  'accounts.checkInvite': custom({
    access: noAccessCheck,
    run: async ({ hub, caller }, { invite }) => {
      const check = hub.store.read((db) => requireRegistrationAllowed(db, invite, hub.clock()))
      await chargeIfRefused(hub, addressCounter('inviteAddress', caller.address), check)
    },
  }),
  'accounts.login': custom({ access: noAccessCheck, run: logIn }),
  'accounts.logout': write({
    access: noAccessCheck,
    locks: viewerLocks,
    run: async (op) => {
      await endSession(op, op.caller.viewer.sessionId)
      op.after(() => op.caller.setSessionCookie?.(null))
    },
  }),
  'me.get': read({
    access: noAccessCheck,
    run: async ({ db, viewer }) => {
      const row = await db
        .selectFrom('user')
        .where('id', '=', viewer.userId)
        .select([
          ...userColumns,
          'user.settings',
          'user.recoveryNotice',
          'user.question',
          'user.pendingSince',
        ])
        .executeTakeFirst()
      if (!row) throw notLoggedIn()
      return {
        user: toUser(row),
        settings: parseSettings(row.settings),
        ...(row.question === null ? {} : { securityQuestion: row.question }),
        ...(row.recoveryNotice === null ? {} : { recovered: JSON.parse(row.recoveryNotice) as Recovered }),
        ...(row.pendingSince === null ? {} : { pending: true as const }),
        ...(viewer.csrf === undefined ? {} : { csrfToken: viewer.csrf }),
      }
    },
  }),
})

function alreadySetUp(): HubError {
  return new HubError('conflict', 'This hub is already set up. Log in, or ask its owner for an invite link.')
}

/** Charges a wrong code. @throws HubError `conflict`, `forbidden`, `rate_limited` */
async function requireSetupCode(hub: HubContext, caller: Caller, code: string): Promise<void> {
  // another request may set the hub up meanwhile, which clears it
  const { setupCode } = hub
  const { hasOwner, setupHash } = await hub.store.read(readSetup)
  if (hasOwner) throw alreadySetUp()
  const hash = setupHash ?? (setupCode === '' ? undefined : sha256(setupCode.trim()))
  const isRight = hash !== undefined && timingSafeEqual(sha256(code.trim()), hash)
  await consumeAttemptIfWrong(hub, addressCounter('setupAddress', caller.address), isRight)
  if (isRight) return
  throw new HubError(
    'forbidden',
    'Wrong set-up code. You can find it in the window where you started the hub.',
    {
      field: 'code',
    },
  )
}

/** The user with the set-up code becomes the owner; of fifty at once, exactly one succeeds. */
async function setUp({ hub, caller }: RequestContext<'hub.setup'>, input: Input<'hub.setup'>) {
  await requireSetupCode(hub, caller, input.code)
  const name = normalizeLine(input.hubName)
  const problem = checkLine(name, 'The name of the hub', limits.hubName)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'hubName' })
  const { teamGroupPosting: posting = 'all' } = input
  const teamGroup = input.teamGroup === undefined ? undefined : parseGroupName(input.teamGroup, 'teamGroup')
  checkAccount(input, name)
  const account = await prepareAccount(hub, caller, input)
  return runOperation(hub, { locks: 'hub' }, async (op) => {
    if ((await readSetup(op.db)).hasOwner) throw alreadySetUp()
    const registration = input.registration ?? 'invite'
    await op.db.updateTable('hub').set({ name, registration, setupHash: null }).where('id', '=', 1).execute()
    const { user, recoveryKey } = await insertAccount(op, account, { role: 'owner' })
    if (teamGroup !== undefined) await createTeamGroup(op, { name: teamGroup, posting, ownerId: user.id })
    const changes = { hubName: name, registration }
    await op.append('hub', {
      type: 'hub.updated',
      by: user.id,
      data: changes,
      content: { changes },
    })
    op.tell({ f: 'owned' })
    audit(op, { action: 'hub.set-up', by: user.id, address: caller.address })
    return { ...(await startSession(op, caller, user, input)), recoveryKey }
  })
}

async function register(
  { hub, caller }: RequestContext<'accounts.register'>,
  input: Input<'accounts.register'>,
) {
  if (!(await hub.store.read(readSetup)).hasOwner) {
    throw new HubError(
      'forbidden',
      'This hub is not set up yet. The owner has to enter the set-up code first.',
    )
  }
  await hub.store.read((db) => requireRegistrationAllowed(db, input.invite, hub.clock()))
  checkAccount(input, await hub.store.read(readHubName))
  // from here on an attempt reveals if a name is taken, and makes the hub hash a password
  await consumeAttempts(hub, [addressCounter('registerAddress', caller.address)])
  // looked up before hashing, so that a taken name fails early; the operation decides
  if (await hub.store.read((db) => isNameTaken(db, input.username))) throw nameTaken()
  const account = await prepareAccount(hub, caller, input)
  return runOperation(hub, { locks: 'hub' }, async (op) => {
    const registration = await requireRegistrationAllowed(op.db, input.invite, op.now)
    const invite = input.invite === undefined ? undefined : await redeemInvite(op, input.invite)
    const pending = registration === 'approval' && invite === undefined
    if (pending) await requirePendingCapacity(op.db)
    const role = invite?.role ?? 'member'
    const { user, recoveryKey } = await insertAccount(op, account, { role, invite: invite?.id, pending })
    const { address } = caller
    if (invite) audit(op, { action: 'invite.used', by: user.id, target: invite.id, address })
    audit(op, {
      action: 'user.registered',
      by: user.id,
      target: user.id,
      address,
      detail: { role, pending },
    })
    return {
      ...(await startSession(op, caller, user, input)),
      recoveryKey,
      ...(pending ? { pending: true as const } : {}),
    }
  })
}

/** @throws HubError `forbidden` if registration is closed, or if it needs an invite and the code is not valid */
async function requireRegistrationAllowed(
  db: Db,
  invite: string | undefined,
  now: number,
): Promise<Registration> {
  const { registration } = await db.selectFrom('hub').select('registration').executeTakeFirstOrThrow()
  if (registration === 'closed') {
    throw new HubError('forbidden', 'Registration is closed. Ask the owner of this hub.')
  }
  if (registration === 'invite' || invite !== undefined) await requireInvite(db, invite, now)
  return registration
}

/** More than an admin would review: beyond it, the requests are an attack. */
const maxPendingAccounts = 500

async function requirePendingCapacity(db: Db): Promise<void> {
  const { count } = await db
    .selectFrom('user')
    .where('pendingSince', 'is not', null)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (count < maxPendingAccounts) return
  throw new HubError(
    'busy',
    'Too many registrations are waiting for approval. Ask the owner of this hub for an invite.',
  )
}

/** Returns the same error, after the same work, for an unknown name, a wrong password and a deactivated user. */
async function logIn({ hub, caller }: RequestContext<'accounts.login'>, input: Input<'accounts.login'>) {
  requireFilledIn({ username: input.username })
  // one of spaces may be a password
  if (input.password === '') requireFilledIn({ password: '' })
  // phones add a space after a completed word, and no username contains one
  const username = input.username.trim()
  const charges = [loginCounter(username), addressCounter('loginAddress', caller.address)]
  const refund = async (error: unknown): Promise<never> => {
    await refundAttempts(hub, charges)
    throw error
  }
  await consumeAttempts(hub, charges)
  const row = await hub.store.read((db) =>
    db
      .selectFrom('user')
      .where('usernameKey', '=', foldCase(username))
      .where('kind', '=', 'user')
      .where('deactivatedAt', 'is', null)
      .select([...userColumns, 'user.password', 'user.pendingSince'])
      .executeTakeFirst(),
  )
  const waiter = waiterOf(caller)
  const right = await hub.passwords.verify(row?.password, input.password, waiter).catch(refund)
  if (!row || !right) {
    // the same write for an unknown name; the typed text is not recorded, because it may be a password
    await runOperation(hub, { locks: [] }, async (op) =>
      audit(op, { action: 'login.failed', target: row?.id, address: caller.address }),
    )
    throw new HubError('unauthenticated', 'Wrong username or password. Check both and try again.')
  }
  // right ones are refunded, so nothing else would limit them
  await limitLogins(hub, row.id).catch(refund)
  const fresh = await rehashIfOutdated(hub, row.password, input.password, waiter)
  const locks = [userLock(row.id), ...charges.map(({ key }) => throttleLock(key))]
  return runOperation(hub, { locks }, async (op) => {
    // since the check, the password may have changed or the user may have been deactivated
    const now = await op.db
      .selectFrom('user')
      .where('id', '=', row.id)
      .where('deactivatedAt', 'is', null)
      .select('password')
      .executeTakeFirst()
    if (!now?.password.equals(row.password))
      throw new HubError('unauthenticated', 'Wrong username or password. Check both and try again.')
    if (fresh) await op.db.updateTable('user').set({ password: fresh }).where('id', '=', row.id).execute()
    if (!hub.unlimited) await refundSuccessfulAttempts(op, charges)
    audit(op, { action: 'login.succeeded', by: row.id, target: row.id, address: caller.address })
    const opened = await startSession(op, caller, toUser(row), input)
    return row.pendingSince === null ? opened : { ...opened, pending: true as const }
  })
}

/** @throws HubError `rate_limited` */
async function limitLogins(hub: HubContext, userId: string): Promise<void> {
  hub.rateLimiter?.consume(userId, 'logins')
}

/**
 * Hashes the password again with today's parameters if its key has lower ones. If the hub is busy, a later login
 * does it.
 */
async function rehashIfOutdated(
  hub: HubContext,
  key: Buffer,
  password: string,
  waiter: string,
): Promise<Buffer | undefined> {
  if (!hub.passwords.needsRehash(key)) return undefined
  return hub.passwords.hash(password, waiter).catch(() => undefined)
}

/** Opens a session the way the caller wants it: a token to see, or a cookie that no script sees. */
async function startSession(
  op: Operation,
  caller: Caller,
  user: User,
  { device, remember = true }: { device?: string | undefined; remember?: boolean | undefined },
): Promise<{ user: User; token?: string }> {
  const kind = caller.wantsToken ? 'token' : 'cookie'
  const { token } = await openSession(op, {
    userId: user.id,
    kind,
    device: normalizeDeviceName(device) ?? (caller.wantsToken ? 'App' : 'Browser'),
    address: caller.address,
    persistent: remember || caller.wantsToken,
  })
  if (caller.wantsToken) return { user, token }
  op.after(() => caller.setSessionCookie?.(token, remember))
  return { user }
}

/**
 * The device name that a client sends is a hint for the list of sessions: removes characters that it must not
 * contain.
 */
function normalizeDeviceName(given: string | undefined): string | undefined {
  const name = [...normalizeLine(given ?? '')].slice(0, limits.device).join('').trim()
  return checkLine(name, 'The device', limits.device) ? undefined : name
}
