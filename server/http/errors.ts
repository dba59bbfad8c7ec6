import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, errorStatus, HubError } from '../../shared/errors.ts'
import { MissingContentError } from '../file-storage/contents.ts'
import type { HubContext } from '../context.ts'
import { toWireError } from '../wire-error.ts'

/** An error whose status is defined by another protocol. */
export class HttpError extends HubError {
  readonly status: number
  constructor(status: number, message: string, code: ErrorCode = 'invalid') {
    super(code, message)
    this.status = status
  }
}

/** The only place that turns the error of an HTTP request into a response. */
export function createErrorHandler(hub: HubContext) {
  return async (error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const known = toHubError(error, request)
    const wire = toWireError(hub, known, `${request.method} ${request.routeOptions.url ?? ''}`)
    if (wire.retryAfter !== undefined) reply.header('retry-after', wire.retryAfter)
    const status = statusOf(known) ?? errorStatus[wire.code]
    await reply.status(status).send({ error: wire })
  }
}

/** Returns the status of an error that is not that of its code. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpError) return error.status
  return error instanceof MissingContentError ? 410 : undefined
}

/** Maps Fastify's own errors (a body that is too large, not JSON, cut off) to errors of the hub. */
function toHubError(error: unknown, request: FastifyRequest): unknown {
  if (error instanceof HubError || !(error instanceof Error)) return error
  const { statusCode } = error as { statusCode?: number }
  if (statusCode === 413) return new HubError('too_large', 'This is too large for one request (512 KiB).')
  if (statusCode === 415 && request.headers['tus-resumable'] !== undefined) return wrongContentType()
  if (statusCode === 404) return new HubError('not_found', 'This address does not exist.')
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new HubError('invalid', 'Malformed request. Send JSON with content-type application/json.', {
      cause: error,
    })
  }
  return error
}

/** Of an upload, whose content is no JSON. */
export function wrongContentType(): HttpError {
  return new HttpError(415, 'Send the content as application/offset+octet-stream.')
}
