import { createHash } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/* A proxy between a hub and its object store, which causes the faults that a test asks for. */

export type S3Fault =
  /** Answers itself. */
  | { kind: 'answer'; status: number; code: string }
  /** Passes the request on, and changes the first byte of the answer. */
  | { kind: 'damage' }
  /** Passes the request on, and ends the connection after so many bytes of the answer. */
  | { kind: 'cut'; afterBytes: number }
  /** Never answers. */
  | { kind: 'silence' }
  /** Ends the connection before it has read the body. */
  | { kind: 'reset' }

export interface S3Request {
  method: string
  /** Within the bucket, with the query. */
  path: string
  bytes: number
}

export interface S3Proxy {
  /** For `?endpoint=`. */
  endpoint: string
  requests: S3Request[]
  /** Set: the fault of each request that it returns one for. */
  fault: ((request: { method: string; path: string }) => S3Fault | undefined) | undefined
}

export async function startS3Proxy(target: string): Promise<S3Proxy> {
  const proxy: S3Proxy = { endpoint: '', requests: [], fault: undefined }
  const server = http.createServer((request, response) => {
    const { method = '', url: path = '' } = request
    const fault = proxy.fault?.({ method, path })
    const noted = { method, path, bytes: 0 }
    proxy.requests.push(noted)
    request.on('data', (chunk: Buffer) => (noted.bytes += chunk.length))
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    handle(request, response, { target, fault })
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  proxy.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return proxy
}

function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { target, fault }: { target: string; fault: S3Fault | undefined },
): void {
  if (fault?.kind === 'silence') return
  if (fault?.kind === 'reset') return void request.destroy()
  if (fault?.kind === 'answer') {
    const { status, code } = fault
    request.resume()
    request.on('end', () => {
      response.writeHead(status, { 'content-type': 'application/xml' })
      response.end(
        request.method === 'HEAD' ? '' : `<Error><Code>${code}</Code><Message>no</Message></Error>`,
      )
    })
    return
  }
  // the host is part of the signature
  const { method, headers, url = '' } = request
  const passed = http.request(new URL(url, target), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    let passedBytes = 0
    answer.on('data', (chunk: Buffer) => {
      if (fault?.kind === 'damage' && passedBytes === 0 && chunk.length > 0) chunk[0] = (chunk[0] ?? 0) ^ 1
      passedBytes += chunk.length
      response.write(chunk)
      if (fault?.kind === 'cut' && passedBytes >= fault.afterBytes) response.destroy()
    })
    answer.on('end', () => response.end())
    answer.on('error', () => response.destroy())
  })
  passed.on('error', () => response.destroy())
  request.pipe(passed)
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
