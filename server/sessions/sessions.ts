import { reauthenticationField, HubError } from '../../shared/errors.ts'
import type { Viewer } from '../caller.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import type { HubContext } from '../context.ts'
import { newId, newSecret, sha256 } from '../ids.ts'
import { userLock } from '../locks.ts'
import { findTokenViewer, isPersonalToken, renewToken, recordTokenUse } from '../tokens/tokens.ts'
import { type Operation, runOperation } from '../operation.ts'

const dayMs = 24 * 60 * 60 * 1000
/** The lifetime of a session: unused, and in total. */
const sessionLifetimesMs = {
  cookie: { idle: 30 * dayMs, absolute: 90 * dayMs },
  /** On a shared computer. */
  brief: { idle: dayMs / 2, absolute: 7 * dayMs },
  token: { idle: 30 * dayMs, absolute: 180 * dayMs },
} as const
/** More than the devices of any user; a script that logs in for each request reaches it. */
const maxSessionsPerUser = 20
/** How long a session counts as re-authenticated after the password was confirmed in it, in ms. */
const reauthenticationValidMs = 10 * 60_000
const touchIntervalMs = 60_000

export interface NewSession {
  userId: string
  kind: 'cookie' | 'token'
  device: string
  address: string
  /** Absent: yes. */
  persistent?: boolean
}

interface SessionPersistence {
  kind: 'cookie' | 'token'
  persistent: number
}

function lifetimeOf({ kind, persistent }: SessionPersistence) {
  return sessionLifetimesMs[persistent ? kind : 'brief']
}

/** The token is shown once, here; the hub keeps its hash. */
export async function openSession(
  op: Operation,
  { persistent = true, ...session }: NewSession,
): Promise<{ token: string; sessionId: string }> {
  const token = newSecret()
  const sessionId = newId()
  await op.db
    .insertInto('session')
    .values({
      ...session,
      id: sessionId,
      tokenHash: sha256(token),
      createdAt: op.now,
      usedAt: op.now,
      // opening a session has just confirmed the password
      reauthenticatedAt: op.now,
      persistent: persistent ? 1 : 0,
      expiresAt: op.now + lifetimeOf({ kind: session.kind, persistent: persistent ? 1 : 0 }).absolute,
    })
    .execute()
  const all = await op.db
    .selectFrom('session')
    .where('userId', '=', session.userId)
    .select('id')
    .orderBy('usedAt', 'desc')
    .orderBy('createdAt', 'desc')
    .execute()
  for (const { id } of all.slice(maxSessionsPerUser)) if (id !== sessionId) await endSession(op, id)
  return { token, sessionId }
}

export async function endSession(op: Operation, sessionId: string): Promise<void> {
  const row = await op.db
    .deleteFrom('session')
    .where('id', '=', sessionId)
    .returning('userId')
    .executeTakeFirst()
  op.tell({ f: 'sessionEnded', id: sessionId })
  if (!row) return
  await op.append(`user:${row.userId}`, {
    type: 'session.ended',
    target: sessionId,
    content: { sessionId },
  })
}

/** Ends all sessions of a user except a given session, at once. Returns the number of ended sessions. */
export async function endUserSessions(
  op: Operation,
  userId: string,
  exceptSessionId?: string,
): Promise<number> {
  const all = await op.db.selectFrom('session').where('userId', '=', userId).select('id').execute()
  const others = all.filter(({ id }) => id !== exceptSessionId)
  for (const { id } of others) await endSession(op, id)
  return others.length
}

export function isSessionActive(
  { usedAt, expiresAt, ...kept }: SessionPersistence & { usedAt: number; expiresAt: number },
  now: number,
): boolean {
  return now < expiresAt && now < usedAt + lifetimeOf(kept).idle
}

/** Requires a session that was re-authenticated recently, by the current clock. @throws HubError `forbidden` */
export async function requireReauthenticated(db: Db, viewer: Viewer, now: number): Promise<void> {
  const row = await db
    .selectFrom('session')
    .where('id', '=', viewer.sessionId)
    .select('reauthenticatedAt')
    .executeTakeFirst()
  // a time in the future, after the clock was set back, confirms nothing
  if (
    row &&
    now - row.reauthenticatedAt < reauthenticationValidMs &&
    row.reauthenticatedAt - now < reauthenticationValidMs
  )
    return
  throw new HubError('forbidden', 'Confirm your password to continue.', {
    field: reauthenticationField,
  })
}

const findSessionByToken = prepared((db, p: { tokenHash: Buffer }) =>
  db
    .selectFrom('session')
    .innerJoin('user', 'user.id', 'session.userId')
    .where('session.tokenHash', '=', p.tokenHash)
    .where('user.kind', '=', 'user')
    .where('user.deactivatedAt', 'is', null)
    .select([
      'session.id',
      'session.userId',
      'session.kind',
      'session.usedAt',
      'session.expiresAt',
      'session.persistent',
      'user.role',
      'user.pendingSince',
    ]),
)

export type FoundSession = Viewer & { usedAt: number }

/** Finds the user of a session token, unless its session has ended. */
export async function findViewer(db: Db, token: string, now: number): Promise<FoundSession | undefined> {
  if (isPersonalToken(token)) return findTokenViewer(db, token, now)
  const [row] = await findSessionByToken(db, { tokenHash: sha256(token) })
  if (!row || !isSessionActive(row, now)) return undefined
  return {
    userId: row.userId,
    role: row.role,
    sessionId: row.id,
    kind: row.kind,
    pending: row.pendingSince !== null,
    usedAt: row.usedAt,
    ...(row.kind === 'cookie' ? { csrf: csrfTokenFor(token) } : {}),
  }
}

/** Bound to the session and sent to its own page only; nothing of it needs to be stored. */
function csrfTokenFor(token: string): string {
  return sha256(`csrf:${token}`).toString('base64url')
}

/** Notes that a session is in use, once a minute at most. Losing it costs nothing. */
export function recordSessionUse(hub: HubContext, session: FoundSession): void {
  const now = hub.time.sessionNow()
  if (now - session.usedAt < touchIntervalMs) return
  runOperation(hub, { locks: [] }, async ({ db }) => {
    const { sessionId } = session
    if (session.scope !== undefined) await recordTokenUse(db, sessionId, now)
    else await db.updateTable('session').set({ usedAt: now }).where('id', '=', sessionId).execute()
  }).catch((error: unknown) => hub.log.warn({ err: error }, 'last use of a session was not saved'))
}

/** Finds the locks of their users: a renewal may end a session. */
export async function findSessionLocks(db: Db, sessionIds: readonly string[]): Promise<string[]> {
  const rows = await db.selectFrom('session').where('id', 'in', sessionIds).select('userId').execute()
  const tokens = await db.selectFrom('token').where('id', 'in', sessionIds).select('userId').execute()
  return [...new Set([...rows, ...tokens].map(({ userId }) => userLock(userId)))]
}

/** Records the use of sessions with an open socket, and closes the sockets of expired ones. */
export async function renewSessions(op: Operation, sessionIds: string[]): Promise<void> {
  const now = op.hub.time.sessionNow()
  for (const id of sessionIds) {
    if (await renewToken(op, id)) continue
    const row = await op.db.selectFrom('session').where('id', '=', id).select('expiresAt').executeTakeFirst()
    if (!row || now >= row.expiresAt) await endSession(op, id)
    else await op.db.updateTable('session').set({ usedAt: now }).where('id', '=', id).execute()
  }
}
