import type { FastifyInstance, FastifyReply } from 'fastify'
import type { BinaryContent } from '../../shared/contract/values.ts'

/*
 * Bodies that are no JSON: pictures, in both directions. What they are is decided by their bytes (files/avatar.ts); the
 * content-type only says that they are not JSON.
 */

/** Takes any picture as it is. Requests that want JSON refuse it, in http/requests.ts. */
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
 * What a person put here is shown as a picture and as nothing else: no script, no frame, no other site, no guessing.
 * Its address holds an id that is new with each content, so whoever has it has it for good.
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
