import { execFileSync } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import {
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { checkInvariants } from '../../server/db/verify.ts'
import { fileNameOf } from '../../server/file-storage/contents.ts'
import { filesLockName, lockFiles } from '../../server/db/files-lock.ts'
import { restore } from '../../server/backup/restore.ts'
import type { Message } from '../../shared/contract/messages.ts'
import { newDataDir } from '../support/data-dir.ts'
import { openRawSocket } from '../support/raw-socket.ts'
import { startTestHub } from '../support/hub.ts'
import { TestUser, password, rawRequest, RequestError } from '../support/test-user.ts'
import { chunk, png } from '../support/images.ts'
import { previewsMade } from '../support/previews.ts'
import { createUpload, patchUpload, uploadOffset, tusRequest, uploadFile } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

const hourMs = 60 * 60_000
const GiB = 1024 ** 3

async function sendFiles(user: TestUser, chatId: string, fileIds: string[], text = ''): Promise<Message> {
  const message = { chatId, cid: randomUUID(), text, attachments: fileIds }
  return (await user.request('messages.send', message)).message as Message
}

function fetchFile(user: TestUser, fileId: string, headers: Record<string, string> = {}, path = '') {
  return fetch(`${user.url}/api/files/${fileId}${path}`, {
    headers: { authorization: `Bearer ${user.token}`, ...headers },
  })
}

function storedFileNames(dataDir: string, folder: 'files' | 'uploads'): string[] {
  const dir = join(dataDir, folder)
  if (!existsSync(dir)) return []
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test('a file uploaded by tus and sent in a message can be downloaded by the members of the chat only', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  const bytes = randomBytes(300_000)
  const id = await createUpload(hub.url, ann.token, { name: 'plans.bin', size: bytes.length })
  expect(await uploadOffset(hub.url, ann.token, id)).toBe(0)
  const first = await patchUpload(hub.url, ann.token, id, 0, bytes.subarray(0, 100_000))
  expect([first.status, first.headers['upload-offset'], first.headers['tus-resumable']]).toEqual([
    204,
    '100000',
    '1.0.0',
  ])
  expect((await fetchFile(ann, id)).status).toBe(404)
  const last = await patchUpload(hub.url, ann.token, id, 100_000, bytes.subarray(100_000))
  expect(last.headers['upload-offset']).toBe('300000')
  expect(await uploadOffset(hub.url, ann.token, id)).toBe(300_000)
  // visible to the uploader only until a message contains it
  expect((await fetchFile(ann, id)).status).toBe(200)
  expect((await fetchFile(bo, id)).status).toBe(404)

  const live = await bo.connect()
  const message = await sendFiles(ann, kitchen.id, [id])
  const file = { id, name: 'plans.bin', type: 'application/octet-stream', size: 300_000 }
  expect(message.attachments).toEqual([file])
  const entry = await live.nextEntry('message.sent')
  expect(entry).toMatchObject({ message: { text: '', attachments: [file] } })
  const { messages } = await bo.request('messages.list', { chatId: kitchen.id })
  expect(messages.at(-1)).toMatchObject({ attachments: [file] })
  const { entries } = await bo.request('streams.read', { stream: `chat:${kitchen.id}` })
  expect(entries.at(-1)).toMatchObject({ message: { attachments: [file] } })

  const response = await fetchFile(bo, id)
  expect(sha256(await response.bytes())).toBe(sha256(bytes))
  expect((await fetchFile(eve, id)).status).toBe(404)
  await bo.request('chats.leave', { chatId: kitchen.id })
  expect((await fetchFile(bo, id)).status).toBe(404)
})

test('tus rejects a wrong version, content type, offset or length', async () => {
  const { hub, ann } = await makeWorld()
  const url = `${hub.url}/api/files`
  const options = await tusRequest('OPTIONS', url, ann.token)
  expect([options.status, options.headers['tus-version'], options.headers['tus-extension']]).toEqual([
    204,
    '1.0.0',
    'creation,termination,expiration',
  ])
  expect(options.headers['tus-max-size']).toBe(String(2 * GiB))
  expect(options.headers['access-control-allow-origin']).toBe(undefined)

  const other = await tusRequest('POST', url, ann.token, { 'tus-resumable': '0.2.2', 'upload-length': '3' })
  expect([other.status, other.headers['tus-version']]).toEqual([412, '1.0.0'])
  for (const length of ['', '-1', '1.5', 'x', '9999999999999999']) {
    expect((await tusRequest('POST', url, ann.token, { 'upload-length': length })).status, length).toBe(400)
  }
  for (const wrong of ['filename ###', 'a b c', 'a YQ==,a YQ==', `filename ${'A'.repeat(5000)}`]) {
    const response = await tusRequest('POST', url, ann.token, {
      'upload-length': '3',
      'upload-metadata': wrong,
    })
    expect(response.status, wrong.slice(0, 20)).toBe(400)
    expect(JSON.parse(response.body)).toMatchObject({ error: { code: 'invalid', field: 'upload-metadata' } })
  }

  const id = await createUpload(hub.url, ann.token, { name: 'a', size: 6 })
  for (const type of ['application/octet-stream', 'text/plain', 'multipart/form-data']) {
    const headers = { 'upload-offset': '0', 'content-type': type }
    const wrongType = await tusRequest('PATCH', `${url}/${id}`, ann.token, headers, Buffer.from('abc'))
    expect([wrongType.status, wrongType.body], type).toEqual([415, expect.stringContaining('offset+octet')])
  }
  expect((await patchUpload(hub.url, ann.token, id, 1, Buffer.from('bc'))).status).toBe(409)
  expect((await patchUpload(hub.url, ann.token, id, 0, Buffer.from('abc'))).status).toBe(204)
  expect((await patchUpload(hub.url, ann.token, id, 0, Buffer.from('abc'))).status).toBe(409)
  expect((await patchUpload(hub.url, ann.token, id, 3, Buffer.from('defg'))).status).toBe(413)
  expect(await uploadOffset(hub.url, ann.token, id)).toBe(3)
  const whole = await patchUpload(hub.url, ann.token, id, 3, Buffer.from('def'))
  expect([whole.status, whole.headers['upload-offset'], whole.headers['upload-expires']]).toEqual([
    204,
    '6',
    undefined,
  ])
  // if the response was lost, the same PATCH again fails and HEAD returns the offset
  expect((await patchUpload(hub.url, ann.token, id, 3, Buffer.from('def'))).status).toBe(409)
  expect(await uploadOffset(hub.url, ann.token, id)).toBe(6)
  expect(await (await fetchFile(ann, id)).text()).toBe('abcdef')

  const empty = await createUpload(hub.url, ann.token, { name: 'empty.txt', size: 0 })
  const nothing = await fetchFile(ann, empty)
  expect([nothing.status, await nothing.text()]).toEqual([200, ''])
})

test('an upload is not_found for other users and needs a session that may write', async () => {
  const { hub, ann, bo } = await makeWorld()
  const url = `${hub.url}/api/files`
  const id = await createUpload(hub.url, ann.token, { name: 'a', size: 3 })
  expect(await uploadOffset(hub.url, bo.token, id)).toBe(-404)
  expect((await patchUpload(hub.url, bo.token, id, 0, Buffer.from('abc'))).status).toBe(404)
  expect((await tusRequest('DELETE', `${url}/${id}`, bo.token)).status).toBe(404)
  for (const method of ['HEAD', 'PATCH', 'DELETE', 'OPTIONS', 'POST']) {
    const target = method === 'OPTIONS' || method === 'POST' ? url : `${url}/${id}`
    const body = method === 'PATCH' ? Buffer.from('abc') : undefined
    const response = await tusRequest(
      method,
      target,
      undefined,
      { 'upload-length': '3', 'upload-offset': '0' },
      body,
    )
    expect(response.status, method).toBe(401)
  }
  const { token: reading } = await ann.request('tokens.create', { name: 'r', scope: 'read' })
  expect((await tusRequest('POST', url, reading, { 'upload-length': '3' })).status).toBe(403)
  expect((await patchUpload(hub.url, reading, id, 0, Buffer.from('abc'))).status).toBe(403)
  expect(await uploadOffset(hub.url, reading, id)).toBe(0)

  // with a cookie, a request needs the CSRF token and the origin of this hub
  const login = await fetch(`${hub.url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: hub.url },
    body: JSON.stringify({ username: 'ann', password }),
  })
  const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const me = (await (await fetch(`${hub.url}/api/me`, { headers: { cookie } })).json()) as {
    csrfToken: string
  }
  const made = (headers: Record<string, string>) =>
    tusRequest('POST', url, undefined, { cookie, 'upload-length': '3', ...headers })
  expect((await made({})).status).toBe(403)
  expect((await made({ origin: hub.url })).status).toBe(403)
  expect((await made({ origin: 'http://evil.test', 'x-csrf-token': me.csrfToken })).status).toBe(403)
  expect((await made({ origin: hub.url, 'x-csrf-token': me.csrfToken })).status).toBe(201)
  // a request is checked as the method that it names
  for (const method of ['DELETE', 'PATCH']) {
    const override = { 'x-http-method-override': method }
    const target = `${url}/${id}`
    expect((await tusRequest('POST', target, undefined, { cookie, ...override })).status).toBe(403)
    expect((await tusRequest('POST', target, reading, override)).status).toBe(403)
    expect((await tusRequest('POST', target, bo.token, override)).status).toBe(
      method === 'DELETE' ? 404 : 415,
    )
  }
  expect(await uploadOffset(hub.url, ann.token, id)).toBe(0)
})

/** Sends part of a PATCH and leaves the request open. */
async function sendPartialUpload(
  hub: string,
  token: string,
  id: string,
  offset: number,
  part: Buffer,
  declaredBytes: number,
) {
  const request = httpRequest(`${hub}/api/files/${id}`, {
    method: 'PATCH',
    headers: {
      'tus-resumable': '1.0.0',
      authorization: `Bearer ${token}`,
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(offset),
      'content-length': declaredBytes,
    },
  })
  request.on('error', () => undefined)
  await new Promise<void>((resolve, reject) => {
    request.write(part, (error) => (error ? reject(error) : resolve()))
  })
  return request
}

test('an upload keeps the bytes received before a lost connection and resumes after them', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const bytes = randomBytes(2_000_000)
  const id = await createUpload(hub.url, ann.token, { name: 'a', size: bytes.length })
  const cut = await sendPartialUpload(hub.url, ann.token, id, 0, bytes.subarray(0, 700_000), bytes.length)
  cut.destroy()
  const at = await uploadOffset(hub.url, ann.token, id)
  expect(at).toBeLessThanOrEqual(700_000)
  // half-open: the connection is still up although its sender has gone
  const half = await sendPartialUpload(
    hub.url,
    ann.token,
    id,
    at,
    bytes.subarray(at, at + 300_000),
    bytes.length - at,
  )
  const now = await uploadOffset(hub.url, ann.token, id)
  expect(now).toBeGreaterThanOrEqual(at)
  // two concurrent requests: one of them succeeds, and the content is right either way
  const rest = bytes.subarray(now)
  const both = await Promise.all([
    patchUpload(hub.url, ann.token, id, now, rest).catch(() => ({ status: 0 })),
    patchUpload(hub.url, ann.token, id, now, rest).catch(() => ({ status: 0 })),
  ])
  half.destroy()
  let offset = await uploadOffset(hub.url, ann.token, id)
  while (offset < bytes.length) {
    await patchUpload(hub.url, ann.token, id, offset, bytes.subarray(offset))
    offset = await uploadOffset(hub.url, ann.token, id)
  }
  expect(both.every(({ status }) => [0, 204, 409, 503].includes(status))).toBe(true)
  await sendFiles(ann, kitchen.id, [id])
  expect(sha256(await (await fetchFile(ann, id)).bytes())).toBe(sha256(bytes))
})

test('a forwarded message gives its files to the other chat, counts them once per user and outlives its original', async () => {
  let now = Date.now()
  const { hub, ann, bo, eve, kitchen } = await makeWorld({ clock: () => now })
  const { url } = hub
  const bytes = png(300, 200)
  const ids = [
    await uploadFile(url, ann.token, { name: 'pier.png', bytes }),
    await uploadFile(url, ann.token, { name: 'plan.txt', bytes: Buffer.from('a plan') }),
  ]
  await previewsMade(hub)
  const original = await sendFiles(ann, kitchen.id, ids)
  const elsewhere = await bo.openDirectChat(eve)
  const cid = randomUUID()
  const forward = { chatId: elsewhere.id, cid, text: 'From ann', forward: original.id }
  const live = await eve.connect()
  const { message } = (await bo.request('messages.send', forward)) as { message: Message }
  expect(message.attachments).toEqual(
    original.attachments.map((file, at) => ({ ...file, id: message.attachments[at]?.id })),
  )
  expect(new Set([...message.attachments, ...original.attachments].map(({ id }) => id)).size).toBe(4)
  expect(await live.nextEntry('message.sent')).toMatchObject({
    message: { attachments: message.attachments },
  })
  // a retry returns the same message; a different forward with the same cid is a conflict
  expect((await bo.request('messages.send', forward)).message).toEqual(message)
  expect((await eve.request('files.list', { chatId: elsewhere.id })).files).toHaveLength(2)
  await expect(bo.request('messages.send', { ...forward, forward: message.id })).rejects.toMatchObject({
    error: { code: 'conflict' },
  })
  const [picture, plan] = message.attachments
  expect(sha256(await (await fetchFile(eve, picture?.id ?? '')).bytes())).toBe(sha256(bytes))
  expect((await fetchFile(eve, picture?.id ?? '', {}, '/preview')).status).toBe(200)
  // each copy can be read by the members of its own chat only
  expect((await fetchFile(eve, ids[0] ?? '')).status).toBe(404)
  expect((await fetchFile(ann, picture?.id ?? '')).status).toBe(404)
  const { hits } = await eve.request('search.messages', { q: 'has:file plan' })
  expect(hits.map((hit) => hit.message.id)).toEqual([message.id])

  // forwarding fails for a message the user cannot read, for one without files, and together with own attachments
  const hostile = { chatId: elsewhere.id, cid: randomUUID(), text: '' }
  for (const [user, more, code] of [
    [eve, { forward: original.id }, 'not_found'],
    [eve, { forward: 'no-such' }, 'not_found'],
    [eve, { forward: '__proto__' }, 'not_found'],
    [eve, { forward: (await eve.sendMessage(elsewhere.id, 'only words')).id }, 'invalid'],
    [bo, { forward: original.id, attachments: [ids[0]] }, 'not_found'],
    [
      ann,
      {
        chatId: kitchen.id,
        forward: original.id,
        attachments: [await uploadFile(url, ann.token, { name: 'b', bytes: Buffer.from('b') })],
      },
      'invalid',
    ],
  ] as const) {
    const { status, body } = await rawRequest(url, user.token, 'messages.send', {
      ...hostile,
      cid: randomUUID(),
      ...more,
    })
    expect([status >= 400, (body as { error: { code: string } }).error.code], JSON.stringify(more)).toEqual([
      true,
      code,
    ])
  }

  // after the original is deleted, its bytes stay for the copy until that is deleted too
  const stored = storedFileNames(hub.dataDir, 'files').length
  await ann.request('messages.delete', { messageId: original.id, for: 'everyone' })
  await expect(bo.request('messages.send', { ...forward, cid: randomUUID() })).rejects.toMatchObject({
    error: { code: 'not_found', field: 'forward' },
  })
  now += 11_000
  const second = await hub.restart()
  await second.hub.uploads.removeExpired()
  expect((await fetchFile(ann.atUrl(second.url), ids[1] ?? '')).status).toBe(404)
  expect(await (await fetchFile(eve.atUrl(second.url), plan?.id ?? '')).text()).toBe('a plan')
  expect(storedFileNames(hub.dataDir, 'files')).toHaveLength(stored)
  await bo.atUrl(second.url).request('messages.delete', { messageId: message.id, for: 'everyone' })
  now += 11_000
  const third = await second.restart()
  await third.hub.uploads.removeExpired()
  // the remaining file is in no message yet
  expect(storedFileNames(hub.dataDir, 'files')).toEqual([sha256(Buffer.from('b'))])
  await third.close()
  expect(await third.findProblems()).toEqual([])
})

test('a quote of files without text describes them, until they are deleted and again once they are undeleted', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const picture = await uploadFile(hub.url, ann.token, { name: 'pier.png', bytes: png(300, 200) })
  await previewsMade(hub)
  const original = await sendFiles(ann, kitchen.id, [picture])
  const quote = { id: original.id, no: 1, author: ann.id, text: '' }
  const shown = { ...quote, files: { count: 1, pictures: 1, name: 'pier.png' }, picture }
  const response = { chatId: kitchen.id, cid: randomUUID(), text: 'Where?', replyTo: original.id }
  expect((await bo.request('messages.send', response)).message).toMatchObject({ replyTo: shown })
  const quoted = async () => {
    const { messages } = await ann.request('messages.list', { chatId: kitchen.id, limit: 1 })
    return (messages[0] as Message).replyTo
  }
  expect(await quoted()).toEqual(shown)
  await ann.request('messages.delete', { messageId: original.id, for: 'everyone' })
  expect(await quoted()).toEqual(quote)
  await ann.request('messages.undelete', { messageId: original.id })
  expect(await quoted()).toEqual(shown)
})

test('forwarded files count once for each user and content', async () => {
  const { hub, olga, ann, bo, kitchen, direct } = await makeWorld()
  const MiB = 1024 ** 2
  await olga.request('admin.settings.update', { fileBytes: MiB, userBytes: MiB })
  const half = await uploadFile(hub.url, ann.token, { name: 'half', bytes: randomBytes(MiB * 0.6) })
  const original = await sendFiles(ann, kitchen.id, [half])
  const forward = (user: TestUser) =>
    user.request('messages.send', { chatId: direct.id, cid: randomUUID(), text: '', forward: original.id })
  for (let i = 0; i < 3; i += 1) await forward(ann)
  await uploadFile(hub.url, ann.token, { name: 'rest', bytes: randomBytes(MiB * 0.4) })
  await sendFiles(bo, kitchen.id, [
    await uploadFile(hub.url, bo.token, { name: 'own', bytes: randomBytes(MiB * 0.5) }),
  ])
  await expect(forward(bo)).rejects.toMatchObject({ error: { code: 'too_large', field: 'forward' } })
})

test('a message takes only finished files of its sender, each once, and a retry changes nothing', async () => {
  const { hub, ann, bo, kitchen, direct } = await makeWorld()
  const id = await uploadFile(hub.url, ann.token, { name: 'a.txt', bytes: Buffer.from('hello') })
  const half = await createUpload(hub.url, ann.token, { name: 'b', size: 3 })
  for (const [user, files] of [
    [ann, [half]],
    [ann, ['no-such-file']],
    [ann, [id, 'no-such-file']],
    [bo, [id]],
  ] as const) {
    await expect(sendFiles(user, kitchen.id, [...files])).rejects.toMatchObject({
      error: { code: 'not_found', field: 'attachments' },
    })
  }
  await expect(sendFiles(ann, kitchen.id, [id, id])).rejects.toMatchObject({ error: { code: 'invalid' } })
  await expect(sendFiles(ann, kitchen.id, [])).rejects.toMatchObject({
    error: { code: 'invalid', field: 'text' },
  })
  await expect(sendFiles(ann, kitchen.id, Array<string>(11).fill(id))).rejects.toBeInstanceOf(RequestError)

  const sending = { chatId: kitchen.id, cid: randomUUID(), text: '', attachments: [id] }
  const { message } = await ann.request('messages.send', sending)
  expect((await ann.request('messages.send', sending)).message).toEqual(message)
  await expect(ann.request('messages.send', { ...sending, attachments: [] })).rejects.toBeInstanceOf(
    RequestError,
  )
  // a file can be in one message only
  await expect(sendFiles(ann, direct.id, [id])).rejects.toMatchObject({ error: { code: 'not_found' } })
  expect((await tusRequest('DELETE', `${hub.url}/api/files/${id}`, ann.token)).status).toBe(409)
  expect((await tusRequest('DELETE', `${hub.url}/api/files/${half}`, ann.token)).status).toBe(204)
  expect(await uploadOffset(hub.url, ann.token, half)).toBe(-404)
  expect(storedFileNames(hub.dataDir, 'uploads')).toEqual([])
})

test('range requests return a part or the tail, 416 beyond the end, and the whole file if if-range differs', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const bytes = randomBytes(1000)
  const id = await uploadFile(hub.url, ann.token, { name: 'a', bytes })
  await sendFiles(ann, kitchen.id, [id])
  const get = async (headers: Record<string, string>) => {
    const response = await fetchFile(ann, id, headers)
    const body = Buffer.from(await response.arrayBuffer())
    return { status: response.status, range: response.headers.get('content-range'), body }
  }
  const whole = await fetchFile(ann, id)
  const etag = whole.headers.get('etag') ?? ''
  expect(whole.headers.get('accept-ranges')).toBe('bytes')
  expect(whole.headers.get('cache-control')).toBe('private, no-cache')
  expect(etag).not.toContain(sha256(bytes))
  for (const [range, status, from, to] of [
    ['bytes=0-99', 206, 0, 100],
    ['bytes=900-', 206, 900, 1000],
    ['bytes=-10', 206, 990, 1000],
    ['bytes=500-5000', 206, 500, 1000],
    ['bytes=-5000', 206, 0, 1000],
    // a server may ignore each of these ranges and return the whole file
    ['bytes=0-1,5-6', 200, 0, 1000],
    ['bytes=9-5', 200, 0, 1000],
    ['bytes=-', 200, 0, 1000],
    ['lines=1-2', 200, 0, 1000],
  ] as const) {
    const answer = await get({ range })
    expect([range, answer.status]).toEqual([range, status])
    expect(answer.body.equals(bytes.subarray(from, to)), range).toBe(true)
    if (status === 206) expect(answer.range).toBe(`bytes ${from}-${to - 1}/1000`)
  }
  for (const range of ['bytes=1000-', 'bytes=5000-6000', 'bytes=-0']) {
    const answer = await get({ range })
    expect([range, answer.status, answer.range]).toEqual([range, 416, 'bytes */1000'])
  }
  expect((await get({ range: 'bytes=0-1', 'if-range': etag })).status).toBe(206)
  expect((await get({ range: 'bytes=0-1', 'if-range': '"another"' })).status).toBe(200)
  expect((await get({ 'if-none-match': etag })).status).toBe(304)
  const head = await fetch(`${hub.url}/api/files/${id}`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${ann.token}` },
  })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '1000'])
})

