import { requireChat, requireMessageToPin } from '../access.ts'
import { read, write } from '../dispatch.ts'
import { addPin, listPins, removePin } from './pins.ts'

export const pinHandlers = {
  'pins.list': read(
    'pins.list',
    (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    (hub, { viewer }, { chatId }) => listPins(hub.reader, viewer.userId, chatId),
  ),
  'pins.add': write(
    'pins.add',
    (db, viewer, ids) => requireMessageToPin(db, viewer, ids['messageId']),
    (tx, hub, caller, _input, message) => addPin(tx, hub, caller, message),
  ),
  'pins.remove': write(
    'pins.remove',
    (db, viewer, ids) => requireMessageToPin(db, viewer, ids['messageId']),
    (tx, hub, caller, _input, message) => removePin(tx, hub, caller, message),
  ),
}
