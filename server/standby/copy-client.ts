import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { type CopyIntake, type CopyProgress, BadCopyError } from '../continuity/copy-intake.ts'
import { type ReadRoom, requireRoomForCopy } from '../continuity/room-for-copy.ts'
import { readJson } from './pinned.ts'
import type { FetchFile } from './replica-files.ts'

/*
 * Reads copies and files from the hub on a standby. Who calls it gives the way to the hub: pinned TLS and the
 * ticket.
 */

/** Sends a GET with these headers, and resolves with the response. */
export type RequestHub = (path: string, headers: Record<string, string>) => Promise<IncomingMessage>

export interface FetchCopyOptions {
  onProgress?: (progress: CopyProgress) => void
  /** The disk that the copy comes to. */
  room?: ReadRoom
}

/**
 * Receives the hub's copy, or the rest of it, and checks it. What was received stays if it throws, for the next call.
 * @throws BadCopyError if it is of no use, HubError `disk_full`; other errors are those of the connection
 */
export async function fetchCopy(
  intake: CopyIntake,
  request: RequestHub,
  { onProgress, room }: FetchCopyOptions = {},
): Promise<void> {
  const { from, digest } = intake.wanted
  const goesOn = from > 0 && digest !== undefined
  const headers = goesOn ? { range: `bytes=${from}-`, 'if-range': `"${digest}"` } : {}
  const response = await request('/continuity/copy', headers)
  ignoreEarlyError(response)
  try {
    // the whole was received before, and only its check failed to run
    if (response.statusCode === 416 && goesOn) {
      intake.discard()
      throw new Error('the copy is received again')
    }
    const part = readPart(response)
    const tag = /^"([0-9a-f]{64})"$/.exec(response.headers.etag ?? '')?.[1]
    if (!part || tag === undefined) throw new BadCopyError(await readRefusal(response))
    // its check rewrites it without the index, and needs as much once more
    if (room) await requireRoomForCopy(room, 2 * part.bytes - part.from, 'This computer')
    await intake.receive({ digest: tag, bytes: part.bytes, from: part.from, content: response }, onProgress)
  } finally {
    response.destroy()
  }
  await intake.check()
}

/** The hub says why it has no copy: its disk may be full. */
async function readRefusal(response: IncomingMessage): Promise<string> {
  const { error } = (await readJson(response).catch(() => ({}))) as { error?: { message?: string } }
  return error?.message ?? `the hub answered ${response.statusCode} for its copy`
}

/** Files for ReplicaFiles. */
export function fetchFileFrom(request: RequestHub): FetchFile {
  return async (digest, from) => {
    const headers = from > 0 ? { range: `bytes=${from}-`, 'if-range': `"${digest}"` } : {}
    const response = await request(`/continuity/files/${digest}`, headers)
    ignoreEarlyError(response)
    const part = readPart(response)
    if (part) return { from: part.from, content: response }
    response.destroy()
    if (response.statusCode === 404 || response.statusCode === 410) return undefined
    // it was received as a whole before it could be moved
    if (response.statusCode === 416) return { from, content: Readable.from([]) }
    throw new Error(`the hub answered ${response.statusCode} for a file`)
  }
}

/** A connection may end before anything reads from it: the reader learns it then. */
function ignoreEarlyError(response: IncomingMessage): void {
  response.on('error', () => undefined)
}

/** Where the content of a response begins, and how long the whole is. */
function readPart(response: IncomingMessage): { from: number; bytes: number } | undefined {
  const { statusCode, headers } = response
  if (statusCode === 200) return { from: 0, bytes: Number(headers['content-length']) }
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers['content-range'] ?? '')
  return statusCode === 206 && range ? { from: Number(range[1]), bytes: Number(range[2]) } : undefined
}
