import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import { AwsV4Signer } from 'aws4fetch'
import type { FastifyBaseLogger } from 'fastify'
import type { BucketAddress } from '../../files-address.ts'
import { StartError } from '../../start-error.ts'
import type { StoreState } from '../store-state.ts'
import { S3Error } from './error.ts'
import { textOf } from './xml.ts'

/*
 * Requests to one bucket. Each is signed with the SHA-256 of its body, so the store refuses a body that was changed on its way.
 * A request that failed for a transient reason is tried again, and its body is read again for that.
 */

export interface S3Keys {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

export type S3Body = Uint8Array | { file: string; start: number; size: number }

export interface S3Request {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** Without the prefix of the hub; empty for the bucket itself. */
  key: string
  query?: Readonly<Record<string, string>>
  headers?: Readonly<Record<string, string>>
  body?: S3Body
  /** SHA-256 of the body in hex, if it is known. */
  sha256?: string
  /** The request ends after this time, and is not tried again. */
  singleAttemptMs?: number
}

export interface S3Options {
  log?: FastifyBaseLogger | undefined
  /** Tests: the first pause before another try. */
  pauseMs?: number
  /** Tests: without a byte for this long, an attempt has failed. */
  idleMs?: number
}

const maxAttempts = 4
const firstPauseMs = 100
const idleTimeoutMs = 15_000
const maxErrorBytes = 64 * 1024
const maxSockets = 64

/** Sends requests to one bucket, over connections that it keeps open. */
export class S3Client {
  readonly address: BucketAddress
  readonly #keys: S3Keys
  readonly #options: S3Options
  readonly #agent: http.Agent
  readonly #keyCache = new Map<string, ArrayBuffer>()
  readonly state: StoreState = { failures: 0 }
  /** The latest request had no response. */
  #isAway = false

  /** @throws StartError if the file of the CA cannot be read */
  constructor(address: BucketAddress, keys: S3Keys, options: S3Options = {}) {
    this.address = address
    this.#keys = keys
    this.#options = options
    const agentOptions = { keepAlive: true, maxSockets, scheduling: 'lifo' as const }
    const { caFile, url } = address
    this.#agent =
      url.protocol === 'http:'
        ? new http.Agent(agentOptions)
        : new https.Agent({ ...agentOptions, ...(caFile !== undefined && { ca: readCa(caFile) }) })
  }

  /** For messages. */
  get name(): string {
    return `s3://${this.address.bucket}/${this.address.prefix}`
  }

  /** Returns the response once its headers have come. @throws S3Error */
  async send(request: S3Request): Promise<IncomingMessage> {
    const attempts = request.singleAttemptMs !== undefined || this.#isAway ? 1 : maxAttempts
    for (let attempt = 1; ; attempt += 1) {
      try {
        const beganAt = performance.now()
        const response = await this.#attempt(request)
        this.state.works = true
        this.state.latencyMs = performance.now() - beganAt
        this.#noteResponse()
        return response
      } catch (error) {
        if (!(error instanceof S3Error)) throw error
        if (!error.isTransient || attempt >= attempts) {
          if (!error.isMissing) this.noteFailure(error.code)
          if (error.isTransient) this.#noteAway(error)
          else this.#noteResponse()
          throw error
        }
        const pause = (this.#options.pauseMs ?? firstPauseMs) * 4 ** (attempt - 1)
        await wait(pause * (0.5 + Math.random()))
      }
    }
  }

  /** As `send`, with the body of the response. */
  async sendForText(request: S3Request): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.send(request)
      try {
        const chunks: Buffer[] = []
        for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
        return Buffer.concat(chunks).toString('utf8')
      } catch (error) {
        if (attempt >= maxAttempts) throw toConnectionError(error)
      }
    }
  }

  noteFailure(code: string): void {
    this.state.works = false
    this.state.failures += 1
    this.state.lastFailure = { at: Date.now(), code }
  }

  close(): void {
    this.#agent.destroy()
  }

