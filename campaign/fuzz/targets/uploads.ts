import { connect } from 'node:net'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { pino } from 'pino'
import { Uploads } from '../../../server/file-storage/uploads.ts'
import { startHub } from '../../../server/start.ts'
import type { Random } from '../../../test/simulation/random.ts'
import { pick, Texts } from '../bend.ts'
import type { Target } from '../target.ts'

/*
 * Uploads and downloads over a real connection: headers, offsets and ranges that are bent, bodies of another length than they say, and
 * requests of another user between those of a proper client. That client goes on from the offset that the hub names, and gets the
 * file that it has sent; a range is that part of it. The hub logs no fault, and answers with no status but those it documents.
 */

interface HostileRequest {
  method: string
  /** `upload` or `file` of the proper client, or an address elsewhere. */
  path: string
  headers: readonly string[]
  /** How many bytes of the content follow. */
  bodyLength: number
  isStranger: boolean
}

interface Requests {
  requests: HostileRequest[]
  /** Where the proper client stops before them. */
  startAt: number
}

const fileBytes = 64
const responseMs = 5_000
const maxRequests = 4
const maxAttempts = 3
/** Of faults. The others say that something is away. */
const knownServerErrors = [503, 507]
const content = Buffer.from(Array.from({ length: fileBytes + 64 }, (_, at) => (at * 7 + 3) & 0xff))

const values: Readonly<Record<string, Texts>> = {
  'upload-offset': new Texts(
    ['0', '1', '64', '-', '+', ' ', 'e', '.', ',', '9999999999999999'],
    ['0', '32', '64'],
  ),
  'content-length': new Texts(['0', '1', '9', '64', '-', ',', ' ', '0x10'], ['0', '16', '64', '999']),
  'upload-length': new Texts(['0', '9', '64', '-', 'e', '99999999999999999'], ['64', '0', '1099511627776']),
  'upload-metadata': new Texts(
    ['filename ', 'YQ==', ',', ' ', '=', 'width '],
    ['filename Ym9hdA==,width MTAw', 'filename'],
  ),
  'content-type': new Texts(
    ['application/', 'offset+octet-stream', ';', 'json'],
    ['application/offset+octet-stream'],
  ),
  'tus-resumable': new Texts(['1', '.0', '2', ','], ['1.0.0', '0.2.2']),
  'transfer-encoding': new Texts(['chunked', ',', 'gzip', ' '], ['chunked', 'identity']),
  range: new Texts(
    ['bytes=', '-', ',', '0', '9', '63', '64', '99'],
    ['bytes=0-9', 'bytes=-5', 'bytes=60-', 'bytes=5-2'],
  ),
  'if-range': new Texts(['"', 'W/', '*', 'a'], ['"x"', '*']),
  'if-none-match': new Texts(['"', 'W/', '*', 'a', ','], ['"x"', '"a", "b"']),
}
const names = Object.keys(values)
const methods = ['PATCH', 'PATCH', 'PATCH', 'HEAD', 'GET', 'POST', 'DELETE', 'OPTIONS', 'PUT']
const paths = [
  'upload',
  'upload',
  'upload',
  'file',
  'file',
  '/api/files',
  '/api/files/x/../y',
  '/api/files/%00',
]

export async function openUploadsTarget(folder: string): Promise<Target<Requests>> {
  const dataDir = path.join(folder, 'uploads')
  mkdirSync(dataDir)
  const logged: string[] = []
  const hub = await startHub({
    ...{
      dataDir,
      host: '127.0.0.1',
      port: 0,
      allowPlainHttp: false,
      loadTest: true,
      checkOutput: true,
      logN: 4,
    },
    ...{ setupCode: 'test-code-1', backups: 'none' },
    log: pino({ level: 'error' }, { write: (line) => void logged.push(line) }),
  })
  const client = new Client(hub.url)
  const owner = await client.register('/api/setup', {
    code: 'test-code-1',
    hubName: 'Team',
    username: 'olga',
    registration: 'open',
  })
  const stranger = await client.register('/api/register', { username: 'stranger' })
  const fileId = await client.upload(owner)
  const append = Reflect.get(Uploads.prototype, 'append')
  return {
    inputsPerRound: 300,
    make: makeRequests,
    check: async (input) => {
      const problem = await checkRequests(client, { owner, stranger, fileId }, input)
      const [fault] = logged.splice(0)
      return fault === undefined ? problem : `the hub logs ${fault}`
    },
    close: () => {
      Uploads.prototype.append = append
      void hub.close()
    },
    faults: {
      'altered-content': () => {
        Uploads.prototype.append = function (userId, id, offset, body) {
          const altered = (body as unknown as Readable).map((chunk: Buffer) =>
            Buffer.from(chunk.map((byte) => byte ^ 1)),
          )
          return append.call(this, userId, id, offset, altered)
        }
      },
    },
  }
}

