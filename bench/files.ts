/*
 * node bench/files.ts [--mib 1536]: uploads one large file through three lost connections and one killed hub, with a
 * client that knows tus and nothing of the hub. Prints the hub's memory during the upload, and its speed relative to a
 * bare write and sync of the same bytes in the same run. Exits with 1 if the downloaded file differs from the uploaded
 * one.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { mib: { type: 'string', default: '1536' } } })
const MiB = 1024 * 1024
const pieceBytes = 4 * MiB
const fileBytes = Number(values.mib) * MiB
const dir = mkdtempSync(join(tmpdir(), 'hubbub-files-'))
const dataDir = join(dir, 'hub')
let hub: { child: ChildProcess; url: string } | undefined
process.on('exit', () => {
  hub?.child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

/** Content that no disk compresses and that need not be stored: each piece derives from its number. */
const seed = createHash('sha512').update('hubbub').digest()
const block = Buffer.alloc(pieceBytes)
for (let at = 0; at < pieceBytes; at += seed.length) {
  createHash('sha512').update(seed).update(String(at)).digest().copy(block, at)
}
function createPiece(index: number): Buffer {
  const bytes = Buffer.from(block)
  bytes.writeUInt32BE(index, 0)
  bytes.writeUInt32BE(~index >>> 0, pieceBytes / 2)
  return bytes
}

async function startHubProcess(port: number): Promise<{ child: ChildProcess; url: string }> {
  const cli = join(import.meta.dirname, '..', 'server', 'cli.ts')
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=4', cli, '--data', dataDir, '--port', String(port)],
    {
      env: { ...process.env, HUBBUB_LOG: 'error', HUBBUB_SETUP_CODE: 'bench-code-1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const url = /^hub listening at (\S+)$/.exec(line)?.[1]
    if (!url) continue
    child.stdout?.resume()
    return { child, url }
  }
  throw new Error('the hub did not start')
}

async function postJson<T>(url: string, token: string | undefined, body: unknown): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-hubbub-client': 'token',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

interface TusResponse {
  status: number
  offset: number
  location: string
}

/** `cutAfter`: breaks the connection after this many bytes of the body. */
function sendTusRequest(
  method: string,
  url: string,
  token: string,
  headers: Record<string, string>,
  body?: Buffer,
  cutAfter?: number,
): Promise<TusResponse> {
  return new Promise((resolve, reject) => {
    const clientRequest = request(
      url,
      {
        method,
        headers: {
          'tus-resumable': '1.0.0',
          authorization: `Bearer ${token}`,
          ...(body
            ? { 'content-type': 'application/offset+octet-stream', 'content-length': body.length }
            : {}),
          ...headers,
        },
      },
      (response) => {
        response.resume()
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            offset: Number(response.headers['upload-offset'] ?? 0),
            location: response.headers.location ?? '',
          }),
        )
      },
    )
    clientRequest.on('error', reject)
    if (body && cutAfter !== undefined)
      clientRequest.write(body.subarray(0, cutAfter), () => clientRequest.destroy())
    else clientRequest.end(body)
  })
}

function residentMiB(pid: number | undefined): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024
}

/** The limit: the same pieces written and synced one by one, and nothing else. */
async function measureBaselineWrite(): Promise<number> {
  const handle = await open(join(dir, 'bare'), 'w')
  const startedAt = performance.now()
  for (let at = 0; at < fileBytes; at += pieceBytes) {
    await handle.write(createPiece(at / pieceBytes))
    await handle.datasync()
  }
  const seconds = (performance.now() - startedAt) / 1000
  await handle.close()
  rmSync(join(dir, 'bare'))
  return seconds
}

const baselineSeconds = await measureBaselineWrite()
hub = await startHubProcess(0)
const port = Number(new URL(hub.url).port)
const { token } = await postJson<{ token: string }>(`${hub.url}/api/setup`, undefined, {
  code: 'bench-code-1',
  hubName: 'Bench',
  username: 'ann',
  password: 'a long enough password',
})
const { chat } = await postJson<{ chat: { id: string } }>(`${hub.url}/api/chats`, token, {
  name: 'files',
  visibility: 'private',
})
const created = await sendTusRequest('POST', `${hub.url}/api/files`, token, {
  'upload-length': String(fileBytes),
  'upload-metadata': `filename ${Buffer.from('large.bin').toString('base64')}`,
})
const id = created.location.replace('/api/files/', '')