test('the content decides the type of a file, and only safe types are shown inline', async () => {
  const { hub, ann } = await makeWorld()
  const wav = Buffer.concat([Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1'), Buffer.alloc(40)])
  const page = '<!doctype html><script>alert(1)</script>'
  const anyBytes = 'application/octet-stream'
  for (const [name, content, type] of [
    ['a.txt', png(2, 2), 'image/png'],
    ['b.html', Buffer.from('GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\0;', 'latin1'), 'image/gif'],
    ['c', wav, 'audio/wav'],
    [
      'd.mp3',
      Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\x7f\x7f', 'latin1'), Buffer.alloc(9000)]),
      'audio/mpeg',
    ],
    ['e.mp4', Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'), 'video/mp4'],
    ['e.mov', Buffer.from('\0\0\0\x14ftypqt  \0\0\0\0qt  ', 'latin1'), 'video/quicktime'],
    ['e.heic', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0heicmif1', 'latin1'), anyBytes],
    ['f.png', Buffer.from(page), anyBytes],
    ['g.svg', Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`), anyBytes],
    ['h.xml', Buffer.from('<?xml version="1.0"?><a/>'), anyBytes],
    ['i.pdf', Buffer.from('%PDF-1.7\n1 0 obj'), anyBytes],
    ['j.zip', Buffer.from('PK\x03\x04' + '\0'.repeat(40), 'latin1'), anyBytes],
    ['k.exe', Buffer.from('MZ' + '\0'.repeat(100), 'latin1'), anyBytes],
    ['l.js', Buffer.from('alert(1)'), anyBytes],
    ['m.mhtml', Buffer.from('MIME-Version: 1.0\nContent-Type: text/html\n\n' + page), anyBytes],
  ] as const) {
    const id = await uploadFile(hub.url, ann.token, {
      name,
      bytes: content,
      about: { filetype: 'text/html', type: 'text/html' },
    })
    const { headers } = await fetchFile(ann, id)
    expect([name, headers.get('content-type')]).toEqual([name, type])
    expect(headers.get('content-disposition')?.split(';')[0], name).toBe(
      type === anyBytes ? 'attachment' : 'inline',
    )
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
  }
})

test('archives are stored and returned unchanged and never opened', async () => {
  const { hub, ann } = await makeWorld()
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
  const gif = Buffer.from('GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\0;', 'latin1')
  const hostile: [string, Buffer][] = [
    ['bomb.gz', bomb],
    ['nested.zip', zipOf([['inner.zip', zipOf([['bomb.gz', bomb]])]])],
    ['climbs.zip', zipOf([['../../../../etc/cron.d/hubbub', Buffer.from('* * * * * root true')]])],
    ['many.zip', zipOf(Array.from({ length: 5_000 }, (_, n) => [`${n}`, Buffer.alloc(0)]))],
    ['lies.zip', Buffer.concat([zipOf([['a', Buffer.from('a')]]).subarray(0, 20), Buffer.alloc(64, 0xff)])],
    ['applet.jar', zipOf([['META-INF/MANIFEST.MF', Buffer.from('Main-Class: Evil')]])],
    [
      'macro.docm',
      zipOf([
        ['[Content_Types].xml', Buffer.from('<Types/>')],
        ['word/vbaProject.bin', Buffer.from('x')],
      ]),
    ],
    ['climbs.tar', tarOf('../../../../root/.ssh/authorized_keys')],
    ['both.gif', Buffer.concat([gif, zipOf([['evil.class', Buffer.from('x')]])])],
  ]
  for (const [name, bytes] of hostile) {
    const id = await uploadFile(hub.url, ann.token, { name, bytes })
    const response = await fetchFile(ann, id)
    const type = name === 'both.gif' ? 'image/gif' : 'application/octet-stream'
    expect([name, response.headers.get('content-type')]).toEqual([name, type])
    expect(response.headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes), name).toBe(true)
  }
})

/** A zip without compression: local headers and contents, one after the other. */
function zipOf(files: [name: string, bytes: Buffer][]): Buffer {
  return Buffer.concat(
    files.flatMap(([name, bytes]) => {
      const header = Buffer.alloc(30)
      header.write('PK\x03\x04', 0, 'latin1')
      header.writeUInt32LE(bytes.length, 18)
      header.writeUInt32LE(bytes.length, 22)
      header.writeUInt16LE(Buffer.byteLength(name), 26)
      return [header, Buffer.from(name), bytes]
    }),
  )
}

function tarOf(name: string): Buffer {
  const header = Buffer.alloc(1024)
  header.write(name, 0)
  header.write('ustar\x0000', 257, 'latin1')
  return header
}

test('hostile file names are cleaned in the message and in the header', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  for (const [given, stored] of [
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\system32\\cmd.exe', 'cmd.exe'],
    ['photo\u202Egnp.exe', 'photognp.exe'],
    ['a\r\nSet-Cookie: x=1.txt', 'aSet-Cookie x=1.txt'],
    ['"; filename="evil.html', '; filename=evil.html'],
    ['CON.txt', 'CON_.txt'],
    ['.htaccess', '.htaccess'],
    ['../.env', '.env'],
    ['👩\u200D💻.png', '👩\u200D💻.png'],
    ['می\u200Cخواهم.pdf', 'می\u200Cخواهم.pdf'],
    ['in\u200Dvoice.pdf', 'invoice.pdf'],
    ['report.pdf. . ', 'report.pdf'],
    ['', 'file'],
    ['...', 'file'],
    ['Überschrift 日本語 👋.txt', 'Überschrift 日本語 👋.txt'],
    [`${'x'.repeat(300)}.tar.gz`, `${'x'.repeat(117)}.gz`],
    ['\uD800broken.txt', '\uFFFDbroken.txt'],
  ] as const) {
    const id = await uploadFile(hub.url, ann.token, { name: given, bytes: Buffer.from('x') })
    const message = await sendFiles(ann, kitchen.id, [id])
    expect(message.attachments[0]?.name, given).toBe(stored)
    const header = (await fetchFile(ann, id)).headers.get('content-disposition') ?? ''
    const full = /filename\*=UTF-8''([^;]+)$/.exec(header)?.[1] ?? ''
    expect(decodeURIComponent(full)).toBe(stored)
    expect(header).toMatch(
      /^attachment; filename="[ -!#-[\]-~]*"; filename\*=UTF-8''[!#-&+\-.0-9A-Z^_`a-z|~%]+$/,
    )
  }
})

test('an image has its dimensions and upright previews without any metadata of the camera', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  const photo = await sharp({ create: { width: 3000, height: 2000, channels: 3, background: '#2a6' } })
    .withExif({ IFD0: { Copyright: 'Ann', Make: 'Camera' } })
    .jpeg()
    .withMetadata({ orientation: 6 })
    .toBuffer()
  const id = await uploadFile(hub.url, ann.token, { name: 'p.jpg', bytes: photo })
  await previewsMade(hub)
  const { attachments } = await sendFiles(ann, kitchen.id, [id])
  expect(attachments).toEqual([
    { id, name: 'p.jpg', type: 'image/jpeg', size: photo.length, width: 2000, height: 3000, preview: true },
  ])
  for (const [size, width, height] of [
    ['list', 480, 720],
    ['screen', 1707, 2560],
  ] as const) {
    const response = await fetchFile(bo, id, {}, `/preview?size=${size}`)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/webp'])
    const bytes = await response.bytes()
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width, height })
    expect(Buffer.from(bytes).includes('Camera')).toBe(false)
    expect((await sharp(bytes).metadata()).exif).toBe(undefined)
  }
  expect((await fetchFile(eve, id, {}, '/preview')).status).toBe(404)
  expect((await fetchFile(bo, id, {}, '/preview?size=huge')).status).toBe(400)

  const frame = (background: string) =>
    sharp({ create: { width: 60, height: 40, channels: 3, background } })
      .png()
      .toBuffer()
  const gif = await sharp([await frame('#f00'), await frame('#0f0')], { join: { animated: true } })
    .gif()
    .toBuffer()
  const moving = await uploadFile(hub.url, ann.token, { name: 'm.gif', bytes: gif })
  const avif = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#2a6' } })
    .avif({ effort: 0 })
    .toBuffer()
  const still = await uploadFile(hub.url, ann.token, { name: 's.avif', bytes: avif })
  // the header claims 50,000 pixels in width and height
  const bomb = Buffer.from(avif)
  for (const at of [8, 12]) bomb.writeUInt32BE(50_000, bomb.indexOf('ispe') + at)
  const lie = await uploadFile(hub.url, ann.token, { name: 'lie.avif', bytes: bomb })
  await previewsMade(hub)
  const shown = await sendFiles(ann, kitchen.id, [moving, still, lie])
  expect(shown.attachments).toMatchObject([
    { width: 60, height: 40, moves: true, preview: true },
    { type: 'image/avif', width: 300, height: 200, preview: true },
    { type: 'image/avif' },
  ])
  expect(shown.attachments[2]).not.toHaveProperty('preview')
  expect(await sharp(await (await fetchFile(bo, still, {}, '/preview')).bytes()).metadata()).toMatchObject({
    ...{ format: 'webp', width: 300 },
  })
})

test('a photo of 50 megapixels has previews, and larger or progressive ones are files', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const photo = (width: number, height: number, progressive = false) =>
    sharp({ create: { width, height, channels: 3, background: '#2a6' } })
      .jpeg({ progressive })
      .withMetadata({ orientation: 6 })
      .toBuffer()
  const camera = await photo(8160, 6120)
  // the header claims 65,000 × 65,000
  const bomb = Buffer.from(camera)
  const frame = bomb.indexOf(Buffer.from([0xff, 0xc0]))
  for (const at of [5, 7]) bomb.writeUInt16BE(65_000, frame + at)
  const attachments = []
  for (const [name, bytes] of [
    ['camera.jpg', camera],
    ['progressive.jpg', await photo(8160, 6120, true)],
    ['bomb.jpg', bomb],
  ] as const) {
    const id = await uploadFile(hub.url, ann.token, { name, bytes })
    await previewsMade(hub)
    attachments.push((await sendFiles(ann, kitchen.id, [id])).attachments[0])
  }
  expect(attachments[0]).toMatchObject({ width: 6120, height: 8160, preview: true })
  const bytes = await (await fetchFile(ann, attachments[0]?.id ?? '', {}, '/preview?size=screen')).bytes()
  expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 1920, height: 2560 })
  // all coefficients of a progressive picture are in memory at once
  expect(attachments[1]).not.toHaveProperty('preview')
  expect(attachments[2]).not.toHaveProperty('preview')
})

