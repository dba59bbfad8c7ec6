import type { FastifyInstance } from 'fastify'
import { sendTimeout } from './parse-errors.ts'

/** How slowly a body may arrive: a time for the whole of it would forbid a large file over a weak link. */
export interface BodyProgress {
  windowMs: number
  /** Bytes of each window; a body that is smaller has to arrive within one. */
  minBytes: number
}

/** One KiB a second: four uploads share the weakest link that anybody would wait for. */
export const defaultBodyProgress: BodyProgress = { windowMs: 30_000, minBytes: 30 * 1024 }

/**
 * Ends a request whose body does not arrive: with 408, and without losing what has arrived of an upload. A client that
 * sends a byte from time to time would otherwise keep its connection for ever.
 */
export function registerBodyProgress(app: FastifyInstance, { windowMs, minBytes }: BodyProgress): void {
  app.addHook('onRequest', async ({ raw }, reply) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = raw.headers
    if (encoding === undefined && (length === undefined || length === '0')) return
    const { socket } = raw
    let before = socket.bytesRead
    const timer = setInterval(() => {
      // the hub itself reads slowly while the disk is slow
      if (raw.complete || raw.readableLength > 0) return
      const arrived = socket.bytesRead - before
      before = socket.bytesRead
      if (arrived < minBytes) sendTimeout(socket, reply.raw.headersSent)
    }, windowMs)
    timer.unref()
    reply.raw.once('close', () => clearInterval(timer))
  })
}
