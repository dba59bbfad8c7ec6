import type { Have } from '../../shared/contract/live.ts'
import { summaryDigest } from '../../shared/text/summary-digest.ts'
import type { Viewer } from '../caller.ts'
import { inJsonArray } from '../db/dialect.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { readLatestOfHub } from '../streams/read.ts'
import { toUser, userColumns } from '../users/user-view.ts'
import { readState, type StateMessage } from './state.ts'

/**
 * Reads the state for a client that comes back, without what it has. A client of another epoch gets everything.
 * `heads`: of the chats, also of those that are left out.
 */
export async function readStateSince(
  db: Db,
  viewer: Viewer,
  { epoch, have, near }: { epoch: unknown; have: Have | undefined; near?: ReadonlySet<string> | undefined },
): Promise<{ state: StateMessage; heads: ReadonlyMap<string, number> }> {
  const state = await readState(db, viewer.userId)
  const heads = new Map(state.chats.map(({ id, head }) => [`chat:${id}`, head]))
  if (!have || epoch !== state.epoch) return { state: await withUsers(db, state, near), heads }
  const gone = Object.keys(have.chats).filter((chatId) => !heads.has(`chat:${chatId}`))
  const chats = state.chats.filter((chat) => have.chats[chat.id] !== summaryDigest(chat))
  const { hub: head = 0 } = state.heads
  const entries = have.hub === undefined ? undefined : await readLatestOfHub(db, viewer, have.hub, head)
  const partial = { ...state, chats, since: { gone, ...(entries && { entries }) } }
  // a client with the entries of the hub has the users that it has had, and their changes
  return { state: await withUsers(db, partial, entries ? near && new Set<string>() : near), heads }
}

/** @param near the users of small chats; undefined for a client that loads all users */
async function withUsers(
  db: Db,
  state: StateMessage,
  near: ReadonlySet<string> | undefined,
): Promise<StateMessage> {
  if (!near) return state
  const named = state.chats.flatMap(({ peer, memberIds = [], lastMessage }) => [
    ...(peer === undefined ? [] : [peer]),
    ...(lastMessage ? [lastMessage.author] : []),
    ...memberIds,
  ])
  const ids = JSON.stringify([...new Set([...near, ...named])])
  const rows = await usersById(db, { ids })
  return { ...state, users: rows.map(toUser) }
}

const usersById = prepared((db, p: { ids: string }) =>
  db
    .selectFrom('user')
    .where((eb) => inJsonArray(eb.ref('user.id'), p.ids))
    .select(userColumns),
)