test('an unreadable image or a decompression bomb becomes a file without a preview, and the hub keeps serving', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const header = Buffer.alloc(13)
  header.writeUInt32BE(50_000, 0)
  header.writeUInt32BE(50_000, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  const huge = Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', Buffer.alloc(10)),
    chunk('IEND'),
  ])
  const whole = await sharp({ create: { width: 400, height: 300, channels: 3, background: '#08f' } })
    .jpeg()
    .toBuffer()
  const bombGif = Buffer.from('GIF89a\xff\xff\xff\xff\xf0\0\0', 'latin1')
  const hostile = {
    'huge.png': huge,
    'cut.jpg': whole.subarray(0, whole.length / 2),
    'bomb.gif': Buffer.concat([bombGif, randomBytes(500)]),
    'noise.png': Buffer.concat([signature, randomBytes(2000)]),
    'noise.webp': Buffer.concat([Buffer.from('RIFF\xff\0\0\0WEBPVP8 ', 'latin1'), randomBytes(300)]),
  }
  for (const [name, bytes] of Object.entries(hostile)) {
    const id = await uploadFile(hub.url, ann.token, { name, bytes })
    await previewsMade(hub)
    const { attachments } = await sendFiles(ann, kitchen.id, [id])
    expect(attachments, name).toEqual([{ id, name, type: expect.any(String) as string, size: bytes.length }])
    expect((await fetchFile(ann, id, {}, '/preview')).status).toBe(404)
    expect((await fetchFile(ann, id)).status).toBe(200)
  }
  const good = await uploadFile(hub.url, ann.token, { name: 'good.png', bytes: png(30, 20) })
  await previewsMade(hub)
  expect((await sendFiles(ann, kitchen.id, [good])).attachments[0]).toMatchObject({
    width: 30,
    preview: true,
  })
})

