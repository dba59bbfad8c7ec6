import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { isEncrypted } from './origin.ts'

/**
 * Bytes that are encrypted at once. A TLS connection keeps a buffer of the longest write until it is closed: with whole
 * files of the page, that were 700 KB for each browser that has opened it, and for each client that reads nothing.
 */
const chunkBytes = 64 * 1024

/** Sends large responses over TLS in parts, as fast as the client reads. */
export function registerLargeResponses(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    const isWhole = typeof payload === 'string' || Buffer.isBuffer(payload)
    if (!isWhole || payload.length <= chunkBytes || !isEncrypted(request) || request.method === 'HEAD') {
      done()
      return
    }
    const body = typeof payload === 'string' ? Buffer.from(payload) : payload
    reply.header('content-length', body.length)
    done(null, Readable.from(chunksOf(body)))
  })
}

function* chunksOf(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at += chunkBytes) yield body.subarray(at, at + chunkBytes)
}
