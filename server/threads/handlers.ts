import { requireThreadMessage } from '../access.ts'
import { everybody, type Ids, read, type Viewer, write } from '../call.ts'
import type { Db } from '../db/schema.ts'
import { getThread, listThreads, markThreadRead, setFollowing } from './threads.ts'

const ofMessage = (db: Db, viewer: Viewer, ids: Ids) => requireThreadMessage(db, viewer, ids['messageId'])

export const threadHandlers = {
  'threads.list': read('threads.list', everybody, (hub, { viewer }, input) =>
    listThreads(hub.reader, viewer.userId, input),
  ),
  'threads.get': read('threads.get', ofMessage, async (hub, { viewer }, _input, message) => ({
    thread: await getThread(hub.reader, viewer.userId, message.id),
  })),
  'threads.read': write('threads.read', ofMessage, markThreadRead),
  'threads.follow': write('threads.follow', ofMessage, (tx, hub, caller, _input, message) =>
    setFollowing(tx, hub, caller, message, true),
  ),
  'threads.unfollow': write('threads.unfollow', ofMessage, (tx, hub, caller, _input, message) =>
    setFollowing(tx, hub, caller, message, false),
  ),
}
