import type { RequestIds, Viewer } from './caller.ts'
import { prepared } from './db/prepared.ts'
import type { FindLocks } from './define-handlers.ts'
import { chatLock, userLock } from './locks.ts'

/*
 * Finds the locks of a request from its ids. An operation that changes one chat locks that chat. Data that a user
 * has for themselves is locked by the user; data that all rules depend on locks the hub.
 */

/** Locks the chat in the path. */
export const chatLocks = ({ chatId }: RequestIds): readonly string[] =>
  chatId === undefined ? [] : [chatLock(chatId)]

/** Locks the chat of the message in the path: a message never moves to another chat. */
export const messageLocks: FindLocks =
  ({ messageId }) =>
  async (db) => {
    const [row] = messageId === undefined ? [] : await chatOfMessage(db, { messageId })
    return row ? [chatLock(row.chatId)] : []
  }

/** Locks data that only the user sees: settings, saved messages, tokens, sessions. */
export const viewerLocks = (_ids: RequestIds, viewer: Viewer | undefined): readonly string[] =>
  viewer ? [userLock(viewer.userId)] : []

/**
 * Locks both. For a message: its files count towards the quota of its author, and it clears the author's "unread from
 * here". For the preferences of a chat, which reads the chat again after its change.
 */
export const chatAndViewerLocks: FindLocks = (ids, viewer) => [...chatLocks(ids), ...viewerLocks(ids, viewer)]

const chatOfMessage = prepared((db, p: { messageId: string }) =>
  db.selectFrom('message').where('id', '=', p.messageId).select('chatId'),
)
