import { requireChat, requireMessage } from '../access.ts'
import { read, write } from '../call.ts'
import { listMessages, messageStatus, sendMessage } from './messages.ts'

export const messageHandlers = {
  'messages.list': read(
    'messages.list',
    (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    (hub, _caller, input) => listMessages(hub.reader, input),
  ),
  'messages.send': write(
    'messages.send',
    (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    sendMessage,
  ),
  'messages.status': read(
    'messages.status',
    (db, viewer, ids) => requireMessage(db, viewer, ids['messageId']),
    (hub, _caller, _input, message) => messageStatus(hub.reader, message),
  ),
}
