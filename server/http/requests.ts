import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { requests } from '../../shared/contract.ts'
import { pathMembers, type RequestSpec } from '../../shared/contract/define.ts'
import type { Content, Served } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import type { Caller, CallRequest } from '../call.ts'
import type { Hub } from '../hub.ts'
import { answerWhereItStands, asksForUpload } from '../files/tus.ts'
import { isBytes, sendContent } from './bytes.ts'
import { sendFile } from './files.ts'
import { isSameOrigin, originOf } from './origin.ts'
import { checkCsrf, setSessionCookie, viewerOf } from './session.ts'

/** The HTTP door: each request of the contract at its method and path. */
export function addRequests(app: FastifyInstance, hub: Hub, call: CallRequest): void {
  for (const spec of Object.values<RequestSpec>(requests)) {
    app.route({
      method: spec.method,
      url: spec.path,
      // where a file is fetched, HEAD may be one that asks how far its upload is
      handler: (request, reply) =>
        spec.name === 'files.get' && asksForUpload(request)
          ? answerWhereItStands(hub, request, reply)
          : answer(hub, call, spec, request, reply),
    })
  }
}

async function answer(
  hub: Hub,
  call: CallRequest,
  spec: RequestSpec,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const wantsToken = request.headers['x-hubbub-client'] === 'token'
  const opens = spec.who === 'anyone' && spec.door === 'http'
  // a session is opened whether or not another is there
  const viewer = spec.who === 'anyone' ? undefined : await viewerOf(hub, request)
  if (opens && !wantsToken && !isSameOrigin(request)) {
    throw new HubError(
      'forbidden',
      'A cookie session is opened from a page of this hub only. Programs send “X-Hubbub-Client: token”.',
    )
  }
  checkCsrf(request, viewer, spec.method)
  const caller: Caller = {
    viewer,
    address: request.ip,
    origin: originOf(request),
    wantsToken,
    openSession: (token, lasting) => setSessionCookie(hub, request, reply, token, lasting),
  }
  const output = await call(spec.name, caller, inputOf(spec, request))
  if (spec.output === undefined) return reply.status(204).send()
  if (spec.answer === 'file') return sendFile(request, reply, output as Served)
  if (spec.answer === 'bytes') return sendContent(reply, output as Content)
  reply.status(caller.repeated ? 200 : (spec.status ?? 200))
  return output
}

/** Path, query and body in one object. None of them wins: a member said twice, or in the wrong place, is a mistake. */
function inputOf(spec: RequestSpec, request: FastifyRequest): unknown {
  const params = request.params as Record<string, string>
  const query = fromQuery(spec, request.query as Record<string, unknown>)
  const body: unknown = spec.body === 'bytes' ? bytesOf(request.body) : (request.body ?? {})
  if (spec.body !== 'bytes' && isBytes(body)) {
    throw new HubError('invalid', 'This request takes JSON. Send it with content-type application/json.')
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const inBody = spec.method !== 'GET' && spec.method !== 'DELETE'
  for (const key of Object.keys(query)) {
    if (inBody) throw misplaced(key, 'belongs into the body: leave it out of the address.')
    if (Object.hasOwn(body, key)) throw misplaced(key, 'is in the address already; leave it out of the body.')
  }
  for (const key of pathMembers(spec.path)) {
    if (Object.hasOwn(query, key)) throw misplaced(key, 'is in the path already; leave it out of the query.')
    if (Object.hasOwn(body, key)) throw misplaced(key, 'is in the address already; leave it out of the body.')
  }
  return { ...query, ...body, ...params }
}

/** The whole body is one member of the input. */
function bytesOf(body: unknown): { bytes: Uint8Array } {
  if (isBytes(body)) return { bytes: body }
  throw new HubError('invalid', 'Send the picture itself as the body, with its own content-type.', {
    field: 'bytes',
  })
}

function misplaced(key: string, words: string): HubError {
  const field = key.slice(0, 40)
  return new HubError('invalid', `“${field}” ${words}`, { field })
}

/** Text becomes a number where the contract has one and the text is one; nothing else is coerced. */
function fromQuery(spec: RequestSpec, query: Record<string, unknown>): Record<string, unknown> {
  // as own members whatever they are called: “__proto__” is as unknown as any other
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
