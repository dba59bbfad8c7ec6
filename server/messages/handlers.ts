import { requireActivePeer, checkWritable, type FoundChat, requireChat } from '../access/chats.ts'
import { requireMessage, requireMessageForDelete, requireMessageToEdit } from '../access/messages.ts'
import type { RequestIds, Viewer } from '../caller.ts'
import { read, write, defineHandlers } from '../define-handlers.ts'
import type { Db } from '../db/schema.ts'
import { listDays } from './days.ts'
import { deleteMessage, undeleteMessage } from './delete.ts'
import { editMessage } from './edit.ts'
import { listMessages } from './list.ts'
import { messageStatus } from './status.ts'
import { sendMessage } from './send.ts'
import { chatAndViewerLocks, messageLocks } from '../request-locks.ts'
import { findByCid } from './queries.ts'

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
    access: (db, viewer, ids) => requireChatToWrite(db, viewer, ids),
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

/** A retry of a message that was sent while the user could write still gets its result. @throws not_found, forbidden */
async function requireChatToWrite(db: Db, viewer: Viewer, ids: RequestIds): Promise<FoundChat> {
  const chat = await requireChat(db, viewer, ids['chatId'])
  try {
    checkWritable(chat)
    if (chat.kind === 'direct') await requireActivePeer(db, viewer, chat.id)
  } catch (error) {
    const cid = ids['cid']
    const [sent] = cid === undefined ? [] : await findByCid(db, { authorId: viewer.userId, cid })
    if (!sent) throw error
  }
  return chat
}
