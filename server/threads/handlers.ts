import { requireThreadMessage } from '../access/messages.ts'
import { messageLocks } from '../request-locks.ts'
import { noAccessCheck, read, write, defineHandlers } from '../define-handlers.ts'
import type { RequestIds, Viewer } from '../caller.ts'
import type { Db } from '../db/schema.ts'
import { getThread, listThreads, markThreadRead, setFollowing } from './threads.ts'

const threadMessage = (db: Db, viewer: Viewer, ids: RequestIds) =>
  requireThreadMessage(db, viewer, ids['messageId'])

export const threadHandlers = defineHandlers({
  'threads.list': read({
    access: noAccessCheck,
    run: ({ db, viewer }, input) => listThreads(db, viewer.userId, input),
  }),
  'threads.get': read({
    access: threadMessage,
    run: async ({ db, viewer }, _input, message) => ({
      thread: await getThread(db, viewer.userId, message.id),
    }),
  }),
  'threads.read': write({ access: threadMessage, locks: messageLocks, run: markThreadRead }),
  'threads.follow': write({
    access: threadMessage,
    locks: messageLocks,
    run: (op, _input, message) => setFollowing(op, message, true),
  }),
  'threads.unfollow': write({
    access: threadMessage,
    locks: messageLocks,
    run: (op, _input, message) => setFollowing(op, message, false),
  }),
})
