import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Method } from '../../shared/contract/define.ts'
import { HubError } from '../../shared/errors.ts'
import { admit, type Viewer } from '../call.ts'
import type { Hub } from '../hub.ts'
import { HttpRefusal } from '../http/errors.ts'
import { checkCsrf, viewerOf } from '../http/session.ts'
import { hubLimits } from './queries.ts'
import type { NewUpload, UploadState } from './uploads.ts'

/*
 * The door for files on their way in: tus 1.0 with creation, termination and expiration. Judged like every request of the
 * contract: session, then access, then the rest. What is refused is said in the hub's own words, with the status that tus
 * wants.
 */

const version = '1.0.0'
const root = '/api/files'
const one = `${root}/:fileId`
const bytes = 'application/offset+octet-stream'

type OneFile = FastifyRequest<{ Params: { fileId: string } }>

export function addUploads(app: FastifyInstance, hub: Hub): void {
  // the body stays a stream: it goes to the disk as it comes
  app.addContentTypeParser(bytes, (_request, body, done) => done(null, body))

  app.options(root, async (request, reply) => {
    await judge(hub, request, 'OPTIONS')
    const [limits] = await hubLimits(hub.reader, {})
    return reply
      .status(204)
      .headers({
        ...resumable,
        'tus-version': version,
        'tus-extension': 'creation,termination,expiration',
        'tus-max-size': String(limits?.fileBytes ?? 0),
      })
      .send()
  })
  app.post(root, async (request, reply) => {
    const { userId } = await judge(hub, request, 'POST')
    checkVersion(request, reply)
    const upload = await hub.uploads.create(userId, readCreation(request))
    return answer(reply.status(201).header('location', `${root}/${upload.id}`), upload)
  })
  app.patch(one, async (request: OneFile, reply) => {
    const { userId } = await judge(hub, request, 'PATCH')
    checkVersion(request, reply)
    if (request.headers['content-type'] !== bytes) throw new HttpRefusal(415, `Send the content as ${bytes}.`)
    const offset = readInteger(request, 'upload-offset')
    const body = request.body as Readable
    const upload = await hub.uploads.append(userId, request.params.fileId, offset, body)
    return answer(reply.status(204), upload)
  })
  app.delete(one, async (request: OneFile, reply) => {
    const { userId } = await judge(hub, request, 'DELETE')
    checkVersion(request, reply)
    await hub.uploads.cancel(userId, request.params.fileId)
    return reply.status(204).headers(resumable).send()
  })
}

/** HEAD without a tus header is somebody who would fetch the file. */
export function asksForUpload(request: FastifyRequest): boolean {
  return request.method === 'HEAD' && request.headers['tus-resumable'] !== undefined
}

export async function answerWhereItStands(
  hub: Hub,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  // it ends the connection of before: nothing a page of somebody else's should do
  const { userId } = await judge(hub, request, 'HEAD')
  checkVersion(request, reply)
  const upload = await hub.uploads.state(userId, (request as OneFile).params.fileId)
  return answer(
    reply.status(200).headers({ 'upload-length': String(upload.size), 'cache-control': 'no-store' }),
    upload,
  )
}

const resumable = { 'tus-resumable': version } as const

async function judge(hub: Hub, request: FastifyRequest, method: string): Promise<Viewer> {
  const viewer = await viewerOf(hub, request)
  const isRead = method === 'OPTIONS' || method === 'HEAD'
  checkCsrf(request, viewer, isRead ? 'GET' : (method as Method))
  return admit(hub, { name: 'files.upload', method: isRead ? 'GET' : (method as Method) }, viewer)
}

function answer(reply: FastifyReply, upload: UploadState): FastifyReply {
  if (!upload.whole) reply.header('upload-expires', new Date(upload.expiresAt).toUTCString())
  return reply.headers({ ...resumable, 'upload-offset': String(upload.received) }).send()
}

function checkVersion(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(resumable)
  if (request.headers['tus-resumable'] === version) return
  reply.header('tus-version', version)
  throw new HttpRefusal(412, `Uploads speak tus ${version}: send the header Tus-Resumable.`)
}

function readCreation(request: FastifyRequest): NewUpload {
  const size = readInteger(request, 'upload-length')
  const about = readMetadata(request.headers['upload-metadata'])
  return {
    name: about.get('filename') ?? about.get('name') ?? '',
    size,
    width: measure(about.get('width'), 1, 16_384),
    height: measure(about.get('height'), 1, 16_384),
    duration: measure(about.get('duration'), 0, 30 * 24 * 60 * 60_000),
  }
}

function readInteger(request: FastifyRequest, name: string): number {
  const value = request.headers[name]
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value)
  throw new HubError('invalid', `The header ${name} is a number of bytes.`, { field: name })
}

/** `filename d29ybGQ=,other`. @throws invalid */
function readMetadata(header: string | string[] | undefined): Map<string, string> {
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

function badMetadata(): HubError {
  return new HubError('invalid', 'The header upload-metadata is not what tus has there.', {
    field: 'upload-metadata',
  })
}

/** What is no sensible number is left out: it only says how large to draw something. */
function measure(value: string | undefined, least: number, most: number): number | undefined {
  if (value === undefined || !/^\d{1,12}$/.test(value)) return undefined
  const number = Number(value)
  return number >= least && number <= most ? number : undefined
}
