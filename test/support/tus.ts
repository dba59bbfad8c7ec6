import { type IncomingHttpHeaders, request as httpRequest } from 'node:http'

/** tus 1.0 without a library, as a foreign client would implement it. */

export interface TusResponse {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** The hub has answered, but not as expected. */
export class TusRefusal extends Error {
  constructor({ status, body }: TusResponse) {
    super(`${status} ${body}`)
  }
}

export async function tusRequest(
  method: string,
  url: string,
  token: string | undefined,
  headers: Record<string, string> = {},
  body?: Buffer,
): Promise<TusResponse> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      {
        method,
        headers: {
          'tus-resumable': '1.0.0',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body
            ? { 'content-type': 'application/offset+octet-stream', 'content-length': body.length }
            : {}),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

export function uploadMetadata(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',')
}

/** Creates an upload and returns its id. */
export async function createUpload(
  hub: string,
  token: string,
  file: { name: string; size: number; about?: Record<string, string> },
): Promise<string> {
  const response = await tusRequest('POST', `${hub}/api/files`, token, {
    'upload-length': String(file.size),
    'upload-metadata': uploadMetadata({ filename: file.name, ...file.about }),
  })
  if (response.status !== 201) throw new TusRefusal(response)
  return (response.headers.location ?? '').replace('/api/files/', '')
}

export function patchUpload(
  hub: string,
  token: string,
  id: string,
  offset: number,
  bytes: Buffer,
): Promise<TusResponse> {
  return tusRequest('PATCH', `${hub}/api/files/${id}`, token, { 'upload-offset': String(offset) }, bytes)
}

export async function uploadOffset(hub: string, token: string, id: string): Promise<number> {
  const { status, headers } = await tusRequest('HEAD', `${hub}/api/files/${id}`, token)
  return status === 200 ? Number(headers['upload-offset']) : -status
}

/** Uploads a whole file that is in no message yet. */
export async function uploadFile(
  hub: string,
  token: string,
  file: { name: string; bytes: Buffer; about?: Record<string, string> },
): Promise<string> {
  const id = await createUpload(hub, token, { ...file, size: file.bytes.length })
  if (file.bytes.length === 0) return id
  const response = await patchUpload(hub, token, id, 0, file.bytes)
  if (response.status !== 204) throw new TusRefusal(response)
  return id
}

export async function cancelUpload(hub: string, token: string, id: string): Promise<void> {
  const response = await tusRequest('DELETE', `${hub}/api/files/${id}`, token)
  if (response.status !== 204) throw new TusRefusal(response)
}

/** The content of a file, or a range of it such as `bytes=0-9`. */
export async function getFile(
  { url, token }: { url: string; token: string },
  id: string,
  range?: string,
): Promise<{ status: number; bytes: Buffer }> {
  const response = await fetch(`${url}/api/files/${id}`, {
    headers: { authorization: `Bearer ${token}`, ...(range !== undefined && { range }) },
  })
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
}
