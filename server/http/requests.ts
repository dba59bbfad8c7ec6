import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { requests } from '../../shared/contract.ts'
import { heldHeader } from '../../shared/contract/continuity.ts'
import { isWriteMethod, pathParameters, type RequestSpec } from '../../shared/contract/define.ts'
import type { BinaryContent, ServedFile } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import type { Dispatch } from '../dispatch.ts'
import type { Caller, Viewer } from '../caller.ts'
import type { HubContext } from '../context.ts'
import { sendUploadStatus, isUploadStatusRequest } from './tus.ts'
import { isBinaryBody, sendContent } from './binary-body.ts'
import { compressJson, mayCompress } from './compressed-responses.ts'
import { sendFile } from './files.ts'
import { isSameOrigin, requestOrigin } from './origin.ts'
import { checkCsrf, setSessionCookie, authenticate } from './session.ts'

/** The HTTP transport: registers each request of the contract at its method and path. */
export function registerRequestRoutes(app: FastifyInstance, hub: HubContext, dispatch: Dispatch): void {
  for (const spec of Object.values<RequestSpec>(requests)) {
    app.route({
      method: spec.method,
      url: spec.path,
      // at the path of a file, HEAD may also request the offset of its upload
      handler: (request, reply) =>
        spec.name === 'files.get' && isUploadStatusRequest(request)
          ? sendUploadStatus(hub, request, reply)
          : handleRequest(hub, dispatch, spec, request, reply),
    })
  }
}

async function handleRequest(
  hub: HubContext,
  dispatch: Dispatch,
  spec: RequestSpec,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const wantsToken = request.headers['x-hubbub-client'] === 'token'
  const opens = spec.access === 'anyone' && spec.transport === 'http'
  // a session is opened even if there is another
  const viewer = spec.access === 'anyone' ? undefined : await authenticate(hub, request)
  if (opens && !wantsToken && !isSameOrigin(request)) {
    throw new HubError(
      'forbidden',
      'Only a page of this hub can open a cookie session. Programs send “X-Hubbub-Client: token”.',
    )
  }
  checkCsrf(request, viewer, spec.method)
  const caller: Caller = {
    viewer,
    address: request.clientAddress,
    origin: requestOrigin(request),
    wantsToken,
    beforeRead: () => requireReader(hub, viewer, reply),
    setSessionCookie: (token, persistent) => setSessionCookie(hub, request, reply, token, persistent),
  }
  const input = collectInput(spec, request)
  const output = await dispatch(spec.name, caller, input)
  const held = isWriteMethod(spec.method) ? hub.standing.held() : undefined
  if (held !== undefined) void reply.header(heldHeader, held)
  if (spec.output === undefined) return reply.status(204).send()
  if (spec.response === 'file') {
    if (viewer) hub.unsent.count(viewer.userId, reply.raw, { files: 1 })
    return sendFile(request, reply, output as ServedFile)
  }
  if (spec.response === 'bytes') return sendContent(reply, output as BinaryContent)
  const json = JSON.stringify(output)
  if (viewer) hub.unsent.count(viewer.userId, reply.raw, { bytes: json.length })
  reply.status(caller.isRepeat ? 200 : (spec.status ?? 200)).type('application/json; charset=utf-8')
  return reply.send(mayCompress(spec.name, input) ? await compressJson(json, request, reply) : json)
}

/** A response that nobody reads is not read from the database either. */
function requireReader(hub: HubContext, viewer: Viewer | undefined, reply: FastifyReply): void {
  if (reply.raw.destroyed) throw new HubError('busy', 'The connection was closed before the response.')
  if (viewer) hub.unsent.requireRead(viewer.userId)
}

/**
 * Merges path, query and body into one object. None of them wins: a member that is repeated or in the wrong place
 * is an error.
 */
function collectInput(spec: RequestSpec, request: FastifyRequest): unknown {
  const params = request.params as Record<string, string>
  const query = parseQuery(spec, request.query as Record<string, unknown>)
  const body: unknown = spec.body === 'bytes' ? toBytesInput(request.body) : (request.body ?? {})
  if (spec.body !== 'bytes' && isBinaryBody(body)) {
    throw new HubError('invalid', 'This request takes JSON. Send it with content-type application/json.')
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const inBody = spec.method !== 'GET' && spec.method !== 'DELETE'
  for (const key of Object.keys(query)) {
    if (inBody) throw misplacedField(key, 'belongs into the body: leave it out of the address.')
    if (Object.hasOwn(body, key))
      throw misplacedField(key, 'is in the address already; leave it out of the body.')
  }
  for (const key of pathParameters(spec.path)) {
    if (Object.hasOwn(query, key))
      throw misplacedField(key, 'is in the path already; leave it out of the query.')
    if (Object.hasOwn(body, key))
      throw misplacedField(key, 'is in the address already; leave it out of the body.')
  }
  // a copy of a large body takes longer than to read it
  return Object.keys(query).length > 0 ? { ...query, ...body, ...params } : Object.assign(body, params)
}

/** The whole body is a single member of the input. */
function toBytesInput(body: unknown): { bytes: Uint8Array } {
  if (isBinaryBody(body)) return { bytes: body }
  throw new HubError('invalid', 'Send the bytes of the picture as the body, with its content-type.', {
    field: 'bytes',
  })
}

function misplacedField(key: string, words: string): HubError {
  const field = key.slice(0, 40)
  return new HubError('invalid', `“${field}” ${words}`, { field })
}

/** Converts a text to a number if the contract has a number and the text is numeric; nothing else is coerced. */
function parseQuery(spec: RequestSpec, query: Record<string, unknown>): Record<string, unknown> {
  // own members only: `__proto__` is as unknown as any other name
  return Object.fromEntries(
    Object.entries(query).map(([key, value]) => {
      const isNumber = Object.hasOwn(spec.input.properties, key) && isNumeric(spec.input.properties[key])
      return [
        key,
        isNumber && typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value,
      ]
    }),
  )
}

function isNumeric(schema: unknown): boolean {
  const { type } = (schema ?? {}) as { type?: unknown }
  return type === 'integer' || type === 'number'
}