const cutPieces = [0.2, 0.45, 0.7].map((part) => Math.floor((part * fileBytes) / pieceBytes))
const killPiece = Math.floor((0.55 * fileBytes) / pieceBytes)
const memorySamples: number[] = []
const memoryBefore = residentMiB(hub.child.pid)
const hashIn: Hash = createHash('sha256')
let hashedBytes = 0
let lostPieces = 0
let killCount = 0
let downtimeMs = 0
const startedAt = performance.now()
let at = 0
while (at < fileBytes) {
  const index = Math.floor(at / pieceBytes)
  const bytes = createPiece(index).subarray(at % pieceBytes)
  if (index >= hashedBytes) {
    hashIn.update(createPiece(index))
    hashedBytes = index + 1
  }
  const cut = cutPieces[0] === index
  if (cut) cutPieces.shift()
  const kill = killCount === 0 && index === killPiece
  try {
    const sending = sendTusRequest(
      'PATCH',
      `${hub.url}/api/files/${id}`,
      token,
      { 'upload-offset': String(at) },
      bytes,
      cut ? Math.floor(bytes.length / 3) : undefined,
    )
    // it is awaited below; a hub that dies first must not end this program
    sending.catch(() => undefined)
    if (kill) {
      killCount += 1
      const exited = once(hub.child, 'exit')
      hub.child.kill('SIGKILL')
      await exited
    }
    const response = await sending
    if (response.status !== 204) throw new Error(String(response.status))
    at = response.offset
  } catch {
    lostPieces += 1
    const failedAt = performance.now()
    if (hub.child.exitCode !== null || hub.child.signalCode !== null) hub = await startHubProcess(port)
    at = (await sendTusRequest('HEAD', `${hub.url}/api/files/${id}`, token, {})).offset
    downtimeMs += performance.now() - failedAt
  }
  if (index % 8 === 0) memorySamples.push(residentMiB(hub.child.pid))
}
const seconds = (performance.now() - startedAt - downtimeMs) / 1000
await postJson(`${hub.url}/api/chats/${chat.id}/messages`, token, {
  cid: '00000000-0000-4000-8000-000000000001',
  text: '',
  attachments: [id],
})
const readStartedAt = performance.now()
const response = await fetch(`${hub.url}/api/files/${id}`, { headers: { authorization: `Bearer ${token}` } })
const hashOut = createHash('sha256')
for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
  hashOut.update(chunk)
  if (Math.random() < 0.01) memorySamples.push(residentMiB(hub.child.pid))
}
const readSeconds = (performance.now() - readStartedAt) / 1000
const isIdentical = hashIn.digest('hex') === hashOut.digest('hex')
const formatSpeed = (durationSeconds: number) => `${(fileBytes / MiB / durationSeconds).toFixed(0)} MiB/s`
process.stdout.write(
  [
    `${values.mib} MiB in pieces of 4 MiB, ${lostPieces} connections lost of which ${killCount} by a killed hub: ${isIdentical ? 'the downloaded file is identical' : 'THE DOWNLOADED FILE DIFFERS'}`,
    `in ${formatSpeed(seconds)} (bare write and sync ${formatSpeed(baselineSeconds)}, ratio ${(baselineSeconds / seconds).toFixed(2)}); out ${formatSpeed(readSeconds)}`,
    `memory of the hub: ${memoryBefore.toFixed(0)} MiB before, then ${Math.min(...memorySamples).toFixed(0)} to ${Math.max(...memorySamples).toFixed(0)} MiB`,
    '',
  ].join('\n'),
)
hub.child.kill('SIGTERM')
await once(hub.child, 'exit')
process.exit(isIdentical ? 0 : 1)
