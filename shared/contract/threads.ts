import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Message, Tombstone } from './messages.ts'
import { Id, Limit, MessageNumber, strict } from './values.ts'

/** My view of a thread. It hangs on `message`, whose `replies` say how many there are. */
export const Thread = Type.Object(
  {
    chatId: Id,
    message: Type.Union([Message, Tombstone]),
    following: Type.Boolean(),
    readNo: Type.Integer(),
    unread: Type.Integer({ description: 'replies of others after `readNo`' }),
    mentions: Type.Integer({ description: 'those of them that call me' }),
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
  summary: 'The threads I follow, the one with the latest reply first.',
  input: Type.Object({ limit: Type.Optional(Limit) }, strict),
  output: Type.Object({ threads: Type.Array(Thread), more: Type.Boolean() }, strict),
})

export const threadsGet = defineRequest({
  name: 'threads.get',
  method: 'GET',
  path: '/api/messages/:messageId/thread',
  access: 'member',
  summary: 'The thread of a message, as I see it. Its replies are in `messages.list` with `thread`.',
  input: MessageIdInput,
  output: Type.Object({ thread: Thread }, strict),
})

export const threadsRead = defineRequest({
  name: 'threads.read',
  method: 'POST',
  path: '/api/messages/:messageId/thread/read',
  access: 'member',
  summary: 'I have read a thread up to this `no`. Only grows.',
  input: Type.Object({ messageId: Id, no: MessageNumber }, strict),
  output: Type.Object({ readNo: Type.Integer() }, strict),
})

export const threadsFollow = defineRequest({
  name: 'threads.follow',
  method: 'PUT',
  path: '/api/messages/:messageId/thread/follow',
  access: 'member',
  summary: 'Follows a thread. Whoever takes part in one follows it already.',
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
