import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { HubProxy } from '../../main/protocol/hub-proxy.ts'
import { silentLog, newHubs } from '../support/shell-hubs.ts'
import { waitFor } from '../support/wait-for.ts'

const hubId = `${'h'.repeat(42)}A`
const bytesPerMiB = 1024 * 1024

/** The part of a hub the proxy needs: it serves its metadata, and handles requests as the test says. */
async function startProxiedHub(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer((request, response) => {
    if (request.url !== '/api/meta') return handle(request, response)
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ hubId, name: 'North' }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const hubs = newHubs()
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await hubs.add(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'local')
  const proxy = new HubProxy({ hubs, log: silentLog, userAgent: 'Hubbub/test Electron/' })
  const send = (path: string, init: RequestInit & { duplex?: 'half' } = {}) =>
    proxy.handle(new Request(`https://page.invalid/hub/${hubId}${path}`, init), hubId, path)
  return Object.assign(send, { leavePage: () => proxy.abortAll() })
}

/** Writes without end, as fast as the client reads. Reports how much, and if a client is still connected. */
function createEndlessResponse() {
  const state = { written: 0, waits: 0, closed: false }
  const writeEndlessly = (response: ServerResponse): void => {
    const chunk = Buffer.alloc(64 * 1024, 7)
    response.once('close', () => (state.closed = true))
    const writeMore = (): void => {
      while (!state.closed) {
        state.written += chunk.length
        if (!response.write(chunk)) {
          state.waits += 1
          response.once('drain', writeMore)
          return
        }
      }
    }
    writeMore()
  }
  return { state, pour: writeEndlessly }
}

test('forwards a range request and its partial response', async () => {
  const content = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 251))
  const send = await startProxiedHub(({ headers }, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
    const part = content.subarray(Number(from), Number(to) + 1)
    response
      .writeHead(206, {
        'content-type': 'video/mp4',
        'content-range': `bytes ${from}-${to}/${content.length}`,
        'content-length': part.length,
        'accept-ranges': 'bytes',
        'set-cookie': 'a=b',
      })
      .end(part)
  })
  const response = await send('/api/files/f1', { headers: { range: 'bytes=100-349' } })
  expect(response.status).toBe(206)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-range': 'bytes 100-349/1000',
    'content-length': '250',
    'accept-ranges': 'bytes',
  })
  expect(response.headers.get('set-cookie')).toBeNull()
  expect(Buffer.from(await response.arrayBuffer())).toEqual(content.subarray(100, 350))
})

test('streams a download at the speed of the page, and ends it at the hub when the page cancels', async () => {
  const { state, pour: writeEndlessly } = createEndlessResponse()
  const send = await startProxiedHub((_request, response) =>
    writeEndlessly(response.writeHead(200, { 'content-type': 'video/mp4' })),
  )
  const response = await send('/api/files/endless')
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let read = 0
  while (read < 2 * bytesPerMiB) read += (await reader.read()).value?.length ?? 0
  // the page stops reading: only the buffers of both ends fill
  await waitFor(() => expect(state.waits).toBeGreaterThan(0))
  const newlyWritten = async (): Promise<number> => {
    const before = state.written
    await new Promise((resolve) => setImmediate(resolve))
    return state.written - before
  }
  await waitFor(async () => expect(await newlyWritten()).toBe(0), { timeout: 10_000 })
  expect(state.written).toBeGreaterThanOrEqual(read)
  expect(state.written - read).toBeLessThan(24 * bytesPerMiB)
  await reader.cancel()
  await waitFor(() => expect(state.closed).toBe(true))
})

test('aborts the request at the hub when the page goes away', async () => {
  let isGone = false
  const arrived = Promise.withResolvers<void>()
  const send = await startProxiedHub((_request, response) => {
    response.once('close', () => (isGone = true))
    arrived.resolve()
  })
  const response = send('/api/slow')
  await arrived.promise
  send.leavePage()
  await waitFor(() => expect(isGone).toBe(true))
  expect((await response).status).toBe(502)
})

test('aborts an upload at the hub if it breaks off or is too large', async () => {
  const receivedBytes = { bytes: 0, whole: 0, broken: 0 }
  const send = await startProxiedHub((request, response) => {
    request.on('data', (part: Buffer) => (receivedBytes.bytes += part.length))
    request.once('end', () => {
      receivedBytes.whole += 1
      response.end()
    })
    request.once('close', () => (receivedBytes.broken += request.complete ? 0 : 1))
  })
  const upload = (body: ReadableStream<Uint8Array>) =>
    send('/api/files/f1', { method: 'PATCH', body, duplex: 'half' })

  // the page goes away in the middle of the upload
  let pending: ReadableStreamDefaultController<Uint8Array> | undefined
  const half = upload(
    new ReadableStream({
      start: (controller) => {
        pending = controller
        controller.enqueue(new Uint8Array(bytesPerMiB))
      },
    }),
  )
  await waitFor(() => expect(receivedBytes.bytes).toBe(bytesPerMiB))
  send.leavePage()
  expect((await half).status).toBe(502)
  await waitFor(() => expect(receivedBytes).toMatchObject({ broken: 1, whole: 0 }))
  expect(pending).toBeDefined()

  // the source of the upload fails
  const failing = upload(
    new ReadableStream({
      pull: (controller) => controller.error(new Error('the file is gone')),
    }),
  )
  expect((await failing).status).toBe(502)

  // larger than a piece may be, without a content length
  let sent = 0
  const tooLarge = upload(
    new ReadableStream({
      pull: (controller) => {
        sent += bytesPerMiB
        controller.enqueue(new Uint8Array(bytesPerMiB))
      },
    }),
  )
  expect((await tooLarge).status).toBe(502)
  expect(sent).toBeLessThan(64 * bytesPerMiB)
  expect(receivedBytes.whole).toBe(0)

  // a complete one succeeds
  const complete = upload(
    new ReadableStream({
      start: (controller) => {
        controller.enqueue(new Uint8Array(3))
        controller.close()
      },
    }),
  )
  expect((await complete).status).toBe(200)
  expect(receivedBytes.whole).toBe(1)
})
