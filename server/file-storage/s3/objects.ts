import type { IncomingMessage } from 'node:http'
import { toConnectionError, type S3Body, type S3Client } from './client.ts'
import { S3Error } from './error.ts'
import { elementsOf, textOf } from './xml.ts'

/* What the hub does with the objects of its bucket. Keys are without its prefix. */

export interface ListedObject {
  key: string
  size: number
  modifiedAt: number
}

export interface OpenedObject {
  /** Of the whole object. */
  size: number
  bytes: AsyncGenerator<Buffer>
  /** Ends the request, also if no byte was read yet: a generator that has not started cannot do that. */
  close: () => void
}

/** Larger files are sent in parts of this size, so that a lost connection costs one of them. */
export const partBytes = 16 * 1024 * 1024
const partsAtOnce = 3
const maxResumes = 4

/** @param sha256 of the body, which the store checks */
export async function putObject(client: S3Client, key: string, body: S3Body, sha256?: string): Promise<void> {
  const digest = sha256 === undefined ? {} : { sha256 }
  const response = await client.send({ method: 'PUT', key, body, ...digest })
  response.resume()
}

export async function headObject(client: S3Client, key: string): Promise<{ size: number }> {
  const response = await client.send({ method: 'HEAD', key })
  response.resume()
  return { size: Number(response.headers['content-length']) }
}

/** @param singleAttemptMs as in S3Request */
export async function deleteObject(client: S3Client, key: string, singleAttemptMs?: number): Promise<void> {
  try {
    const once = singleAttemptMs === undefined ? {} : { singleAttemptMs }
    ;(await client.send({ method: 'DELETE', key, ...once })).resume()
  } catch (error) {
    if (!(error instanceof S3Error && error.isMissing)) throw error
  }
}

export async function* listObjects(client: S3Client, prefix: string): AsyncGenerator<ListedObject> {
  const { length } = client.address.prefix
  for (let token: string | undefined; ;) {
    const page = await listPage(client, prefix, { token })
    for (const one of elementsOf(page, 'Contents')) {
      yield {
        key: (textOf(one, 'Key') ?? '').slice(length),
        size: Number(textOf(one, 'Size')),
        modifiedAt: Date.parse(textOf(one, 'LastModified') ?? ''),
      }
    }
    token = textOf(page, 'IsTruncated') === 'true' ? textOf(page, 'NextContinuationToken') : undefined
    if (token === undefined) return
  }
}

/** Returns the XML of one page of the list of objects. */
export function listPage(
  client: S3Client,
  prefix: string,
  { token, maxKeys = 1000 }: { token?: string | undefined; maxKeys?: number } = {},
): Promise<string> {
  return client.sendForText({
    method: 'GET',
    key: '',
    query: {
      ...{ 'list-type': '2', 'max-keys': String(maxKeys), prefix: client.address.prefix + prefix },
      ...(token !== undefined && { 'continuation-token': token }),
    },
  })
}

/** Opens an object, or a part of it with its last byte included. It is to be read or closed. @throws S3Error */
export async function openObject(
  client: S3Client,
  key: string,
  part?: { start: number; end: number },
): Promise<OpenedObject> {
  const response = await getRange(client, key, part)
  const size = part
    ? Number(/\/(\d+)$/.exec(response.headers['content-range'] ?? '')?.[1])
    : Number(response.headers['content-length'])
  if (!Number.isSafeInteger(size)) {
    response.destroy()
    throw new S3Error({ status: 0, code: 'NoSize', message: 'a response without the size of the object' })
  }
  return {
    size,
    bytes: readResuming(client, key, response, part ?? { start: 0, end: size - 1 }),
    close: () => response.destroy(),
  }
}

/** Reads a response, and requests the rest if its connection is lost. */
async function* readResuming(
  client: S3Client,
  key: string,
  response: IncomingMessage,
  { start, end }: { start: number; end: number },
): AsyncGenerator<Buffer> {
  let at = start
  let source = response
  for (let resumes = 0; ; resumes += 1) {
    const before = at
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        at += chunk.length
        yield chunk
      }
      if (at === end + 1) return
      throw new S3Error({ status: 0, code: 'Cut', message: 'a response ended early' })
    } catch (error) {
      if (at > before) resumes = 0
      if (resumes >= maxResumes || at > end) throw toConnectionError(error)
    }
    source = await getRange(client, key, { start: at, end })
  }
}

async function getRange(
  client: S3Client,
  key: string,
  part?: { start: number; end: number },
): Promise<IncomingMessage> {
  const headers = part ? { range: `bytes=${part.start}-${part.end}` } : {}
  const response = await client.send({ method: 'GET', key, headers })
  if (!part || response.statusCode === 206) return response
  response.destroy()
  throw new S3Error({ status: response.statusCode ?? 0, code: 'NoRange', message: 'not the range' })
}

/** Sends a large file. The store puts the object in place when it has all parts. `hash` gives the SHA-256 of a part. */
export async function putInParts(
  client: S3Client,
  key: string,
  {
    file,
    size,
    hash,
  }: { file: string; size: number; hash: (start: number, size: number) => Promise<string> },
): Promise<void> {
  const started = await client.sendForText({ method: 'POST', key, query: { uploads: '' } })
  const uploadId = textOf(started, 'UploadId')
  if (uploadId === undefined) throw new S3Error({ status: 0, code: 'NoUploadId' })
  try {
    const count = Math.ceil(size / partBytes)
    const etags = new Array<string>(count)
    let next = 0
    const failures: unknown[] = []
    const send = async (n: number): Promise<void> => {
      const start = n * partBytes
      const bytes = Math.min(partBytes, size - start)
      const query = { partNumber: String(n + 1), uploadId }
      const body = { file, start, size: bytes }
      const sha256 = await hash(start, bytes)
      const response = await client.send({ method: 'PUT', key, query, body, sha256 })
      response.resume()
      etags[n] = response.headers.etag ?? ''
    }
    const sendNext = async (): Promise<void> => {
      while (next < count && failures.length === 0) {
        await send(next++).catch((error: unknown) => failures.push(error))
      }
    }
    // a part that arrives after the removal would stay
    await Promise.all(Array.from({ length: partsAtOnce }, sendNext))
    if (failures.length > 0) throw failures[0]
    await completeParts(client, key, uploadId, etags)
  } catch (error) {
    // what cannot be removed now is removed by the rule for unfinished uploads of the bucket
    await client
      .send({ method: 'DELETE', key, query: { uploadId } })
      .then((response) => response.resume())
      .catch(() => undefined)
    throw error
  }
}

async function completeParts(
  client: S3Client,
  key: string,
  uploadId: string,
  etags: readonly string[],
): Promise<void> {
  const parts = etags.map(
    (etag, n) =>
      `<Part><PartNumber>${n + 1}</PartNumber><ETag>${etag.replaceAll('"', '&quot;')}</ETag></Part>`,
  )
  const body = Buffer.from(
    `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`,
  )
  const text = await client.sendForText({ method: 'POST', key, query: { uploadId }, body })
  // an error may come after the status
  const code = textOf(text, 'Code')
  if (code !== undefined) throw new S3Error({ status: 500, code })
}
