import { requireMessage } from '../access/messages.ts'
import { viewerLocks } from '../request-locks.ts'
import { noAccessCheck, read, write, defineHandlers } from '../define-handlers.ts'
import { listSaved, saveMessage, findSavedMessages, unsaveMessage } from './saved.ts'

export const savedHandlers = defineHandlers({
  'saved.list': read({
    access: noAccessCheck,
    run: ({ db, viewer }, input) => listSaved(db, viewer.userId, input),
  }),
  'saved.ids': read({
    access: noAccessCheck,
    run: async ({ db, viewer }) => ({
      ids: (await findSavedMessages(db, { userId: viewer.userId })).map(({ messageId }) => messageId),
    }),
  }),
  'saved.add': write({
    access: (db, viewer, ids) => requireMessage(db, viewer, ids['messageId']),
    locks: viewerLocks,
    run: (op, _input, message) => saveMessage(op, op.viewer.userId, message),
  }),
  // a user may remove a message that they can no longer see; the response does not reveal if it exists
  'saved.remove': write({
    access: noAccessCheck,
    locks: viewerLocks,
    run: (op, { messageId }) => unsaveMessage(op, op.viewer.userId, messageId),
  }),
})
