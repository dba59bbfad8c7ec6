import { requireChat } from '../access/chats.ts'
import { requireMessageToPin } from '../access/messages.ts'
import { messageLocks } from '../request-locks.ts'
import { read, write, defineHandlers } from '../define-handlers.ts'
import { addPin, listPins, removePin } from './pins.ts'

export const pinHandlers = defineHandlers({
  'pins.list': read({
    access: (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    run: ({ db, viewer }, { chatId }) => listPins(db, viewer.userId, chatId),
  }),
  'pins.add': write({
    access: (db, viewer, ids) => requireMessageToPin(db, viewer, ids['messageId']),
    locks: messageLocks,
    run: (op, _input, message) => addPin(op, message),
  }),
  'pins.remove': write({
    access: (db, viewer, ids) => requireMessageToPin(db, viewer, ids['messageId']),
    locks: messageLocks,
    run: (op, _input, message) => removePin(op, message),
  }),
})
