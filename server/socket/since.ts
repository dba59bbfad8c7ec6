import type { Have } from '../../shared/contract/live.ts'
import { summaryDigest } from '../../shared/text/summary-digest.ts'
import type { Viewer } from '../caller.ts'
import type { Db } from '../db/schema.ts'
import { readLatestOfHub } from '../streams/read.ts'
import { readState, type StateMessage } from './state.ts'

/**
 * Reads the state for a client that comes back, without what it has. A client of another epoch gets everything.
 * `heads`: of the chats, also of those that are left out.
 */
export async function readStateSince(
  db: Db,
  viewer: Viewer,
  { epoch, have }: { epoch: unknown; have: Have | undefined },
): Promise<{ state: StateMessage; heads: ReadonlyMap<string, number> }> {
  const state = await readState(db, viewer.userId)
  const heads = new Map(state.chats.map(({ id, head }) => [`chat:${id}`, head]))
  if (!have || epoch !== state.epoch) return { state, heads }
  const gone = Object.keys(have.chats).filter((chatId) => !heads.has(`chat:${chatId}`))
  const chats = state.chats.filter((chat) => have.chats[chat.id] !== summaryDigest(chat))
  const { hub: head = 0 } = state.heads
  const entries = have.hub === undefined ? undefined : await readLatestOfHub(db, viewer, have.hub, head)
  return { state: { ...state, chats, since: { gone, ...(entries && { entries }) } }, heads }
}
