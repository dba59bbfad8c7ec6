import type { Input } from '../../shared/contract.ts'
import { notFound } from '../../shared/errors.ts'
import { endSession, endUserSessions, isSessionActive } from './sessions.ts'
import { audit } from '../audit/audit.ts'
import { noAccessCheck, type AuthenticatedCaller, read, write } from '../dispatch.ts'
import type { Tx } from '../db/writer.ts'
import type { HubContext } from '../context.ts'

export const sessionHandlers = {
  'sessions.list': read('sessions.list', noAccessCheck, async (hub, { viewer }) => {
    const rows = await hub.reader
      .selectFrom('session')
      .where('userId', '=', viewer.userId)
      .select(['id', 'kind', 'device', 'address', 'createdAt', 'usedAt', 'expiresAt', 'persistent'])
      .execute()
    const now = hub.clock()
    const inUse = hub.live.sessionsOf(viewer.userId)
    const sessions = rows
      .filter((row) => isSessionActive(row, now))
      .map(({ expiresAt: _expiresAt, persistent: _persistent, ...row }) => {
        const current = row.id === viewer.sessionId
        // its last use is written down now and then; what asks, or has a socket open, is in use
        const usedAt = current || inUse.has(row.id) ? now : row.usedAt
        return { ...row, usedAt, current }
      })
    sessions.sort(
      (a, b) => Number(b.current) - Number(a.current) || b.usedAt - a.usedAt || b.createdAt - a.createdAt,
    )
    return { sessions }
  }),
  'sessions.end': write('sessions.end', noAccessCheck, endOwnSession),
  'sessions.endOthers': write('sessions.endOthers', noAccessCheck, async (tx, hub, caller) => {
    const { userId, sessionId } = caller.viewer
    const ended = await endUserSessions(tx, hub.live, userId, sessionId)
    if (ended === 0) return
    await audit(tx, {
      action: 'session.ended',
      by: userId,
      target: userId,
      address: caller.address,
      detail: { sessions: ended },
    })
  }),
}

/** One of mine. @throws not_found */
async function endOwnSession(
  tx: Tx,
  hub: HubContext,
  caller: AuthenticatedCaller,
  { sessionId }: Input<'sessions.end'>,
): Promise<void> {
  const { userId } = caller.viewer
  const row = await tx.db
    .selectFrom('session')
    .where('id', '=', sessionId)
    .where('userId', '=', userId)
    .select('id')
    .executeTakeFirst()
  if (!row) throw notFound('This session')
  await endSession(tx, hub.live, row.id)
  await audit(tx, {
    action: 'session.ended',
    by: userId,
    target: userId,
    address: caller.address,
    detail: { sessions: 1 },
  })
  if (row.id === caller.viewer.sessionId) tx.after(() => caller.setSessionCookie?.(null))
}
