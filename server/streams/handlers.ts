import { read } from '../dispatch.ts'
import { readStream, requireStream } from './read.ts'

export const streamHandlers = {
  'streams.read': read(
    'streams.read',
    (db, viewer, ids) => requireStream(db, viewer, ids['stream']),
    (hub, { viewer }, input, head) => readStream(hub.reader, viewer, input, head),
  ),
}