function makeRequests(random: Random): Requests {
  return {
    startAt: pick(random, [0, 0, 1, 32, fileBytes - 1]),
    requests: Array.from({ length: 1 + random.below(maxRequests) }, () => makeRequest(random)),
  }
}

/** Bent in all of its headers, a request gets nowhere. */
const usualValues: Readonly<Record<string, (random: Random, bodyLength: number) => string>> = {
  'content-type': () => 'application/offset+octet-stream',
  'tus-resumable': () => '1.0.0',
  'upload-offset': (random) => pick(random, ['0', '0', '1', '32']),
  'content-length': (_, bodyLength) => String(bodyLength),
}

function makeRequest(random: Random): HostileRequest {
  const method = pick(random, methods)
  const bodyLength = random.below(64)
  const bent = Array.from({ length: random.below(4) }, () => pick(random, names))
  const usual = method === 'PATCH' ? ['content-type', 'upload-offset', 'tus-resumable', 'content-length'] : []
  const headers = [...new Set([...usual, ...bent])].map((name) => {
    const texts = values[name] as Texts
    const usualValue = random.chance(0.8) ? usualValues[name]?.(random, bodyLength) : undefined
    return `${name}: ${(usualValue ?? texts.make(random, 4, 300)).replace(/[\r\n]/g, '')}`
  })
  // with another user's token, or one that would end the upload properly
  const isStranger = method === 'DELETE' || random.chance(0.3)
  return { method, path: pick(random, paths), headers, bodyLength, isStranger }
}

interface Scene {
  owner: string
  stranger: string
  fileId: string
}

async function checkRequests(
  client: Client,
  { owner, stranger, fileId }: Scene,
  { requests, startAt }: Requests,
): Promise<string | undefined> {
  const upload = await client.create(owner)
  if (startAt > 0) await client.append(owner, upload, 0, startAt)
  let received = startAt
  for (const { method, path: where, headers, bodyLength, isStranger } of requests) {
    const target = where === 'upload' ? upload : where === 'file' ? fileId : where
    const body = content.subarray(claimedOffset(headers) ?? received).subarray(0, bodyLength)
    const token = isStranger ? stranger : owner
    const url = target.startsWith('/') ? target : `/api/files/${target}`
    const answer = await client.sendHostile(method, url, token, headers, body)
    const problem = checkAnswer(answer, { isStranger, isOfFile: where === 'file', headers })
    if (problem !== undefined) return `${problem}: ${method} ${url}`
    const now = await client.offsetOf(owner, upload)
    if (isStranger && now !== received) return 'a stranger has changed an upload'
    if (now < received || now > fileBytes) return `an offset of ${now} after ${received}`
    received = now
  }
  await client.finish(owner, upload)
  const stored = await client.download(owner, upload)
  await client.remove(owner, upload)
  return stored.equals(content.subarray(0, fileBytes)) ? undefined : 'another content than was sent'
}

