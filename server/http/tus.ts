import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Method } from '../../shared/contract/define.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { checkCaller } from '../dispatch.ts'
import type { Viewer } from '../caller.ts'
import type { HubContext } from '../context.ts'
import { HttpError, wrongContentType } from './errors.ts'
import { checkCsrf, authenticate } from './session.ts'
import { hubLimits } from '../file-storage/queries.ts'
import type { NewUpload, UploadState } from '../file-storage/uploads.ts'

/*
 * The transport for uploads: tus 1.0 with creation, termination and expiration. Checked like every request of the
 * contract: session, then access, then the rest. Errors have the hub's own messages, with the status that tus
 * requires.
 */

const tusVersion = '1.0.0'
const uploadsPath = '/api/files'
const uploadPath = `${uploadsPath}/:fileId`
const offsetContentType = 'application/offset+octet-stream'
const tusHeaders = { 'tus-resumable': tusVersion } as const

type UploadRequest = FastifyRequest<{ Params: { fileId: string } }>

/** Of an error too, as tus requires. */
const sendsTusHeaders = {
  onRequest: async (_request: FastifyRequest, reply: FastifyReply) => void reply.headers(tusHeaders),
}

export function registerUploadRoutes(app: FastifyInstance, hub: HubContext): void {
  // the body stays a stream: it is written to disk as it arrives
  app.addContentTypeParser(offsetContentType, (_request, body, done) => done(null, body))

  app.options(uploadsPath, async (request, reply) => {
    await authorizeUpload(hub, request, 'OPTIONS')
    const [limits] = await hub.store.read((db) => hubLimits(db, {}))
    return reply
      .status(204)
      .headers({
        ...tusHeaders,
        'tus-version': tusVersion,
        'tus-extension': 'creation,termination,expiration',
        'tus-max-size': String(limits?.fileBytes ?? 0),
      })
      .send()
  })
  app.post(uploadsPath, sendsTusHeaders, async (request, reply) => {
    const { userId } = await authorizeUpload(hub, request, 'POST')
    checkVersion(request, reply)
    const upload = await hub.uploads.create(userId, parseNewUpload(request))
    return sendUploadState(reply.status(201).header('location', `${uploadsPath}/${upload.id}`), upload)
  })
  const handlers: Record<string, UploadHandler> = {
    PATCH: appendToUpload,
    DELETE: cancelUpload,
    HEAD: sendUploadStatus,
  }
  app.patch(uploadPath, sendsTusHeaders, (request: UploadRequest, reply) =>
    appendToUpload(hub, request, reply),
  )
  app.delete(uploadPath, sendsTusHeaders, (request: UploadRequest, reply) =>
    cancelUpload(hub, request, reply),
  )
  // for clients that can send no other method
  app.post(uploadPath, sendsTusHeaders, (request: UploadRequest, reply) => {
    const method = request.headers['x-http-method-override']
    const handle = typeof method === 'string' ? handlers[method.toUpperCase()] : undefined
    if (!handle) throw notFound('This address')
    return handle(hub, request, reply)
  })
}

type UploadHandler = (hub: HubContext, request: UploadRequest, reply: FastifyReply) => Promise<FastifyReply>

async function appendToUpload(
  hub: HubContext,
  request: UploadRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { userId } = await authorizeUpload(hub, request, 'PATCH')
  checkVersion(request, reply)
  if (request.headers['content-type'] !== offsetContentType) throw wrongContentType()
  const offset = parseIntegerHeader(request, 'upload-offset')
  const body = request.body as Readable
  const upload = await hub.uploads.append(userId, request.params.fileId, offset, body)
  return sendUploadState(reply.status(204), upload)
}

async function cancelUpload(
  hub: HubContext,
  request: UploadRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { userId } = await authorizeUpload(hub, request, 'DELETE')
  checkVersion(request, reply)
  await hub.uploads.cancel(userId, request.params.fileId)
  return reply.status(204).send()
}

