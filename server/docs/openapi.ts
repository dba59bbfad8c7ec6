import type { TSchema } from 'typebox'
import { requests } from '../../shared/contract.ts'
import { isWriteMethod, pathParameters, type RequestSpec } from '../../shared/contract/define.ts'
import { protocol } from '../../shared/contract/live.ts'
import { errorStatus, type ErrorCode } from '../../shared/errors.ts'

/** A JSON Schema of the contract. */
export interface JsonSchema {
  $id?: string
  $ref?: string
  type?: string
  const?: unknown
  description?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  anyOf?: JsonSchema[]
  [key: string]: unknown
}

/** Converts a schema to a plain JSON Schema; typebox's types describe each schema exactly. */
export function toPlainSchema(schema: TSchema): JsonSchema {
  return schema as unknown as JsonSchema
}

export interface OpenApiOperation {
  operationId: string
  tags: string[]
  summary: string
  parameters?: OpenApiParameter[]
  requestBody?: { required: boolean; content: Record<string, { schema: JsonSchema }> }
  responses: Record<string, unknown>
  security: Record<string, string[]>[]
  'x-who': string
  'x-transport'?: 'http'
  'x-tokens'?: 'never'
}

interface OpenApiParameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description?: string
  schema: JsonSchema
}

export interface OpenApi {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string }
  servers: { url: string }[]
  paths: Record<string, Record<string, OpenApiOperation>>
  components: {
    schemas: Record<string, JsonSchema>
    responses: Record<string, unknown>
    securitySchemes: Record<string, unknown>
  }
}

/** Returns the contract as an OpenAPI 3.1 document. */
export function openApi(version: string): OpenApi {
  const schemas: Record<string, JsonSchema> = { Error: errorSchema() }
  const paths: OpenApi['paths'] = {}
  for (const spec of Object.values<RequestSpec>(requests)) {
    const path = spec.path.replace(/:([A-Za-z]+)/g, '{$1}')
    paths[path] = { ...paths[path], [spec.method.toLowerCase()]: describeOperation(spec, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hubbub',
      version,
      description: `Wire protocol ${protocol.max}. The live socket at /live accepts the same requests. Times are milliseconds since 1970.`,
    },
    servers: [{ url: '/' }],
    paths,
    components: { schemas, responses: errorResponses(), securitySchemes },
  }
}

const securitySchemes = {
  token: { type: 'http', scheme: 'bearer', description: 'For programs: `X-Hubbub-Client: token` at login.' },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'hubbub-<first 8 of hubId>',
    description: 'For pages of the hub. The name ends with the first 8 characters of the hubId.',
  },
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Csrf-Token',
    description:
      'Required with the cookie for every request that changes something: `csrfToken` of GET /api/me.',
  },
}

/** Splits the members of an input by path, query and body. */
export function splitInput(spec: RequestSpec): { inPath: string[]; inQuery: string[]; inBody: string[] } {
  const inPath = pathParameters(spec.path)
  const rest = Object.keys(spec.input.properties).filter((name) => !inPath.includes(name))
  const toBody = spec.method !== 'GET' && spec.method !== 'DELETE'
  return { inPath, inQuery: toBody ? [] : rest, inBody: toBody ? rest : [] }
}

function describeOperation(spec: RequestSpec, schemas: Record<string, JsonSchema>): OpenApiOperation {
  const parameters = parametersOf(spec, schemas)
  const body = bodyOf(spec, schemas)
  return {
    operationId: spec.name,
    tags: [spec.name.split('.', 1)[0] as string],
    summary: spec.summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: body } : {}),
    responses: { ...successResponses(spec, schemas), ...failureResponses(spec) },
    security: securityOf(spec),
    'x-who': spec.access,
    ...(spec.transport ? { 'x-transport': spec.transport } : {}),
    ...(spec.tokens ? { 'x-tokens': spec.tokens } : {}),
  }
}

function parametersOf(spec: RequestSpec, schemas: Record<string, JsonSchema>): OpenApiParameter[] {
  const { inPath, inQuery } = splitInput(spec)
  const input = toPlainSchema(spec.input)
  const made = (name: string, place: 'path' | 'query'): OpenApiParameter => {
    const { description, ...schema } = replaceWithRefs(input.properties?.[name] ?? {}, schemas)
    return {
      name,
      in: place,
      required: place === 'path' || (input.required ?? []).includes(name),
      ...(description === undefined ? {} : { description }),
      schema,
    }
  }
  const parameters = [
    ...inPath.map((name) => made(name, 'path')),
    ...inQuery.map((name) => made(name, 'query')),
  ]
  return spec.access === 'anyone' && spec.transport === 'http' ? [...parameters, clientHeader] : parameters
}

const clientHeader: OpenApiParameter = {
  name: 'X-Hubbub-Client',
  in: 'header',
  required: false,
  description: '`token`: the response holds a token and no cookie is set.',
  schema: { type: 'string', const: 'token' },
}