test('the limits on disk space, file size and user storage are checked before the first byte', async () => {
  let free = 3 * GiB
  const { hub, olga, ann, bo } = await makeWorld({ room: () => Promise.resolve({ free, total: 100 * GiB }) })
  const size = 2 * GiB
  const refusal = async (user: TestUser, bytes: number) => {
    const response = await tusRequest('POST', `${hub.url}/api/files`, user.token, {
      'upload-length': String(bytes),
    })
    return [response.status, (JSON.parse(response.body || '{}') as { error?: { code: string } }).error?.code]
  }
  expect(await refusal(ann, size + 1)).toEqual([413, 'too_large'])
  expect(await refusal(ann, size)).toEqual([201, undefined])
  // space reserved for ann is not free for bo
  expect(await refusal(bo, size)).toEqual([507, 'disk_full'])
  expect(await refusal(bo, 300 * 1024 * 1024)).toEqual([201, undefined])
  free = 100 * GiB
  for (let i = 0; i < 4; i += 1) expect(await refusal(ann, size)).toEqual([201, undefined])
  expect(await refusal(ann, 1)).toEqual([413, 'too_large'])
  await olga.request('admin.settings.update', { fileBytes: 1024 * 1024, userBytes: 20 * GiB })
  expect(await refusal(ann, 1024 * 1024)).toEqual([201, undefined])
  expect(await refusal(ann, 1024 * 1024 + 1)).toEqual([413, 'too_large'])
  await expect(ann.request('admin.settings.update', { fileBytes: 5 * GiB })).rejects.toMatchObject({
    error: { code: 'forbidden' },
  })
})

