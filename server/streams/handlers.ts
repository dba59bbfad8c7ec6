import { read, defineHandlers } from '../define-handlers.ts'
import { readStream, requireStream } from './read.ts'

export const streamHandlers = defineHandlers({
  'streams.read': read({
    access: (db, viewer, ids) => requireStream(db, viewer, ids['stream']),
    run: ({ db, viewer }, input, head) => readStream(db, viewer, input, head),
  }),
})
