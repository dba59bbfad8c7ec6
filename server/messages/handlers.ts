import { requireChat, requireChatToWrite } from '../access/chats.ts'
import { requireMessage, requireMessageForDelete, requireMessageToEdit } from '../access/messages.ts'
import { read, write, defineHandlers } from '../define-handlers.ts'
import { listDays } from './days.ts'
import { deleteMessage, undeleteMessage } from './delete.ts'
import { editMessage } from './edit.ts'
import { listMessages } from './list.ts'
import { messageStatus } from './status.ts'
import { sendMessage } from './send.ts'
import { chatAndViewerLocks, messageLocks } from '../request-locks.ts'

export const messageHandlers = defineHandlers({
  'messages.list': read({
    access: (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    run: ({ db, viewer }, input) => listMessages(db, viewer.userId, input),
  }),
  'messages.days': read({
    access: (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    run: ({ db }, input) => listDays(db, input),
  }),
  'messages.send': write({
    access: (db, viewer, ids) => requireChatToWrite(db, viewer, { chatId: ids['chatId'], cid: ids['cid'] }),
    locks: chatAndViewerLocks,
    run: sendMessage,
  }),
  'messages.edit': write({
    access: (db, viewer, ids) => requireMessageToEdit(db, viewer, ids['messageId']),
    locks: messageLocks,
    run: editMessage,
  }),
  'messages.delete': write({
    access: (db, viewer, ids) => requireMessageForDelete(db, viewer, ids['messageId']),
    locks: messageLocks,
    run: deleteMessage,
  }),
  'messages.undelete': write({
    access: (db, viewer, ids) => requireMessageForDelete(db, viewer, ids['messageId']),
    locks: messageLocks,
    run: undeleteMessage,
  }),
  'messages.status': read({
    access: (db, viewer, ids) => requireMessage(db, viewer, ids['messageId']),
    run: ({ db, hub, viewer }, _input, message) =>
      messageStatus(db, message, (userId) => hub.live.canSeeLastSeen(viewer.userId, userId)),
  }),
})