test('expired uploads and unsent files are removed, sent files stay, and a backup in progress blocks the removal', async () => {
  let now = Date.now()
  const { hub, ann, kitchen } = await makeWorld({ clock: () => now })
  const sent = await uploadFile(hub.url, ann.token, { name: 'sent', bytes: Buffer.from('sent') })
  await sendFiles(ann, kitchen.id, [sent])
  const loose = await uploadFile(hub.url, ann.token, { name: 'loose', bytes: Buffer.from('loose') })
  const half = await createUpload(hub.url, ann.token, { name: 'half', size: 10 })
  await patchUpload(hub.url, ann.token, half, 0, Buffer.from('half'))
  const clear = () => hub.hub.uploads.removeExpired()

  now += 23 * hourMs
  await clear()
  expect((await fetchFile(ann, loose)).status).toBe(200)
  now += 2 * hourMs
  // a backup that is reading keeps every file, also over a restart
  const lock = lockFiles(join(hub.dataDir, filesLockName), 'reading')
  await clear()
  expect((await fetchFile(ann, loose)).status).toBe(404)
  expect(await uploadOffset(hub.url, ann.token, half)).toBe(4)
  now += 7 * 24 * hourMs
  await clear()
  expect(await uploadOffset(hub.url, ann.token, half)).toBe(-404)
  expect(storedFileNames(hub.dataDir, 'uploads')).toEqual([])
  expect((await fetchFile(ann, sent)).status).toBe(200)

  expect(storedFileNames(hub.dataDir, 'files').length).toBe(2)
  const again = await hub.restart()
  expect(storedFileNames(hub.dataDir, 'files').length).toBe(2)
  lock?.release()
  await again.hub.uploads.removeExpired()
  expect(storedFileNames(hub.dataDir, 'files')).toEqual([sha256(Buffer.from('sent'))])
})

