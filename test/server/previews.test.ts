import { randomBytes, randomUUID } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, expect, test, vi } from 'vitest'
import type { EntryOf } from '../../shared/contract/entries.ts'
import type { Message } from '../../shared/contract/messages.ts'
import { HubError } from '../../shared/errors.ts'
import { ImageResizer } from '../../server/file-storage/image-resizer.ts'
import { readImageSize } from '../../server/file-storage/image-size.ts'
import { jpegHeader, png, webpHeader } from '../support/images.ts'
import { newDataDir } from '../support/data-dir.ts'
import { previewsMade } from '../support/previews.ts'
import type { TestUser } from '../support/test-user.ts'
import { uploadFile } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

afterEach(() => vi.restoreAllMocks())

/** The decoder works only once `open` is called; before that, uploads and messages go on. */
function holdDecoder(): { open: () => void } {
  const gate = Promise.withResolvers<void>()
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its `this` below
  const resize = ImageResizer.prototype.resize
  vi.spyOn(ImageResizer.prototype, 'resize').mockImplementation(async function (this: ImageResizer, request) {
    await gate.promise
    return resize.call(this, request)
  })
  return { open: () => gate.resolve() }
}

async function sendFiles(user: TestUser, chatId: string, attachments: string[]): Promise<Message> {
  return (await user.request('messages.send', { chatId, cid: randomUUID(), text: '', attachments }))
    .message as Message
}

async function lastMessage(user: TestUser, chatId: string): Promise<Message> {
  return (await user.request('messages.list', { chatId, limit: 1 })).messages[0] as Message
}

function fetchPreview(user: TestUser, fileId: string): Promise<Response> {
  const headers = { authorization: `Bearer ${user.token}` }
  return fetch(`${user.url}/api/files/${fileId}/preview`, { headers })
}

test('an upload is acknowledged before its preview, and members of every chat learn the preview', async () => {
  const decoder = holdDecoder()
  const { hub, ann, bo, kitchen, direct } = await makeWorld()
  const bytes = png(1200, 900)
  const id = await uploadFile(hub.url, ann.token, { name: 'pier.png', bytes })
  const sent = await sendFiles(ann, kitchen.id, [id])
  const pending = { width: 1200, height: 900, previewPending: true }
  expect(sent.attachments).toMatchObject([pending])
  expect(sent.attachments[0]).not.toHaveProperty('preview')
  const early = await fetchPreview(bo, id)
  expect([early.status, await early.json()]).toEqual([
    404,
    { error: { code: 'not_found', message: expect.stringContaining('not made the preview') as string } },
  ])
  // a forwarded copy and a second upload of the same picture wait for the same preview
  const forward = { chatId: direct.id, cid: randomUUID(), text: '', forward: sent.id }
  const copy = (await bo.request('messages.send', forward)).message as Message
  expect(copy.attachments).toMatchObject([pending])
  const reply = { chatId: kitchen.id, cid: randomUUID(), text: 'Where?', replyTo: sent.id }
  const quoting = (await bo.request('messages.send', reply)).message as Message
  expect(quoting.replyTo).not.toHaveProperty('picture')
  const unsent = await uploadFile(hub.url, bo.token, { name: 'again.png', bytes })

  const live = await bo.connect()
  decoder.open()
  for (const { id: messageId } of [sent, copy]) {
    const entry = await live.next(
      (one) => one.t === 'entry' && one.type === 'attachment.updated' && one.message.id === messageId,
    )
    const { message, seq } = entry as EntryOf<'attachment.updated'>
    expect(message).toMatchObject({ rev: seq, attachments: [{ width: 1200, height: 900, preview: true }] })
    expect((message as Message).attachments[0]).not.toHaveProperty('previewPending')
  }
  const quote = await live.next(
    (one) => one.t === 'entry' && one.type === 'attachment.updated' && one.message.id === quoting.id,
  )
  expect(quote).toMatchObject({ message: { replyTo: { picture: id } } })
  expect((await fetchPreview(bo, id)).status).toBe(200)
  expect((await fetchPreview(bo, unsent)).status).toBe(200)
  expect((await sendFiles(bo, kitchen.id, [unsent])).attachments).toMatchObject([{ preview: true }])
  // a client that was away reads it from the stream
  const { entries: later } = await ann.request('streams.read', { stream: `chat:${kitchen.id}` })
  expect(later.find(({ type }) => type === 'attachment.updated')).toMatchObject({
    message: { id: sent.id, attachments: [{ preview: true }] },
  })
})

test('a hub that ends before the preview makes it after its next start', async () => {
  const decoder = holdDecoder()
  const { hub, ann, bo, kitchen } = await makeWorld()
  const id = await uploadFile(hub.url, ann.token, { name: 'pier.png', bytes: png(800, 600) })
  await sendFiles(ann, kitchen.id, [id])
  const restarting = hub.restart()
  decoder.open()
  vi.restoreAllMocks()
  const again = await restarting
  await previewsMade(again)
  expect((await lastMessage(bo.atUrl(again.url), kitchen.id)).attachments).toMatchObject([
    { width: 800, height: 600, preview: true },
  ])
})

