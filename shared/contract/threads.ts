import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Message, Tombstone } from './messages.ts'
import { Id, Limit, MessageNumber, strict } from './values.ts'

/** My view of a thread. `message` is its parent; `message.replies` holds the number of replies. */
export const Thread = Type.Object(
  {
    chatId: Id,
    message: Type.Union([Message, Tombstone]),
    following: Type.Boolean(),
    readNo: Type.Integer(),
    unread: Type.Integer({ description: 'replies of others after `readNo`' }),
    mentions: Type.Integer({ description: 'unread replies that mention me' }),
  },
  { ...strict, $id: 'Thread' },
)
export type Thread = Static<typeof Thread>

const MessageIdInput = Type.Object({ messageId: Id }, strict)

export const threadsList = defineRequest({
  name: 'threads.list',
  method: 'GET',
  path: '/api/threads',
  access: 'session',
  summary: 'Threads that I follow, latest reply first.',
  input: Type.Object({ limit: Type.Optional(Limit) }, strict),
  output: Type.Object({ threads: Type.Array(Thread), more: Type.Boolean() }, strict),
})

export const threadsGet = defineRequest({
  name: 'threads.get',
  method: 'GET',
  path: '/api/messages/:messageId/thread',
  access: 'member',
  summary:
    'Returns the thread of a message with my receipts. messages.list with `thread` returns its replies.',
  input: MessageIdInput,
  output: Type.Object({ thread: Thread }, strict),
})

export const threadsRead = defineRequest({
  name: 'threads.read',
  method: 'POST',
  path: '/api/messages/:messageId/thread/read',
  access: 'member',
  summary: 'Raises my read receipt in a thread to `no`. A lower `no` changes nothing.',
  input: Type.Object({ messageId: Id, no: MessageNumber }, strict),
  output: Type.Object({ readNo: Type.Integer() }, strict),
})

export const threadsFollow = defineRequest({
  name: 'threads.follow',
  method: 'PUT',
  path: '/api/messages/:messageId/thread/follow',
  access: 'member',
  summary: 'Follows a thread. Users who write in a thread follow it automatically.',
  input: MessageIdInput,
  output: Type.Object({ thread: Thread }, strict),
})

export const threadsUnfollow = defineRequest({
  name: 'threads.unfollow',
  method: 'DELETE',
  path: '/api/messages/:messageId/thread/follow',
  access: 'member',
  summary: 'Stops following a thread.',
  input: MessageIdInput,
  output: Type.Object({ thread: Thread }, strict),
})