test('a cancelled upload, a deleted message and a deleted group take their files from the disk at once', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const picture = await uploadFile(hub.url, ann.token, { name: 'p.png', bytes: png(1200, 900) })
  const cancelled = await uploadFile(hub.url, ann.token, { name: 'c.bin', bytes: randomBytes(100) })
  await previewsMade(hub)
  expect(storedFileNames(hub.dataDir, 'files').length).toBe(3)
  const headers = { 'tus-resumable': '1.0.0', authorization: `Bearer ${ann.token}` }
  const response = await fetch(`${hub.url}/api/files/${cancelled}`, { method: 'DELETE', headers })
  expect(response.status).toBe(204)
  await hub.hub.jobs.run('files.remove')
  expect(storedFileNames(hub.dataDir, 'files').length).toBe(2)

  // the same content is sent once more while the first message is deleted: it stays for the other
  const bytes = randomBytes(5000)
  const first = await uploadFile(hub.url, ann.token, { name: 'a.bin', bytes })
  const message = await sendFiles(ann, kitchen.id, [first, picture])
  const second = await uploadFile(hub.url, bo.token, { name: 'b.bin', bytes })
  const plans = await ann.createGroup('Plans')
  const third = await uploadFile(hub.url, ann.token, { name: 'plan', bytes: randomBytes(77) })
  await sendFiles(ann, plans.id, [third])
  await hub.hub.store.writer.write(({ db }) =>
    db.deleteFrom('file').where('messageId', '=', message.id).execute(),
  )
  await hub.hub.jobs.run('files.remove')
  expect(storedFileNames(hub.dataDir, 'files').length).toBe(2)
  expect((await fetchFile(bo, second)).status).toBe(200)
  // the last member leaves: the group and its files go
  await ann.request('chats.leave', { chatId: plans.id })
  await hub.hub.jobs.run('groups.purge')
  await hub.hub.jobs.run('files.remove')
  expect(storedFileNames(hub.dataDir, 'files')).toEqual([sha256(bytes)])
})

