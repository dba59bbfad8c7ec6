import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServedFile } from '../../shared/contract/values.ts'
import { isInlineType } from '../file-storage/file-type.ts'
import { HttpError } from './errors.ts'

/*
 * Sends an uploaded file, whole or a range of it. No file can run anything: no script, no frame, no type guessing,
 * and only safe types are shown inline. The client may cache it, but revalidates each time, since the right to see
 * it can end.
 */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: ServedFile,
): Promise<FastifyReply> {
  const etag = `"${file.etag}"`
  reply.headers({
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    'content-disposition': contentDisposition(file),
    'content-security-policy': "sandbox; default-src 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    etag,
  })
  if (!mayProceed(request.headers['if-match'], etag)) {
    removeFileHeaders(reply)
    throw new HttpError(412, 'This file is another one than the request expects (If-Match).', 'conflict')
  }
  if (matchesEtag(request.headers['if-none-match'], etag)) {
    // the client has it, but a file that the disk has lost is said as early as possible
    await file.content.check().catch((error: unknown) => {
      removeFileHeaders(reply)
      throw error
    })
    return reply.status(304).send()
  }
  // defined for GET only
  const range = request.method === 'HEAD' ? undefined : parseRange(request, etag, file.size)
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${file.size}`)
    throw new HttpError(416, 'The range begins after the end of this file.')
  }
  const { start, end } = range ?? { start: 0, end: file.size - 1 }
  if (range) reply.status(206).header('content-range', `bytes ${start}-${end}/${file.size}`)
  // Fastify counts what it sends to HEAD itself, except of a stream
  const isEmpty = request.method === 'HEAD' || file.size === 0
  const opened = await (isEmpty ? file.content.check() : file.content.open({ start, end })).catch(
    (error: unknown) => {
      removeFileHeaders(reply)
      throw error
    },
  )
  reply.type(isInlineType(file.type) ? file.type : 'application/octet-stream')
  reply.header('content-length', String(end - start + 1))
  if (!opened) return reply.send(request.method === 'HEAD' ? Readable.from([]) : '')
  const { stream, isWhole } = opened
  const content = stream instanceof Readable ? stream : Readable.from(stream, { objectMode: false })
  // a file that is cut from now on ends early, and the client would wait for the rest
  content.once('end', () => {
    if (!isWhole()) reply.raw.destroy()
  })
  return reply.send(content)
}

function removeFileHeaders(reply: FastifyReply): void {
  for (const name of ['etag', 'content-disposition', 'content-range', 'accept-ranges'])
    reply.removeHeader(name)
}

/**
 * Parses a single range. For several ranges, which are rare, returns none: the whole file is an allowed response.
 */
export function parseRange(
  request: Pick<FastifyRequest, 'headers'>,
  etag: string,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const { range } = request.headers
  const condition = request.headers['if-range']
  if (range === undefined || (condition !== undefined && condition !== etag)) return undefined
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range.trim())
  const [, from = '', to = ''] = match ?? []
  if (!match || (from === '' && to === '')) return undefined
  if (from === '') {
    const count = Math.min(Number(to), size)
    return count === 0 ? 'unsatisfiable' : { start: size - count, end: size - 1 }
  }
  const start = Number(from)
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (to !== '' && Number(to) < start) return undefined
  return start >= size ? 'unsatisfiable' : { start, end }
}

/** A weak tag never fits `If-Match`. */
function mayProceed(ifMatch: string | undefined, etag: string): boolean {
  const tags = ifMatch?.split(',').map((one) => one.trim())
  return tags === undefined || tags.includes('*') || tags.includes(etag)
}

export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
}

/** RFC 6266: the full name, and an ASCII name for clients that cannot read it. */
export function contentDisposition({ name, type }: Pick<ServedFile, 'name' | 'type'>): string {
  const way = isInlineType(type) ? 'inline' : 'attachment'
  const plain = name.replace(/[^ !#$&+\-.0-9A-Z[\]^_`a-z{}~]/g, '_')
  const full = encodeURIComponent(name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${way}; filename="${plain}"; filename*=UTF-8''${full}`
}
