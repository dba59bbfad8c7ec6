import { requireMessage } from '../access.ts'
import { everybody, read, write } from '../call.ts'
import { listSaved, save, savedOf, unsave } from './saved.ts'

export const savedHandlers = {
  'saved.list': read('saved.list', everybody, (hub, { viewer }, input) =>
    listSaved(hub.reader, viewer.userId, input),
  ),
  'saved.ids': read('saved.ids', everybody, async (hub, { viewer }) => ({
    ids: (await savedOf(hub.reader, { userId: viewer.userId })).map(({ messageId }) => messageId),
  })),
  'saved.add': write(
    'saved.add',
    (db, viewer, ids) => requireMessage(db, viewer, ids['messageId']),
    (tx, hub, { viewer }, _input, message) => save(tx, hub, viewer.userId, message),
  ),
  // what I may not see any more I may still forget; whether it is there, the answer does not say
  'saved.remove': write('saved.remove', everybody, (tx, hub, { viewer }, { messageId }) =>
    unsave(tx, hub, viewer.userId, messageId),
  ),
}