/** A request that names an offset brings what belongs there. */
function claimedOffset(headers: readonly string[]): number | undefined {
  const offsets = headers.filter((line) => line.startsWith('upload-offset:'))
  const value = Number(offsets[0]?.slice('upload-offset:'.length))
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

function checkAnswer(
  answer: Answer | undefined,
  { isStranger, isOfFile, headers }: { isStranger: boolean; isOfFile: boolean; headers: readonly string[] },
): string | undefined {
  if (!answer) return undefined
  const { status, headers: answered, body } = answer
  if (status >= 500 && !knownServerErrors.includes(status)) return `status ${status}`
  if (isStranger && isOfFile && body.includes(content.subarray(0, 16))) return 'a file was read by a stranger'
  if (status !== 206) return undefined
  const [, start, end, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(answered.get('content-range') ?? '') ?? []
  const part = content.subarray(Number(start), Number(end) + 1)
  const isWhole = Number(size) === fileBytes && Number(end) < fileBytes
  const isHead = body.length === 0
  return isWhole && (isHead || part.equals(body))
    ? undefined
    : `a range of ${start}-${end} for ${headers.join()}`
}

interface Answer {
  status: number
  headers: Map<string, string>
  body: Buffer
}

/** A client of tus that sends exactly the headers that it gets. */
class Client {
  readonly #host: string
  readonly #port: number

  constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.#host = hostname
    this.#port = Number(port)
  }

  async register(url: string, input: Record<string, string>): Promise<string> {
    const body = JSON.stringify({ password: 'correct horse battery', ...input })
    const headers = [
      'content-type: application/json',
      'x-hubbub-client: token',
      `content-length: ${body.length}`,
    ]
    const answer = await this.#require('POST', url, undefined, headers, Buffer.from(body))
    return (JSON.parse(answer.body.toString()) as { token: string }).token
  }

  async create(token: string): Promise<string> {
    const headers = ['tus-resumable: 1.0.0', `upload-length: ${fileBytes}`, 'content-length: 0']
    const { headers: answered } = await this.#require('POST', '/api/files', token, headers)
    return (answered.get('location') ?? '').replace('/api/files/', '')
  }

  async upload(token: string): Promise<string> {
    const id = await this.create(token)
    await this.append(token, id, 0, fileBytes)
    return id
  }

  async append(token: string, id: string, from: number, to: number): Promise<void> {
    const headers = [
      ...['tus-resumable: 1.0.0', 'content-type: application/offset+octet-stream'],
      ...[`upload-offset: ${from}`, `content-length: ${to - from}`],
    ]
    await this.#require('PATCH', `/api/files/${id}`, token, headers, content.subarray(from, to))
  }

  /** What the hub still does for a request of before may move the offset. */
  async finish(token: string, id: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const from = await this.offsetOf(token, id)
      if (from === fileBytes) return
      try {
        return await this.append(token, id, from, fileBytes)
      } catch (error) {
        if (attempt === maxAttempts) throw error
      }
    }
  }

  async offsetOf(token: string, id: string): Promise<number> {
    const { headers } = await this.#require('HEAD', `/api/files/${id}`, token, ['tus-resumable: 1.0.0'])
    return Number(headers.get('upload-offset'))
  }

  async download(token: string, id: string): Promise<Buffer> {
    return (await this.#require('GET', `/api/files/${id}`, token, [])).body
  }

  async remove(token: string, id: string): Promise<void> {
    await this.#require('DELETE', `/api/files/${id}`, token, ['tus-resumable: 1.0.0'])
  }

  /** Ends its side at once. Returns the response, if the hub has one before it closes. */
  async sendHostile(
    method: string,
    url: string,
    token: string,
    headers: readonly string[],
    body: Buffer,
  ): Promise<Answer | undefined> {
    return this.#exchange(this.#requestBytes(method, url, token, headers, body), {
      isHead: method === 'HEAD',
      ends: true,
    })
  }

  async #require(
    method: string,
    url: string,
    token: string | undefined,
    headers: readonly string[],
    body: Buffer = Buffer.alloc(0),
  ): Promise<Answer> {
    const bytes = this.#requestBytes(method, url, token, headers, body)
    const answer = await this.#exchange(bytes, { isHead: method === 'HEAD', ends: false })
    if (answer && answer.status < 300) return answer
    throw new Error(`${method} ${url}: ${answer?.status ?? 'no response'} ${answer?.body.toString() ?? ''}`)
  }

  #requestBytes(
    method: string,
    url: string,
    token: string | undefined,
    headers: readonly string[],
    body: Buffer,
  ): Buffer {
    const lines = [
      ...[`${method} ${url} HTTP/1.1`, `host: ${this.#host}:${this.#port}`, 'connection: close'],
      ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
      ...headers,
    ]
    return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body])
  }

  #exchange(
    bytes: Buffer,
    { isHead, ends }: { isHead: boolean; ends: boolean },
  ): Promise<Answer | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer | undefined>()
    const socket = connect({ host: this.#host, port: this.#port, allowHalfOpen: true })
    const timer = setTimeout(() => {
      reject(new Error('the hub does not respond'))
      socket.destroy()
    }, responseMs)
    let received: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
    })
    socket.on('error', () => undefined)
    socket.on('end', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(parseAnswer(received, isHead))
    })
    if (ends) socket.end(bytes)
    else socket.write(bytes)
    return promise
  }
}

function parseAnswer(bytes: Buffer, isHead: boolean): Answer | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  const [first = '', ...lines] = bytes.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n')
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(first) ?? []
  if (status === undefined) return undefined
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return { status: Number(status), headers, body: isHead ? Buffer.alloc(0) : bytes.subarray(end + 4) }
}
