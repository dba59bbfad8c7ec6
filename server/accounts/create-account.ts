import type { Input } from '../../shared/contract.ts'
import { limits, type HubRole } from '../../shared/contract/values.ts'
import type { User } from '../../shared/contract/users.ts'
import { HubError } from '../../shared/errors.ts'
import {
  checkLine,
  checkUsername,
  countCharacters,
  foldCase,
  normalizeAnswer,
  type ValidationProblem,
  normalizeLine,
} from '../../shared/text/names.ts'
import { securityQuestions } from '../../shared/text/security-questions.ts'
import type { Caller } from '../caller.ts'
import type { HubContext } from '../context.ts'
import { newId, sha256 } from '../ids.ts'
import { requireStrongPassword } from '../passwords/check-password.ts'
import { getUser, nextJoinedNo } from '../users/users.ts'
import { joinTeamGroup } from '../chats/team-group.ts'
import { waiterOf } from './attempt-limiter.ts'
import { newRecoveryKey, normalizeRecoveryKey } from './recovery-key.ts'
import type { Operation } from '../operation.ts'
import type { Db } from '../db/schema.ts'

type AccountInput = Pick<
  Input<'accounts.register'>,
  'username' | 'displayName' | 'password' | 'securityQuestion' | 'securityAnswer'
>

/** A checked account with hashed secrets, ready for its operation. */
export interface PreparedAccount {
  username: string
  displayName: string
  password: Buffer
  question: string | null
  answer: Buffer | null
}

/** Checks everything that needs no database. @throws HubError `invalid` or `too_large` with the field */
export function checkAccount(input: AccountInput, hubName: string): void {
  throwIfInvalid('username', checkUsername(input.username))
  if (input.displayName !== undefined) {
    throwIfInvalid(
      'displayName',
      checkLine(normalizeLine(input.displayName), 'The display name', limits.displayName),
    )
  }
  requireStrongPassword(input.password, { ...input, hubName })
  checkQuestion(input)
}

/** @throws invalid or too_large with the field */
export function checkQuestion(input: Pick<AccountInput, 'securityQuestion' | 'securityAnswer'>): void {
  if ((input.securityQuestion === undefined) !== (input.securityAnswer === undefined)) {
    const field = input.securityQuestion === undefined ? 'securityQuestion' : 'securityAnswer'
    throw new HubError('invalid', 'Enter both a security question and its answer.', {
      field,
    })
  }
  if (input.securityQuestion !== undefined) {
    throwIfInvalid(
      'securityQuestion',
      checkLine(normalizeQuestion(input.securityQuestion), 'The question', limits.securityQuestion),
    )
    checkAnswer(input.securityAnswer ?? '')
  }
}

function checkAnswer(answer: string): void {
  const { min, max } = limits.securityAnswer
  const length = countCharacters(normalizeAnswer(answer))
  if (!answer.isWellFormed() || length < min) {
    throw new HubError('invalid', `The answer needs at least ${min} characters.`, { field: 'securityAnswer' })
  }
  if (length > max) {
    throw new HubError('too_large', `The answer can have at most ${max} characters.`, {
      field: 'securityAnswer',
    })
  }
}

function throwIfInvalid(field: string, problem: ValidationProblem | undefined): void {
  if (problem) throw new HubError(problem.code, problem.message, { field })
}

/** Returns the id of a predefined question, or the user's own question. */
export function normalizeQuestion(question: string): string {
  return securityQuestions.find(({ id }) => id === question)?.text ?? normalizeLine(question)
}

/** Hashes the secrets. That is slow, so it happens outside any operation. @throws busy */
export async function prepareAccount(
  hub: HubContext,
  caller: Caller,
  input: AccountInput,
): Promise<PreparedAccount> {
  const { username, displayName, password, securityQuestion, securityAnswer } = input
  const asked = securityQuestion !== undefined && securityAnswer !== undefined
  const waiter = waiterOf(caller)
  return {
    username: username.normalize('NFC'),
    displayName: displayName === undefined ? username.normalize('NFC') : normalizeLine(displayName),
    password: await hub.passwords.hash(password, waiter),
    question: asked ? normalizeQuestion(securityQuestion) : null,
    answer: asked ? await hub.passwords.hash(normalizeAnswer(securityAnswer), waiter) : null,
  }
}

export async function isNameTaken(db: Db, username: string): Promise<boolean> {
  const row = await db
    .selectFrom('user')
    .where('usernameKey', '=', foldCase(username))
    .select('id')
    .executeTakeFirst()
  return row !== undefined
}

export function nameTaken(): HubError {
  return new HubError('conflict', 'This username is taken. Choose another, or log in if it is yours.', {
    field: 'username',
  })
}

/** @throws conflict when the name is taken */
export async function insertAccount(
  op: Operation,
  account: PreparedAccount,
  { role, invite, pending = false }: { role: HubRole; invite?: string | undefined; pending?: boolean },
): Promise<{ user: User; recoveryKey: string }> {
  if (await isNameTaken(op.db, account.username)) throw nameTaken()
  const id = newId()
  const recoveryKey = newRecoveryKey()
  await op.db
    .insertInto('user')
    .values({
      ...account,
      id,
      usernameKey: foldCase(account.username),
      displayKey: foldCase(account.displayName),
      role,
      recoveryKey: sha256(normalizeRecoveryKey(recoveryKey)),
      bio: null,
      avatar: null,
      createdAt: op.now,
      joinedNo: await nextJoinedNo(op.db),
      lastSeenAt: null,
      deactivatedAt: null,
      pendingSince: pending ? op.now : null,
      inviteId: invite ?? null,
    })
    .execute()
  const user = await getUser(op.db, id)
  // clients learn of a pending user when an admin approves the request
  if (!pending) {
    await op.append('hub', { type: 'user.added', by: id, target: id, content: { user } })
    await joinTeamGroup(op, id)
  }
  return { user, recoveryKey }
}