test('a stored file that is missing or cut is answered with 410 and words at once', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const bytes = png(1200, 900)
  const id = await uploadFile(hub.url, ann.token, { name: 'a.png', bytes })
  await previewsMade(hub)
  await sendFiles(ann, kitchen.id, [id])
  const answer = async (path = '', headers = {}) => {
    const response = await fetchFile(bo, id, headers, path)
    const { error } = (await response.json()) as { error: { message: string } }
    return [response.status, error.message]
  }
  const stored = join(hub.dataDir, fileNameOf(sha256(bytes)))
  truncateSync(stored, bytes.length - 1)
  expect(await answer()).toEqual([410, expect.stringContaining('is damaged on the hub’s disk') as string])
  expect(await answer('', { range: 'bytes=0-5' })).toEqual([410, expect.stringContaining('is damaged')])
  // a client that has the file learns it too
  expect(await answer('', { 'if-none-match': `"${id}"` })).toEqual([
    410,
    expect.stringContaining('is damaged'),
  ])
  rmSync(join(hub.dataDir, 'files'), { recursive: true })
  expect(await answer()).toEqual([410, expect.stringContaining('is missing on the hub’s disk') as string])
  expect(await answer('/preview')).toEqual([410, expect.stringContaining('is missing') as string])
})

test('a fault of the disk at the end of an upload is no lost connection, and the upload goes on afterwards', async () => {
  const { hub, ann } = await makeWorld()
  const id = await createUpload(hub.url, ann.token, { name: 'a', size: 3 })
  const folder = join(hub.dataDir, 'files')
  writeFileSync(folder, 'in the way')
  const response = await patchUpload(hub.url, ann.token, id, 0, Buffer.from('abc'))
  expect([response.status, response.body]).toEqual([
    500,
    expect.stringContaining('The hub cannot store files'),
  ])
  rmSync(folder)
  expect(await uploadOffset(hub.url, ann.token, id)).toBe(3)
  expect(await (await fetchFile(ann, id)).text()).toBe('abc')
})

test.skipIf(process.platform === 'win32')(
  'a pipe in the place of a stored file is answered with 410',
  async () => {
    const { hub, ann } = await makeWorld()
    const bytes = Buffer.from('abc')
    const id = await uploadFile(hub.url, ann.token, { name: 'a', bytes })
    const stored = join(hub.dataDir, fileNameOf(sha256(bytes)))
    rmSync(stored)
    execFileSync('mkfifo', [stored])
    expect((await fetchFile(ann, id)).status).toBe(410)
  },
)

test('a file that is cut while it is sent ends the connection instead of leaving the client waiting', async () => {
  const { hub, ann } = await makeWorld()
  const bytes = randomBytes(24 * 1024 * 1024)
  const id = await uploadFile(hub.url, ann.token, { name: 'long.bin', bytes })
  const socket = await openRawSocket(hub.url)
  const closed = once(socket, 'close')
  const begun = once(socket, 'data')
  socket.write(
    `GET /api/files/${id} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${ann.token}\r\n\r\n`,
  )
  await begun
  socket.pause()
  truncateSync(join(hub.dataDir, fileNameOf(sha256(bytes))), 1000)
  socket.resume()
  await closed
  expect(socket.bytesRead).toBeLessThan(bytes.length)
})

test('a hub that is killed between a deletion and the removal of the file removes it at the next start', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  for (const name of ['a', 'b']) {
    const id = await uploadFile(hub.url, ann.token, { name, bytes: randomBytes(50) })
    await sendFiles(ann, kitchen.id, [id])
  }
  await hub.hub.store.writer.write(({ db }) => db.deleteFrom('file').where('name', '=', 'a').execute())
  await hub.close()
  expect(storedFileNames(hub.dataDir, 'files').length).toBe(2)
  await hub.restart()
  expect(storedFileNames(hub.dataDir, 'files').length).toBe(1)
  expect(existsSync(join(hub.dataDir, 'quarantine'))).toBe(false)
})

