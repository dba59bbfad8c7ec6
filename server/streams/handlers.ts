import { read, defineHandlers } from '../define-handlers.ts'
import { requireChat } from '../access/chats.ts'
import { listChatEvents, readStream, requireStream } from './read.ts'

export const streamHandlers = defineHandlers({
  'streams.read': read({
    access: (db, viewer, ids) => requireStream(db, viewer, ids['stream']),
    run: ({ db, viewer }, input, head) => readStream(db, viewer, input, head),
  }),
  'chats.events': read({
    access: (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    run: ({ db, viewer }, input) => listChatEvents(db, viewer, input),
  }),
})