/** HEAD without a tus header is a request for the file. */
export function isUploadStatusRequest(request: FastifyRequest): boolean {
  return request.method === 'HEAD' && request.headers['tus-resumable'] !== undefined
}

export async function sendUploadStatus(
  hub: HubContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  void reply.headers(tusHeaders)
  // it ends the earlier connection: a page of another site must not be able to do that
  const { userId } = await authorizeUpload(hub, request, 'HEAD')
  checkVersion(request, reply)
  const upload = await hub.uploads.state(userId, (request as UploadRequest).params.fileId)
  return sendUploadState(
    reply.status(200).headers({
      'upload-length': String(upload.size),
      'upload-metadata': formatMetadata(upload),
      'cache-control': 'no-store',
    }),
    upload,
  )
}

async function authorizeUpload(hub: HubContext, request: FastifyRequest, method: string): Promise<Viewer> {
  const viewer = await authenticate(hub, request)
  const isRead = method === 'OPTIONS' || method === 'HEAD'
  checkCsrf(request, viewer, isRead ? 'GET' : (method as Method))
  return checkCaller(hub, { name: 'files.upload', method: isRead ? 'GET' : (method as Method) }, viewer)
}

function sendUploadState(reply: FastifyReply, upload: UploadState): FastifyReply {
  if (!upload.isComplete) reply.header('upload-expires', new Date(upload.expiresAt).toUTCString())
  return reply.header('upload-offset', String(upload.received)).send()
}

function checkVersion(request: FastifyRequest, reply: FastifyReply): void {
  if (request.headers['tus-resumable'] === tusVersion) return
  reply.header('tus-version', tusVersion)
  throw new HttpError(412, `Uploads use tus ${tusVersion}: send the header Tus-Resumable.`)
}

/** @throws HubError `invalid` */
export function parseNewUpload(request: Pick<FastifyRequest, 'headers'>): NewUpload {
  const size = parseIntegerHeader(request, 'upload-length')
  const about = parseMetadata(request.headers['upload-metadata'])
  return {
    name: about.get('filename') ?? about.get('name') ?? '',
    size,
    width: parseMeasurement(about.get('width'), 1, 16_384),
    height: parseMeasurement(about.get('height'), 1, 16_384),
    duration: parseMeasurement(about.get('duration'), 0, 30 * 24 * 60 * 60_000),
  }
}

function parseIntegerHeader(request: Pick<FastifyRequest, 'headers'>, name: string): number {
  const value = request.headers[name]
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value)
  throw new HubError('invalid', `The header ${name} must be a number of bytes.`, { field: name })
}

/** `filename d29ybGQ=,other`. @throws invalid */
function parseMetadata(header: string | string[] | undefined): Map<string, string> {
  const found = new Map<string, string>()
  if (header === undefined || header === '') return found
  if (typeof header !== 'string' || header.length > 4096) throw badMetadata()
  for (const pair of header.split(',')) {
    const match = /^\s*([^\s,]+)(?: ([A-Za-z0-9+/]*={0,2}))?\s*$/.exec(pair)
    if (!match?.[1] || found.has(match[1])) throw badMetadata()
    found.set(match[1], Buffer.from(match[2] ?? '', 'base64').toString('utf8'))
  }
  return found
}

/** Those of the metadata that the hub keeps. */
function formatMetadata({ name, width, height, duration }: UploadState): string {
  const kept = { filename: name, width, height, duration }
  return Object.entries(kept)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key} ${Buffer.from(String(value)).toString('base64')}`)
    .join(',')
}

function badMetadata(): HubError {
  return new HubError('invalid', 'The header upload-metadata is not valid in tus.', {
    field: 'upload-metadata',
  })
}

/** An implausible number is dropped: it only says how large to draw something. */
function parseMeasurement(value: string | undefined, min: number, max: number): number | undefined {
  if (value === undefined || !/^\d{1,12}$/.test(value)) return undefined
  const number = Number(value)
  return number >= min && number <= max ? number : undefined
}
