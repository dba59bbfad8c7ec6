import type { Input, Output } from '../../shared/contract.ts'
import { HubError } from '../../shared/errors.ts'
import { addressCounter, chargeIfRefused } from '../accounts/attempt-limiter.ts'
import type { Caller } from '../caller.ts'
import { openMoveTicket } from '../continuity/move-ticket.ts'
import type { HubContext } from '../context.ts'
import { custom, defineHandlers, noAccessCheck } from '../define-handlers.ts'
import { userLock } from '../locks.ts'
import { runOperation } from '../operation.ts'
import { findViewer, type FoundSession } from '../sessions/sessions.ts'
import { toUser, userColumns } from '../users/user-view.ts'
import { continuityOf } from './continuity-of.ts'

/*
 * A browser goes on with its session at the new address of the hub.
 *
 * - The former hub makes a ticket for each browser that it sends away, and later for each page that still asks it.
 * - A ticket counts once: a session remembers when the last one that was used had been made. The user's other windows find the
 *   cookie of the first.
 * - A ticket opens no other session than that of the cookie it was made from.
 */

export const moveTicketHandlers = defineHandlers({
  'sessions.readTicket': custom({
    access: noAccessCheck,
    run: async ({ hub, caller }, input) => {
      const { session } = await requireTicket(hub, caller, input)
      return { user: await readUser(hub, session.userId) }
    },
  }),
  'sessions.useTicket': custom({
    access: noAccessCheck,
    run: async ({ hub, caller }, input) => useTicket(hub, caller, input),
  }),
})

interface FoundTicket {
  session: FoundSession
  token: string
  at: number
  key: string
}

async function useTicket(
  hub: HubContext,
  caller: Caller,
  input: Input<'sessions.useTicket'>,
): Promise<Output<'sessions.useTicket'>> {
  const { session, token, at, key } = await requireTicket(hub, caller, input)
  const persistent = await runOperation(hub, { locks: [userLock(session.userId)] }, async ({ db }) => {
    const row = await db
      .updateTable('session')
      .set({ ticketAt: at })
      .where('id', '=', session.sessionId)
      .where('ticketAt', '<', at)
      .returning('persistent')
      .executeTakeFirst()
    if (!row) throw badTicket()
    return row.persistent === 1
  })
  caller.setSessionCookie?.(token, persistent)
  return { user: await readUser(hub, session.userId), key, remember: persistent }
}

/** @throws HubError `not_found`: the same for each reason */
async function requireTicket(
  hub: HubContext,
  { address }: Caller,
  { ticket }: { ticket: string },
): Promise<FoundTicket> {
  const found = findTicket(hub, ticket)
  await chargeIfRefused(hub, addressCounter('inviteAddress', address), found)
  return found
}

async function findTicket(hub: HubContext, value: string): Promise<FoundTicket> {
  const { identity, ownNode } = continuityOf(hub)
  const ticket = openMoveTicket(identity.key, identity.hubId, { value, to: ownNode, now: hub.clock() })
  if (!ticket) throw badTicket()
  const { token, at, key } = ticket
  return hub.store.read(async (db) => {
    const session = await findViewer(db, token, hub.time.sessionNow())
    if (session?.kind !== 'cookie') throw badTicket()
    const used = await db
      .selectFrom('session')
      .where('id', '=', session.sessionId)
      .where('ticketAt', '>=', at)
      .select('id')
      .executeTakeFirst()
    if (used) throw badTicket()
    return { session, token, at, key }
  })
}

function readUser(hub: HubContext, userId: string): Promise<Output<'sessions.readTicket'>['user']> {
  return hub.store.read(async (db) =>
    toUser(
      await db.selectFrom('user').where('id', '=', userId).select(userColumns).executeTakeFirstOrThrow(),
    ),
  )
}

function badTicket(): HubError {
  return new HubError(
    'not_found',
    'This link to the hub was used, or is older than ten minutes. Log in with your username and password.',
  )
}
