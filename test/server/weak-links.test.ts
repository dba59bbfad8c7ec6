import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Upload } from 'tus-js-client'
import { expect, test } from 'vitest'
import { openRawSocket } from '../support/raw-socket.ts'
import { openThrottledLink } from '../support/throttled-link.ts'
import { openTls, pinnedCertificateOf, pinnedTlsOptions } from '../support/tls.ts'
import { createUpload, uploadOffset } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

/** Bodies that arrive slowly, or not at all. The limits are shortened: a window of 30 s is one of a fraction of a second. */

const progress = { windowMs: 300, minBytes: 1024 }

/** Uploads with the client of the page, which resumes at the offset of the hub. */
function uploadByTus(url: string, token: string, bytes: Buffer, onProgress?: (sent: number) => void) {
  return new Promise<string>((resolve, reject) => {
    const upload = new Upload(bytes, {
      endpoint: `${url}/api/files`,
      headers: { authorization: `Bearer ${token}` },
      chunkSize: 40_000,
      retryDelays: [10, 10, 10],
      metadata: { filename: 'plan.bin' },
      onProgress: (sent) => onProgress?.(sent),
      onSuccess: () => resolve(upload.url?.split('/').at(-1) ?? ''),
      onError: reject,
    })
    upload.start()
  })
}

test('an upload at 20 KB/s takes many times the window and arrives', async () => {
  const { hub, ann, kitchen } = await makeWorld({ bodyProgress: progress })
  const link = await openThrottledLink(hub.url, 20_000)
  const bytes = randomBytes(80_000)
  const id = await uploadByTus(link.url, ann.token, bytes)
  const { message } = await ann.request('messages.send', {
    chatId: kitchen.id,
    cid: randomUUID(),
    text: '',
    attachments: [id],
  })
  expect(message).toMatchObject({ attachments: [{ name: 'plan.bin', size: 80_000 }] })
  const file = await fetch(`${hub.url}/api/files/${id}`, {
    headers: { authorization: `Bearer ${ann.token}` },
  })
  expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true)
})

test('an upload over a link that breaks again and again goes on where it was', async () => {
  const { hub, ann } = await makeWorld({ bodyProgress: progress })
  const link = await openThrottledLink(hub.url, 40_000)
  let cutAt = 20_000
  const id = await uploadByTus(link.url, ann.token, randomBytes(80_000), (sent) => {
    if (sent < cutAt) return
    cutAt += 30_000
    link.cut()
  })
  expect(cutAt).toBeGreaterThan(20_000)
  const file = await fetch(`${hub.url}/api/files/${id}`, {
    headers: { authorization: `Bearer ${ann.token}` },
  })
  expect(Number(file.headers.get('content-length'))).toBe(80_000)
})

test.for([
  ['stops', 0],
  ['trickles', 1],
])('an upload that %s gets 408 in words, and what has arrived is kept', async ([, bytesEach]) => {
  const { hub, ann } = await makeWorld({ bodyProgress: progress })
  const id = await createUpload(hub.url, ann.token, { name: 'a.bin', size: 50_000 })
  const socket = await openRawSocket(hub.url)
  const head = [
    `PATCH /api/files/${id} HTTP/1.1`,
    'host: localhost',
    `authorization: Bearer ${ann.token}`,
    'tus-resumable: 1.0.0',
    'upload-offset: 0',
    'content-type: application/offset+octet-stream',
    'content-length: 50000',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${'x'.repeat(5_000)}`)
  const timer = bytesEach ? setInterval(() => socket.write('x'), 50) : undefined
  const response = await readAll(socket)
  clearInterval(timer)
  expect(response).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
  expect(response).toContain('"code":"busy"')
  expect(response).toContain('did not arrive in time')
  expect(await uploadOffset(hub.url, ann.token, id)).toBeGreaterThanOrEqual(5_000)
})

test('a JSON body that does not arrive gets 408, and a slow one that does is taken', async () => {
  const { hub, ann, kitchen } = await makeWorld({ bodyProgress: progress })
  const body = JSON.stringify({ cid: randomUUID(), text: 'x'.repeat(9_000) })
  const head = `POST /api/chats/${kitchen.id}/messages HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ann.token}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n`
  const stalled = await openRawSocket(hub.url)
  stalled.write(head + body.slice(0, 100))
  expect(await readAll(stalled)).toMatch(/^HTTP\/1\.1 408 /)
  const link = await openThrottledLink(hub.url, 8_000)
  const slow = await openRawSocket(link.url)
  slow.write(head + body)
  expect(await readAll(slow)).toMatch(/^HTTP\/1\.1 201 /)
})

test('over TLS a slow body arrives too, and one that stops gets 408', async () => {
  const { hub, ann, kitchen } = await makeWorld({ bodyProgress: progress })
  const tls = pinnedTlsOptions(pinnedCertificateOf(hub.dataDir))
  const send = async (bytesPerSlice: number, slices: number): Promise<string> => {
    const socket = await openTls(hub.url, tls)
    socket.on('error', () => {})
    const body = JSON.stringify({ cid: randomUUID(), text: 'x'.repeat(9_000) })
    socket.write(
      `POST /api/chats/${kitchen.id}/messages HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ann.token}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n`,
    )
    let at = 0
    const timer = setInterval(() => {
      socket.write(body.slice(at, (at += bytesPerSlice)))
      if (at >= bytesPerSlice * slices) clearInterval(timer)
    }, 50)
    const response = await readAll(socket)
    clearInterval(timer)
    return response
  }
  expect(await send(400, 30)).toMatch(/^HTTP\/1\.1 201 /)
  expect(await send(400, 3)).toMatch(/^HTTP\/1\.1 408 /)
})

async function readAll(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  await once(socket, 'close')
  return text
}
