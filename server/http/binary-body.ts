import type { FastifyInstance, FastifyReply } from 'fastify'
import type { BinaryContent } from '../../shared/contract/values.ts'

/*
 * Bodies that are not JSON: pictures, in both directions. Their bytes decide the type (files/avatar.ts); the
 * content-type only says that they are not JSON.
 */

/** Accepts any binary body. Requests that take JSON refuse it, in http/requests.ts. */
export function registerBinaryParser(app: FastifyInstance): void {
  app.addContentTypeParser(
    /^(image\/[a-z0-9.+-]{1,40}|application\/octet-stream)(;|$)/,
    { parseAs: 'buffer' },
    (_request, body, done) => done(null, body),
  )
}

export function isBinaryBody(body: unknown): body is Uint8Array {
  return body instanceof Uint8Array
}

/**
 * Sends an uploaded picture so that it can only be shown as a picture: no script, no frame, no other site, no type
 * guessing. Its address holds an id that is new for each content, so it can be cached forever.
 */
export function sendContent(reply: FastifyReply, { type, bytes }: BinaryContent): FastifyReply {
  return reply
    .headers({
      'cache-control': 'private, max-age=31536000, immutable',
      'content-security-policy': "sandbox; default-src 'none'",
      'content-disposition': 'inline',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    })
    .type(type)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}
