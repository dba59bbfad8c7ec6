import {
  requireActivePeer,
  checkWritable,
  type FoundChat,
  requireChat,
  requireMessage,
  requireMessageForDelete,
  requireMessageToEdit,
} from '../access.ts'
import { type RequestIds, read, type Viewer, write } from '../dispatch.ts'
import type { Db } from '../db/schema.ts'
import { deleteMessage, editMessage, undeleteMessage } from './changing.ts'
import { listMessages, messageStatus, sendMessage } from './messages.ts'
import { findByCid } from './queries.ts'

export const messageHandlers = {
  'messages.list': read(
    'messages.list',
    (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    (hub, { viewer }, input) => listMessages(hub.reader, viewer.userId, input),
  ),
  'messages.send': write(
    'messages.send',
    (db, viewer, ids) => requireChatToWrite(db, viewer, ids),
    sendMessage,
  ),
  'messages.edit': write(
    'messages.edit',
    (db, viewer, ids) => requireMessageToEdit(db, viewer, ids['messageId']),
    editMessage,
  ),
  'messages.delete': write(
    'messages.delete',
    (db, viewer, ids) => requireMessageForDelete(db, viewer, ids['messageId']),
    deleteMessage,
  ),
  'messages.undelete': write(
    'messages.undelete',
    (db, viewer, ids) => requireMessageForDelete(db, viewer, ids['messageId']),
    undeleteMessage,
  ),
  'messages.status': read(
    'messages.status',
    (db, viewer, ids) => requireMessage(db, viewer, ids['messageId']),
    (hub, _caller, _input, message) => messageStatus(hub.reader, message),
  ),
}

/** A retry of what was sent while I could write still gets its answer. @throws not_found, forbidden */
async function requireChatToWrite(db: Db, viewer: Viewer, ids: RequestIds): Promise<FoundChat> {
  const chat = await requireChat(db, viewer, ids['chatId'])
  const cid = ids['cid']
  const [sent] = cid === undefined ? [] : await findByCid(db, { authorId: viewer.userId, cid })
  if (sent) return chat
  checkWritable(chat)
  if (chat.kind === 'direct') await requireActivePeer(db, viewer, chat.id)
  return chat
}
