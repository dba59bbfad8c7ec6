import { requireThreadMessage } from '../access.ts'
import { noAccessCheck, type RequestIds, read, type Viewer, write } from '../dispatch.ts'
import type { Db } from '../db/schema.ts'
import { getThread, listThreads, markThreadRead, setFollowing } from './threads.ts'

const threadMessage = (db: Db, viewer: Viewer, ids: RequestIds) =>
  requireThreadMessage(db, viewer, ids['messageId'])

export const threadHandlers = {
  'threads.list': read('threads.list', noAccessCheck, (hub, { viewer }, input) =>
    listThreads(hub.reader, viewer.userId, input),
  ),
  'threads.get': read('threads.get', threadMessage, async (hub, { viewer }, _input, message) => ({
    thread: await getThread(hub.reader, viewer.userId, message.id),
  })),
  'threads.read': write('threads.read', threadMessage, markThreadRead),
  'threads.follow': write('threads.follow', threadMessage, (tx, hub, caller, _input, message) =>
    setFollowing(tx, hub, caller, message, true),
  ),
  'threads.unfollow': write('threads.unfollow', threadMessage, (tx, hub, caller, _input, message) =>
    setFollowing(tx, hub, caller, message, false),
  ),
}