  async #attempt(request: S3Request): Promise<IncomingMessage> {
    const response = await this.#transmit(request, await this.#sign(request))
    const { statusCode: status = 0 } = response
    if (status >= 200 && status < 300) return response
    throw await readError(response, status)
  }

  async #sign({ method, key, query = {}, headers = {}, body, sha256 }: S3Request) {
    const url = new URL(this.address.url)
    if (key !== '') url.pathname += this.address.prefix + key
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    // the signature has %20 for a space
    url.search = url.search.replaceAll('+', '%20')
    const size = body instanceof Uint8Array ? body.length : (body?.size ?? 0)
    const digest = sha256 ?? hashOf(body)
    const signer = new AwsV4Signer({
      ...{ method, url: url.href, service: 's3', region: this.address.region, cache: this.#keyCache },
      ...this.#keys,
      headers: { ...headers, 'x-amz-content-sha256': digest },
    })
    const signed = await signer.sign()
    const sent = Object.fromEntries(signed.headers)
    return { url, headers: { ...sent, ...(method !== 'GET' && { 'content-length': String(size) }) } }
  }

  #transmit(
    { method, body, singleAttemptMs }: S3Request,
    { url, headers }: { url: URL; headers: Record<string, string> },
  ): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const transport = url.protocol === 'http:' ? http : https
    const signal = singleAttemptMs === undefined ? undefined : AbortSignal.timeout(singleAttemptMs)
    const request = transport.request(url, { method, headers, agent: this.#agent, ...(signal && { signal }) })
    request.setTimeout(this.#options.idleMs ?? idleTimeoutMs, () => request.destroy(timedOut()))
    request.once('response', resolve)
    request.on('error', (error) => reject(toConnectionError(error)))
    if (body === undefined || body instanceof Uint8Array) request.end(body)
    else if (body.size === 0) request.end()
    else {
      const { file, start, size } = body
      const content = createReadStream(file, { start, end: start + size - 1, highWaterMark: 256 * 1024 })
      // a fault of this computer’s disk is not one of the store
      content.on('error', (error) => {
        reject(error)
        request.destroy()
      })
      request.once('close', () => content.destroy())
      content.pipe(request)
    }
    return promise
  }

  #noteAway({ message }: S3Error): void {
    if (this.#isAway) return
    this.#isAway = true
    this.#options.log?.warn(
      { bucket: this.name, reason: message },
      'the bucket of the files does not respond',
    )
  }

  #noteResponse(): void {
    if (!this.#isAway) return
    this.#isAway = false
    this.#options.log?.info({ bucket: this.name }, 'the bucket of the files responds again')
  }
}

function hashOf(body: S3Body | undefined): string {
  if (body !== undefined && !(body instanceof Uint8Array)) throw new Error('a file is sent with its digest')
  return createHash('sha256')
    .update(body ?? '')
    .digest('hex')
}

async function readError(response: IncomingMessage, status: number): Promise<S3Error> {
  let text = ''
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      text += chunk.toString('utf8')
      if (text.length > maxErrorBytes) break
    }
  } catch {
    // the status says enough
  }
  const code = textOf(text, 'Code') ?? statusCodes[status] ?? `HTTP ${status}`
  return new S3Error({ status, code, message: textOf(text, 'Message') ?? code })
}

/** A response to HEAD has no body. */
const statusCodes: Readonly<Record<number, string>> = {
  301: 'PermanentRedirect',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  503: 'SlowDown',
}

/** Of a connection that failed or ended early. */
export function toConnectionError(error: unknown): S3Error {
  if (error instanceof S3Error) return error
  const { code = 'NoAnswer', message } = error as NodeJS.ErrnoException
  return new S3Error({ status: 0, code: String(code), message })
}

function timedOut(): S3Error {
  return new S3Error({ status: 0, code: 'Timeout', message: 'no response in time' })
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new StartError(
      `The file ${file} of ?ca= in the address of the bucket cannot be read: check its path.`,
    )
  }
}