function bodyOf(spec: RequestSpec, schemas: Record<string, JsonSchema>): OpenApiOperation['requestBody'] {
  const { inBody } = splitInput(spec)
  if (inBody.length === 0) return undefined
  if (spec.body === 'bytes') return { required: true, content: pictureResponse }
  const { properties = {}, required = [] } = replaceWithRefs(toPlainSchema(spec.input), schemas)
  const needed = required.filter((name) => inBody.includes(name))
  const schema: JsonSchema = {
    type: 'object',
    ...(needed.length > 0 ? { required: needed } : {}),
    properties: Object.fromEntries(inBody.map((name) => [name, properties[name] ?? {}])),
    additionalProperties: false,
  }
  return { required: needed.length > 0, content: { 'application/json': { schema } } }
}

const pictureResponse = {
  'image/png': { schema: {} },
  'image/jpeg': { schema: {} },
  'image/webp': { schema: {} },
}

const fileResponse = { description: 'The file.', content: { 'application/octet-stream': { schema: {} } } }

function successResponses(spec: RequestSpec, schemas: Record<string, JsonSchema>): Record<string, unknown> {
  if (!spec.output) return { 204: { description: 'Done.' } }
  if (spec.response === 'bytes') return { 200: { description: 'The picture.', content: pictureResponse } }
  if (spec.response === 'file')
    return { 200: fileResponse, 206: { ...fileResponse, description: 'The requested range.' } }
  const schema = replaceWithRefs(toPlainSchema(spec.output), schemas)
  const response = { description: 'Done.', content: { 'application/json': { schema } } }
  if (spec.name === 'messages.send') {
    return {
      201: response,
      200: { ...response, description: 'The original result of a request with the same cid.' },
    }
  }
  return { [spec.status ?? 200]: response }
}

/** Errors that follow from the form of the request; its rules may refuse with any other code. */
function failureResponses(spec: RequestSpec): Record<string, unknown> {
  const codes: ErrorCode[] = ['invalid']
  if (spec.access !== 'anyone' || spec.name === 'accounts.login') codes.push('unauthenticated')
  if (isWriteMethod(spec.method) || spec.access.startsWith('hub')) codes.push('forbidden')
  if (pathParameters(spec.path).length > 0) codes.push('not_found')
  if (isWriteMethod(spec.method)) codes.push('too_large', 'disk_full')
  codes.push('rate_limited', 'busy', 'internal')
  return Object.fromEntries([
    ...codes.map((code) => [errorStatus[code], { $ref: `#/components/responses/${code}` }] as const),
    ['default', { $ref: '#/components/responses/error' }],
  ])
}

function securityOf(spec: RequestSpec): OpenApiOperation['security'] {
  if (spec.access === 'anyone') return []
  const cookie = isWriteMethod(spec.method) ? { cookie: [], csrf: [] } : { cookie: [] }
  return [{ token: [] }, cookie]
}

/** Replaces named schemas by references, and collects them in `schemas`. */
export function replaceWithRefs(schema: JsonSchema, schemas: Record<string, JsonSchema>): JsonSchema {
  const { $id, ...rest } = schema
  if ($id === undefined) return replaceNested(rest, schemas)
  schemas[$id] ??= replaceNested(rest, schemas)
  return { $ref: `#/components/schemas/${$id}` }
}

/** Unknown members: refused in requests (bodies declare it), ignored in responses. */
function replaceNested(schema: JsonSchema, schemas: Record<string, JsonSchema>): JsonSchema {
  const { properties, items, anyOf, ...rest } = schema
  if (rest['additionalProperties'] === false) delete rest['additionalProperties']
  if (properties) {
    rest.properties = Object.fromEntries(
      Object.entries(properties).map(([name, member]) => [name, replaceWithRefs(member, schemas)]),
    )
  }
  if (items) rest.items = replaceWithRefs(items, schemas)
  if (anyOf) rest.anyOf = anyOf.map((one) => replaceWithRefs(one, schemas))
  return rest
}

function errorSchema(): JsonSchema {
  return {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['code', 'message'],
        properties: {
          code: { type: 'string', enum: Object.keys(errorStatus) },
          message: { type: 'string', description: 'text for the user: what happened and what to do' },
          field: { type: 'string', description: 'the member of the input that is wrong' },
          retryAfter: { type: 'integer', minimum: 1, description: 'whole seconds to wait' },
          moved: {
            type: 'array',
            items: { type: 'object' },
            description: 'with `busy`: another computer is the hub; its addresses, as in `state.places`',
          },
        },
      },
    },
  }
}

function errorResponses(): Record<string, unknown> {
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } }
  return Object.fromEntries([
    ...Object.entries(errorStatus).map(([code, status]) => [
      code,
      { description: `${code} (${status})`, content },
    ]),
    ['error', { description: 'Any other error.', content }],
  ]) as Record<string, unknown>
}
