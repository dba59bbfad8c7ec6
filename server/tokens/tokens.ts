import type { Input } from '../../shared/contract.ts'
import { type Token, type TokenScope, tokenPrefix } from '../../shared/contract/tokens.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { checkLine, normalizeLine } from '../../shared/text/names.ts'
import { audit } from '../audit/audit.ts'
import type { Viewer } from '../caller.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { newId, newSecret, sha256 } from '../ids.ts'
import type { Operation, UserOperation } from '../operation.ts'

/*
 * A token is a session for a program that acts as its user. It differs in a few points: it has a scope, it expires
 * only if the user set an expiry, and requests that would let it outlive its end are closed to it (`tokens:
 * 'never'` in the contract).
 */

const dayMs = 24 * 60 * 60 * 1000
/** More than the programs of one user need. A script that creates a token for each run reaches it. */
const maxTokensPerUser = 50

const tokenColumns = ['id', 'name', 'scope', 'createdAt', 'usedAt', 'expiresAt'] as const

interface TokenRow {
  id: string
  name: string
  scope: TokenScope
  createdAt: number
  usedAt: number | null
  expiresAt: number | null
}

export async function listTokens(db: Db, userId: string): Promise<Token[]> {
  const rows = await db
    .selectFrom('token')
    .where('userId', '=', userId)
    .select(tokenColumns)
    .orderBy('createdAt', 'desc')
    .orderBy('id')
    .execute()
  return rows.map(toToken)
}

function toToken({ id, name, scope, createdAt, usedAt, expiresAt }: TokenRow): Token {
  const token: Token = { id, name, scope, createdAt }
  if (usedAt !== null) token.usedAt = usedAt
  if (expiresAt !== null) token.expiresAt = expiresAt
  return token
}

/** Returns the secret too: it is shown once, and the hub stores its hash. */
export async function createToken(
  op: Operation,
  owner: { userId: string; by: string },
  input: Input<'tokens.create'>,
): Promise<Token & { token: string }> {
  const name = normalizeLine(input.name)
  const problem = checkLine(name, 'The name of a token', limits.tokenName)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'name' })
  const { userId, by } = owner
  const { length } = await op.db.selectFrom('token').where('userId', '=', userId).select('id').execute()
  if (length >= maxTokensPerUser) {
    throw new HubError('conflict', `You already have ${length} tokens. Revoke one that is no longer needed.`)
  }
  const secret = `${tokenPrefix}${newSecret()}`
  const row = {
    id: newId(),
    name,
    scope: input.scope,
    createdAt: op.now,
    usedAt: null,
    expiresAt: input.days === undefined ? null : op.now + input.days * dayMs,
  }
  await op.db
    .insertInto('token')
    .values({ ...row, userId, tokenHash: sha256(secret) })
    .execute()
  const detail = { scope: row.scope, user: userId, ...(input.days === undefined ? {} : { days: input.days }) }
  audit(op, { action: 'token.created', by, target: row.id, detail })
  return { ...toToken(row), token: secret }
}

/** @throws not_found if the token is not the viewer's */
export async function revokeToken(op: UserOperation, tokenId: string): Promise<void> {
  const row = await op.db
    .selectFrom('token')
    .where('id', '=', tokenId)
    .where('userId', '=', op.viewer.userId)
    .select('id')
    .executeTakeFirst()
  if (!row) throw notFound('This token')
  await endToken(op, tokenId)
  audit(op, { action: 'token.revoked', by: op.viewer.userId, target: tokenId })
}

/** Its next request is refused, and its sockets close at once. */
export async function endToken(op: Operation, tokenId: string): Promise<void> {
  await op.db.deleteFrom('token').where('id', '=', tokenId).execute()
  op.tell({ f: 'sessionEnded', id: tokenId })
}

/** Ends all tokens of a user whose account may be compromised. Returns their number. */
export async function endUserTokens(op: Operation, userId: string): Promise<number> {
  const rows = await op.db.selectFrom('token').where('userId', '=', userId).select('id').execute()
  for (const { id } of rows) await endToken(op, id)
  return rows.length
}

/** Returns true for a personal token; a session's token is shorter. */
export function isPersonalToken(token: string): boolean {
  return token.startsWith(tokenPrefix) && token.length === tokenPrefix.length + 43
}

const findTokenByHash = prepared((db, p: { tokenHash: Buffer }) =>
  db
    .selectFrom('token')
    .innerJoin('user', 'user.id', 'token.userId')
    .where('token.tokenHash', '=', p.tokenHash)
    .where('user.deactivatedAt', 'is', null)
    .select([
      'token.id',
      'token.userId',
      'token.scope',
      'token.usedAt',
      'token.expiresAt',
      'user.role',
      'user.pendingSince',
    ]),
)

/** Finds the user of a personal token, unless the token has ended. */
export async function findTokenViewer(
  db: Db,
  token: string,
  now: number,
): Promise<(Viewer & { usedAt: number }) | undefined> {
  const [row] = await findTokenByHash(db, { tokenHash: sha256(token) })
  if (!row || isExpired(row, now)) return undefined
  const { userId, role, scope } = row
  const pending = row.pendingSince !== null
  return { userId, role, scope, pending, sessionId: row.id, kind: 'token', usedAt: row.usedAt ?? 0 }
}

function isExpired({ expiresAt }: { expiresAt: number | null }, now: number): boolean {
  return expiresAt !== null && now >= expiresAt
}

export async function recordTokenUse(db: Db, tokenId: string, now: number): Promise<void> {
  await db.updateTable('token').set({ usedAt: now }).where('id', '=', tokenId).execute()
}

/** An open socket counts as use of its token. Returns true if the token exists; an expired token is ended. */
export async function renewToken(op: Operation, tokenId: string): Promise<boolean> {
  const row = await op.db.selectFrom('token').where('id', '=', tokenId).select('expiresAt').executeTakeFirst()
  if (!row) return false
  const now = op.hub.time.sessionNow()
  if (isExpired(row, now)) await endToken(op, tokenId)
  else await recordTokenUse(op.db, tokenId, now)
  return true
}
