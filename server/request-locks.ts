import { prepared } from './db/prepared.ts'
import type { FindLocks } from './define-handlers.ts'
import { chatLock, userLock } from './locks.ts'

/*
 * The locks of requests, found from their ids. An operation that changes one chat locks that chat; what a user keeps for
 * themselves is locked by the user; what all rules depend on locks the hub.
 */

/** The chat that the path names. */
export const chatLocks: FindLocks = ({ chatId }) =>
  Promise.resolve(chatId === undefined ? [] : [chatLock(chatId)])

/** The chat of the message that the path names: a message never moves to another. */
export const messageLocks: FindLocks = async ({ messageId }, _viewer, db) => {
  const [row] = messageId === undefined ? [] : await chatOfMessage(db, { messageId })
  return row ? [chatLock(row.chatId)] : []
}

/** What only the user themselves see: settings, saved messages, tokens, sessions. */
export const viewerLocks: FindLocks = (_ids, viewer) =>
  Promise.resolve(viewer ? [userLock(viewer.userId)] : [])

/** Both, for a message whose files count on the account of its author. */
export const chatAndViewerLocks: FindLocks = async (ids, viewer, db) => [
  ...(await chatLocks(ids, viewer, db)),
  ...(await viewerLocks(ids, viewer, db)),
]

const chatOfMessage = prepared((db, p: { messageId: string }) =>
  db.selectFrom('message').where('id', '=', p.messageId).select('chatId'),
)
