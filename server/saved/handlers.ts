import { requireMessage } from '../access.ts'
import { noAccessCheck, read, write } from '../dispatch.ts'
import { listSaved, saveMessage, findSavedMessages, unsaveMessage } from './saved.ts'

export const savedHandlers = {
  'saved.list': read('saved.list', noAccessCheck, (hub, { viewer }, input) =>
    listSaved(hub.reader, viewer.userId, input),
  ),
  'saved.ids': read('saved.ids', noAccessCheck, async (hub, { viewer }) => ({
    ids: (await findSavedMessages(hub.reader, { userId: viewer.userId })).map(({ messageId }) => messageId),
  })),
  'saved.add': write(
    'saved.add',
    (db, viewer, ids) => requireMessage(db, viewer, ids['messageId']),
    (tx, hub, { viewer }, _input, message) => saveMessage(tx, hub, viewer.userId, message),
  ),
  // what I may not see any more I may still forget; whether it is there, the answer does not say
  'saved.remove': write('saved.remove', noAccessCheck, (tx, hub, { viewer }, { messageId }) =>
    unsaveMessage(tx, hub, viewer.userId, messageId),
  ),
}
