import type { Input } from '../../shared/contract.ts'
import { viewerLocks } from '../request-locks.ts'
import { notFound } from '../../shared/errors.ts'
import { endSession, endUserSessions, isSessionActive } from './sessions.ts'
import { audit } from '../audit/audit.ts'
import { noAccessCheck, read, write, defineHandlers } from '../define-handlers.ts'
import type { UserOperation } from '../operation.ts'

export const sessionHandlers = defineHandlers({
  'sessions.list': read({
    access: noAccessCheck,
    run: async ({ db, hub, viewer }) => {
      const rows = await db
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
          // the last use is stored only now and then; the current session, or a session with an open socket, is in
          // use
          const usedAt = current || inUse.has(row.id) ? now : row.usedAt
          return { ...row, usedAt, current }
        })
      sessions.sort(
        (a, b) => Number(b.current) - Number(a.current) || b.usedAt - a.usedAt || b.createdAt - a.createdAt,
      )
      return { sessions }
    },
  }),
  'sessions.end': write({ access: noAccessCheck, locks: viewerLocks, run: endOwnSession }),
  'sessions.endOthers': write({
    access: noAccessCheck,
    locks: viewerLocks,
    run: async (op) => {
      const { userId, sessionId } = op.caller.viewer
      const ended = await endUserSessions(op, userId, sessionId)
      if (ended === 0) return
      audit(op, {
        action: 'session.ended',
        by: userId,
        target: userId,
        address: op.caller.address,
        detail: { sessions: ended },
      })
    },
  }),
})

/** Ends a session of the viewer. @throws HubError `not_found` */
async function endOwnSession(op: UserOperation, { sessionId }: Input<'sessions.end'>): Promise<void> {
  const { userId } = op.caller.viewer
  const row = await op.db
    .selectFrom('session')
    .where('id', '=', sessionId)
    .where('userId', '=', userId)
    .select('id')
    .executeTakeFirst()
  if (!row) throw notFound('This session')
  await endSession(op, row.id)
  audit(op, {
    action: 'session.ended',
    by: userId,
    target: userId,
    address: op.caller.address,
    detail: { sessions: 1 },
  })
  if (row.id === op.caller.viewer.sessionId) op.after(() => op.caller.setSessionCookie?.(null))
}