test('an upload resumes at its offset after a restart', async () => {
  const { hub, ann } = await makeWorld()
  const bytes = randomBytes(50_000)
  const id = await createUpload(hub.url, ann.token, { name: 'a', size: bytes.length })
  await patchUpload(hub.url, ann.token, id, 0, bytes.subarray(0, 20_000))
  const gone = await createUpload(hub.url, ann.token, { name: 'b', size: 10 })
  await patchUpload(hub.url, ann.token, gone, 0, Buffer.from('12345'))
  const again = await hub.restart()
  expect(await uploadOffset(again.url, ann.token, id)).toBe(20_000)
  expect((await patchUpload(again.url, ann.token, id, 20_000, bytes.subarray(20_000))).status).toBe(204)
  expect(sha256(await (await fetchFile(ann.atUrl(again.url), id)).bytes())).toBe(sha256(bytes))
})

test.skipIf(process.platform === 'win32')(
  'an upload whose bytes cannot be read for a moment is not given up',
  async () => {
    const { hub, ann } = await makeWorld()
    const id = await createUpload(hub.url, ann.token, { name: 'a', size: 6 })
    await patchUpload(hub.url, ann.token, id, 0, Buffer.from('abc'))
    const folder = join(hub.dataDir, 'uploads')
    const aside = join(hub.dataDir, 'aside')
    renameSync(folder, aside)
    symlinkSync(folder, folder)
    const answer = await tusRequest('HEAD', `${hub.url}/api/files/${id}`, ann.token)
    expect(answer.status).toBe(500)
    rmSync(folder)
    renameSync(aside, folder)
    expect(await uploadOffset(hub.url, ann.token, id)).toBe(3)
    await patchUpload(hub.url, ann.token, id, 3, Buffer.from('def'))
    expect(await (await fetchFile(ann, id)).text()).toBe('abcdef')
  },
)

test('a restored hub has the files and previews of the backup and no unfinished uploads', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const bytes = randomBytes(100_000)
  const id = await uploadFile(hub.url, ann.token, { name: 'a.bin', bytes })
  const picture = await uploadFile(hub.url, ann.token, { name: 'p.png', bytes: png(300, 200) })
  await previewsMade(hub)
  await sendFiles(ann, kitchen.id, [id, picture])
  const half = await createUpload(hub.url, ann.token, { name: 'half', size: 10 })
  await patchUpload(hub.url, ann.token, half, 0, Buffer.from('half'))
  const to = join(newDataDir(), 'team.hubbub')
  await hub.backUp(to)
  const dataDir = join(newDataDir(), 'restored')
  await restore(to, dataDir)
  await hub.close()
  const raw = new Database(join(dataDir, 'hub.db'), { readonly: true })
  expect(checkInvariants(raw)).toEqual([])
  raw.close()
  const again = await startTestHub({ dataDir })
  const there = bo.atUrl(again.url)
  expect(sha256(await (await fetchFile(there, id)).bytes())).toBe(sha256(bytes))
  expect((await fetchFile(there, picture, {}, '/preview')).status).toBe(200)
  expect(await uploadOffset(again.url, ann.token, half)).toBe(-404)
})

test('files.list returns the files of a chat by page and kind, for its members only', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  const names: string[] = []
  for (let i = 0; i < 5; i += 1) {
    const ids = [
      await uploadFile(hub.url, ann.token, { name: `${i}.txt`, bytes: Buffer.from(`${i}`) }),
      await uploadFile(hub.url, ann.token, { name: `${i}.png`, bytes: png(4 + i, 4) }),
    ]
    await sendFiles(ann, kitchen.id, ids)
    names.unshift(`${i}.txt`, `${i}.png`)
  }
  const read = async (kind?: 'media' | 'other') => {
    const found: string[] = []
    let before: number | undefined
    for (;;) {
      const { files, more } = await bo.request('files.list', {
        chatId: kitchen.id,
        limit: 3,
        ...(kind ? { kind } : {}),
        ...(before === undefined ? {} : { before }),
      })
      found.push(...files.map(({ file }) => file.name))
      before = files.at(-1)?.seq
      if (!more) return found
    }
  }
  expect(await read()).toEqual(names)
  expect(await read('media')).toEqual(names.filter((name) => name.endsWith('.png')))
  expect(await read('other')).toEqual(names.filter((name) => name.endsWith('.txt')))
  const { files } = await bo.request('files.list', { chatId: kitchen.id })
  await bo.request('messages.delete', { messageId: files[0]?.messageId ?? '', for: 'me' })
  expect(await read()).toEqual(names.slice(2))
  expect((await ann.request('files.list', { chatId: kitchen.id })).files).toHaveLength(10)
  await expect(eve.request('files.list', { chatId: kitchen.id })).rejects.toMatchObject({
    error: { code: 'not_found' },
  })
})

test('content that the disk has lost, or a part of it, is said in the words of the hub with 410', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const picture = await sharp({ create: { width: 1400, height: 900, channels: 3, background: '#357' } })
    .png()
    .toBuffer()
  const id = await uploadFile(hub.url, ann.token, { name: 'plan.png', bytes: picture })
  const message = await sendFiles(ann, kitchen.id, [id])
  await previewsMade(hub)
  await ann.request('me.avatar', { bytes: await sharp(picture).resize(200, 200).png().toBuffer() })
  const { user } = await ann.request('me.get', {})
  const avatar = `${hub.url}/api/users/${ann.id}/avatar/${user.avatar}`
  const stored = storedFileNames(hub.dataDir, 'files').map((name) =>
    join(hub.dataDir, 'files', name.slice(0, 2), name.slice(2, 4), name),
  )
  const get = async () => [
    await fetchFile(ann, id),
    await fetchFile(ann, id, { range: 'bytes=5-9' }),
    await fetchFile(ann, id, {}, '/preview'),
    await fetch(avatar, { headers: { authorization: `Bearer ${ann.token}` } }),
  ]
  expect((await get()).map(({ status }) => status)).toEqual([200, 206, 200, 200])
  for (const file of stored) rmSync(file)
  for (const response of await get()) {
    expect([response.url, response.status]).toEqual([response.url, 410])
    expect(response.headers.get('etag')).toBe(null)
    expect(await response.json()).toMatchObject({
      error: { code: 'not_found', message: expect.stringContaining('hub’s disk') as string },
    })
  }
  // a file that was cut short is not sent in part either
  for (const file of stored) writeFileSync(file, picture.subarray(0, 100))
  const [whole] = await get()
  expect(whole?.status).toBe(410)
  expect((await ann.request('messages.list', { chatId: kitchen.id })).messages).toMatchObject([
    { id: message.id },
  ])
})