test('a picture that cannot be read, or whose decoder keeps ending, becomes a plain file', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const whole = await sharp({ create: { width: 400, height: 300, channels: 3, background: '#08f' } })
    .jpeg()
    .toBuffer()
  const cut = whole.subarray(0, whole.length / 2)
  const live = await bo.connect()
  const send = async (name: string, bytes: Buffer) => {
    const id = await uploadFile(hub.url, ann.token, { name, bytes })
    await sendFiles(ann, kitchen.id, [id])
    await previewsMade(hub)
    return (await lastMessage(ann, kitchen.id)).attachments
  }
  expect(await send('cut.jpg', cut)).toEqual([
    { id: expect.any(String) as string, name: 'cut.jpg', type: 'image/jpeg', size: cut.length },
  ])
  await live.nextEntry('attachment.updated')
  vi.spyOn(ImageResizer.prototype, 'resize').mockRejectedValue(new HubError('busy', 'the thread ended'))
  const [file] = await send('pier.png', png(80, 60))
  expect(file).not.toHaveProperty('preview')
  expect(file).not.toHaveProperty('width')
})

test('a deleted message is not published again, and shows its preview once it is undeleted', async () => {
  const decoder = holdDecoder()
  const { hub, ann, bo, kitchen } = await makeWorld()
  const id = await uploadFile(hub.url, ann.token, { name: 'pier.png', bytes: png(80, 60) })
  const sent = await sendFiles(ann, kitchen.id, [id])
  await ann.request('messages.delete', { messageId: sent.id, for: 'everyone' })
  decoder.open()
  await previewsMade(hub)
  const { entries } = await bo.request('streams.read', { stream: `chat:${kitchen.id}` })
  expect(entries.map(({ type }) => type)).not.toContain('attachment.updated')
  const { message } = await ann.request('messages.undelete', { messageId: sent.id })
  expect(message).toMatchObject({ attachments: [{ preview: true, width: 80 }] })
})

test('a picture whose file the disk has lost gets no preview, and the hub goes on', async () => {
  const decoder = holdDecoder()
  const { hub, ann, kitchen } = await makeWorld()
  const id = await uploadFile(hub.url, ann.token, { name: 'pier.png', bytes: png(80, 60) })
  await sendFiles(ann, kitchen.id, [id])
  rmSync(join(hub.dataDir, 'files'), { recursive: true })
  decoder.open()
  await previewsMade(hub)
  expect((await lastMessage(ann, kitchen.id)).attachments[0]).not.toHaveProperty('preview')
})

test('the header of a picture tells its size as it is seen, and hostile headers tell none', async () => {
  const dir = newDataDir()
  const file = join(dir, 'picture')
  const sizeOf = (bytes: Buffer, type: string) => {
    writeFileSync(file, bytes)
    return readImageSize(file, type)
  }
  const canvas = sharp({ create: { width: 300, height: 200, channels: 3, background: '#2a6' } })
  const size = { width: 300, height: 200 }
  expect(await sizeOf(await canvas.clone().png().toBuffer(), 'image/png')).toEqual(size)
  expect(await sizeOf(await canvas.clone().gif().toBuffer(), 'image/gif')).toEqual(size)
  expect(await sizeOf(await canvas.clone().webp().toBuffer(), 'image/webp')).toEqual(size)
  expect(await sizeOf(await canvas.clone().webp({ lossless: true }).toBuffer(), 'image/webp')).toEqual(size)
  expect(await sizeOf(webpHeader(300, 200, true), 'image/webp')).toEqual(size)
  expect(await sizeOf(jpegHeader(300, 200), 'image/jpeg')).toEqual(size)
  expect(await sizeOf(await canvas.clone().jpeg({ progressive: true }).toBuffer(), 'image/jpeg')).toEqual(
    size,
  )
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const bytes = await canvas
      .clone()
      .jpeg()
      .withExif({ IFD0: { Make: 'x'.repeat(3000) } })
      .withMetadata({ orientation })
      .toBuffer()
    const turned = orientation >= 5 ? { width: 200, height: 300 } : size
    expect(await sizeOf(bytes, 'image/jpeg'), String(orientation)).toEqual(turned)
  }
  const soi = Buffer.from([0xff, 0xd8])
  const endless = Buffer.concat([soi, ...Array.from({ length: 5000 }, () => Buffer.from([0xff, 0xfe, 0, 2]))])
  const exif = Buffer.concat([
    Buffer.from([0xff, 0xe1, 0xff, 0xff]),
    Buffer.from('Exif\0\0II*\0\xff\xff\xff\xff', 'latin1'),
  ])
  for (const bytes of [soi, endless, Buffer.concat([soi, exif]), Buffer.concat([soi, randomBytes(4000)])]) {
    expect(await sizeOf(bytes, 'image/jpeg')).toBe(undefined)
  }
  for (const type of ['image/png', 'image/gif', 'image/webp', 'image/avif'])
    expect(await sizeOf(Buffer.alloc(0), type)).toBe(undefined)
})
