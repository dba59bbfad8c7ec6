import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import { nextChunkBytes, type UploadJob } from '../../renderer/state/send-file.ts'
import type { ChannelLike, LocksLike } from '../../renderer/connection/platform.ts'
import { fromWireError, offlineError } from '../../renderer/connection/request.ts'
import type { MediaSize } from '../../renderer/state/upload.ts'
import { Uploads } from '../../renderer/state/uploads.ts'
import { Cache } from '../../renderer/sync/cache.ts'
import { ManualClock, settle, waitUntil } from './support/manual-clock.ts'

/** The uploads of a page over storage that survives it, with a transport the test controls. */
class UploadsFixture {
  readonly clock = new ManualClock()
  readonly indexedDB = new IDBFactory()
  readonly jobs: (UploadJob & {
    resolve: (id: string) => void
    reject: (error: unknown) => void
    stopped: boolean
  })[] = []
  readonly removedIds: string[] = []
  isLive = true
  readMediaSize: (content: Blob) => Promise<MediaSize> = () => Promise.resolve({})
  openChannel: ((name: string) => ChannelLike) | undefined
  locks: LocksLike | undefined
  changeCount = 0
  #ids = 0

  async open(): Promise<Uploads> {
    const cache = await Cache.open(this.indexedDB, 'desk', this.clock)
    const { uploads } = await cache.readAll()
    return new Uploads({
      name: 'desk',
      cache,
      clock: this.clock,
      locks: this.locks,
      openChannel: this.openChannel,
      endpoint: () => 'http://hub/api/files',
      csrf: () => undefined,
      isLive: () => this.isLive,
      send: (job) => {
        const { promise, resolve, reject } = Promise.withResolvers<string>()
        const mine = { ...job, resolve, reject, stopped: false }
        this.jobs.push(mine)
        const stop = (): void => {
          mine.stopped = true
          reject(offlineError())
        }
        return { done: promise, stop }
      },
      remove: (id) => Promise.resolve(void this.removedIds.push(id)),
      readMediaSize: (content) => this.readMediaSize(content),
      newId: () => `u${(this.#ids += 1)}`,
      content: uploads,
      onChanged: () => (this.changeCount += 1),
    })
  }

  job(at: number) {
    const job = this.jobs[at]
    if (!job) throw new Error(`no upload number ${at}`)
    return job
  }
}

const text = (words: string, name = 'a.txt') => ({ content: new File([words], name), name })

test('files are uploaded automatically, three at a time, in the order they were chosen', async () => {
  const desk = new UploadsFixture()
  const uploads = await desk.open()
  expect(
    uploads.add(
      'c',
      ['1', '2', '3', '4'].map((words) => text(words, `${words}.txt`)),
    ),
  ).toBe(0)
  await waitUntil(() => desk.jobs.length === 3, 'three of them')
  expect(desk.jobs.map((job) => job.metadata['filename'])).toEqual(['1.txt', '2.txt', '3.txt'])
  desk.job(1).resolve('f2')
  await waitUntil(() => desk.jobs.length === 4, 'the fourth')
  const [first, second] = uploads.attachmentsOf('c')
  expect([first?.state, second?.state, second?.fileId]).toEqual(['sending', 'done', 'f2'])
  expect(uploads.readyFor([second?.id ?? ''])).toEqual({ fileIds: ['f2'] })
  expect(uploads.readyFor([first?.id ?? '', second?.id ?? ''])).toBe('coming')
})

test('a message takes ten files, and add returns how many were left out', async () => {
  const uploads = await new UploadsFixture().open()
  expect(
    uploads.add(
      'c',
      Array.from({ length: 13 }, () => text('x')),
    ),
  ).toBe(3)
  expect(uploads.attachmentsOf('c')).toHaveLength(10)
})

test('an upload waits offline and resumes at the offset of the hub', async () => {
  const desk = new UploadsFixture()
  const uploads = await desk.open()
  uploads.add('c', [text('hello')])
  await waitUntil(() => desk.jobs.length === 1, 'the upload')
  desk.job(0).onCreated('f1')
  desk.isLive = false
  desk.job(0).reject(offlineError())
  await settle()
  expect(uploads.attachmentsOf('c')[0]).toMatchObject({ state: 'waiting', fileId: 'f1' })
  desk.isLive = true
  await desk.clock.advance(60_000)
  await waitUntil(() => desk.jobs.length === 2, 'the second try')
  expect(desk.job(1).fileId).toBe('f1')
  // the hub no longer has the upload: start again at zero
  desk.job(1).reject(fromWireError({ code: 'not_found' }))
  await settle()
  await desk.clock.advance(60_000)
  await waitUntil(() => desk.jobs.length === 3, 'the third try')
  expect(desk.job(2).fileId).toBe(undefined)
})

test('an upload over a weak link goes on by itself after each 408, without longer pauses while it moves', async () => {
  const desk = new UploadsFixture()
  const uploads = await desk.open()
  uploads.add('c', [text('hello')])
  for (let i = 0; i < 6; i += 1) {
    await waitUntil(() => desk.jobs.length === i + 1, `try ${i + 1}`)
    desk.job(i).onCreated('f1')
    await desk.clock.advance(1_000)
    desk.job(i).onProgress(i + 1)
    // a 408 has the code busy
    desk.job(i).reject(fromWireError({ code: 'busy', message: 'This request did not arrive in time.' }))
    await settle()
    expect(uploads.attachmentsOf('c')[0]).toMatchObject({ state: 'waiting', fileId: 'f1' })
    await desk.clock.advance(1_000)
  }
})

test('chunks become smaller over a weak link and larger over a fast one, within limits', () => {
  expect(nextChunkBytes(512 * 1024, 25_000)).toBe(256 * 1024)
  expect(nextChunkBytes(512 * 1024, 5_000)).toBe(512 * 1024)
  expect(nextChunkBytes(512 * 1024, 100)).toBe(1024 * 1024)
  expect(nextChunkBytes(64 * 1024, 60_000)).toBe(64 * 1024)
  expect(nextChunkBytes(4 * 1024 * 1024, 10)).toBe(4 * 1024 * 1024)
})

test('an upload the hub rejects shows the reason and can be retried', async () => {
  const desk = new UploadsFixture()
  const uploads = await desk.open()
  uploads.add('c', [text('hello')])
  await waitUntil(() => desk.jobs.length === 1, 'the upload')
  desk.job(0).reject(fromWireError({ code: 'disk_full', message: 'No room.' }))
  await waitUntil(() => uploads.attachmentsOf('c')[0]?.state === 'failed', 'the refusal')
  const [{ id } = { id: '' }] = uploads.attachmentsOf('c')
  expect(uploads.readyFor([id])).toEqual({ failed: 'No room.' })
  uploads.retry(id)
  await waitUntil(() => desk.jobs.length === 2, 'the second try')
})

test('small files resume after a restart in their message or composer', async () => {
  const desk = new UploadsFixture()
  const before = await desk.open()
  before.add('c', [text('one', 'one.txt'), text('two', 'two.txt')])
  await waitUntil(() => desk.jobs.length === 2, 'both')
  desk.job(0).onCreated('f1')
  const [one, two] = before.attachmentsOf('c').map(({ id }) => id) as [string, string]
  before.assign([two], { cid: 'cid-2', chatId: 'c', thread: undefined })
  before.restoreToComposer([two])
  await settle()
  before.close()

  const after = await desk.open()
  after.dropSent(new Set(['cid-2']))
  expect(after.attachmentsOf('c').map(({ id }) => id)).toEqual([one])
  expect(after.get(two)?.cid).toBe('cid-2')
  after.drain()
  await waitUntil(() => desk.jobs.length === 4, 'both again')
  expect(desk.job(2).fileId).toBe('f1')
  expect(await desk.job(2).content.text()).toBe('one')
  // its message was sent, so it is removed
  after.dropSent(new Set())
  expect(after.get(two)).toBe(undefined)
})

test('a file that cannot be read any more is requested again, and only the same file is accepted', async () => {
  const desk = new UploadsFixture()
  const uploads = await desk.open()
  const large = new File([new Uint8Array(33 * 1024 * 1024)], 'large.bin', { lastModified: 5 })
  uploads.add('c', [{ content: large, name: large.name }])
  await waitUntil(() => desk.jobs.length === 1, 'the upload')
  desk.job(0).onCreated('f1')
  await settle()
  uploads.close()
  const after = await desk.open()
  const [upload] = after.attachmentsOf('c')
  expect(upload).toMatchObject({ state: 'missing', fileId: 'f1' })
  expect(after.replaceFile(upload?.id ?? '', new File(['other'], 'large.bin'))).toBe(false)
  expect(after.replaceFile(upload?.id ?? '', large)).toBe(true)
  await waitUntil(() => desk.jobs.length === 2, 'it goes on')
  expect(desk.job(1).fileId).toBe('f1')
})

test('a picture whose size is not read yet survives a restart', async () => {
  const desk = new UploadsFixture()
  desk.readMediaSize = () => new Promise(() => undefined)
  const uploads = await desk.open()
  uploads.add('c', [text('pixels', 'pier.jpg')])
  await settle()
  uploads.close()
  desk.readMediaSize = () => Promise.resolve({})
  const reopened = await desk.open()
  reopened.drain()
  await waitUntil(() => desk.jobs.length === 1, 'the upload')
  expect(await desk.job(0).content.text()).toBe('pixels')
})

test('a message whose uploads are not on disk gets another file from the user', async () => {
  const desk = new UploadsFixture()
  const uploads = await desk.open()
  uploads.assign(['gone'], { cid: 'cid', chatId: 'c', thread: undefined })
  expect(uploads.get('gone')).toMatchObject({ state: 'missing', cid: 'cid' })
  expect(uploads.readyFor(['gone'])).toBe('coming')
  expect(uploads.replaceFile('gone', new File(['found'], 'plan.txt'))).toBe(true)
  await waitUntil(() => desk.jobs.length === 1, 'the upload')
  expect(desk.job(0).metadata['filename']).toBe('plan.txt')
  desk.job(0).resolve('f1')
  await settle()
  expect(uploads.readyFor(['gone'])).toEqual({ fileIds: ['f1'] })
})

test('an upload that the end of the session stops waits for the next login, and tells no closed channel', async () => {
  const desk = new UploadsFixture()
  const posted: boolean[] = []
  let isClosed = false
  desk.openChannel = () => ({
    onmessage: null,
    postMessage: () => void posted.push(isClosed),
    close: () => (isClosed = true),
  })
  const uploads = await desk.open()
  uploads.add('c', [text('one')])
  await waitUntil(() => desk.jobs.length === 1, 'the upload')
  uploads.close()
  await settle()
  expect([desk.job(0).stopped, posted.includes(true)]).toEqual([true, false])
  const reopened = await desk.open()
  expect(reopened.attachmentsOf('c')).toMatchObject([{ state: 'waiting' }])
})

test('a cancelled upload closes its connection and is deleted on the hub', async () => {
  const desk = new UploadsFixture()
  const uploads = await desk.open()
  uploads.add('c', [text('hello')])
  await waitUntil(() => desk.jobs.length === 1, 'the upload')
  desk.job(0).onCreated('f1')
  uploads.cancel(uploads.attachmentsOf('c')[0]?.id ?? '')
  expect([uploads.attachmentsOf('c').length, desk.job(0).stopped, desk.removedIds]).toEqual([0, true, ['f1']])
})

test('a chat and its threads have separate attachments, and leaving the chat cancels its uploads', async () => {
  const desk = new UploadsFixture()
  const uploads = await desk.open()
  uploads.add('c', [text('1', '1.txt'), text('2', '2.txt')])
  uploads.add('c', [text('3', '3.txt')], 'thread')
  uploads.add('other', [text('4', '4.txt')])
  const names = (chatId: string, thread?: string) =>
    uploads.attachmentsOf(chatId, thread).map(({ name }) => name)
  expect([names('c'), names('c', 'thread'), names('other')]).toEqual([
    ['1.txt', '2.txt'],
    ['3.txt'],
    ['4.txt'],
  ])
  await waitUntil(() => desk.jobs.length === 3, 'three of them')
  desk.job(0).onCreated('f1')
  const [first, second] = uploads.attachmentsOf('c')
  uploads.assign([second?.id ?? ''], { cid: 'cid', chatId: 'c', thread: undefined })
  uploads.onChatLeft('c')
  expect([names('c'), names('c', 'thread'), names('other')]).toEqual([[], [], ['4.txt']])
  expect(desk.removedIds).toEqual(['f1'])
  expect(desk.jobs.map(({ stopped }) => stopped)).toEqual([true, false, true])
  // an upload that is part of a message stays or goes with that message
  expect(uploads.get(second?.id ?? '')?.cid).toBe('cid')
  await settle()
  const again = await desk.open()
  expect(again.get(first?.id ?? '')).toBeUndefined()
  expect(again.attachmentsOf('other').map(({ name }) => name)).toEqual(['4.txt'])
})

test('a large file is missing in another tab only once the tab that has it is closed', async () => {
  const desk = new UploadsFixture()
  desk.locks = createLocks()
  const first = await desk.open()
  const large = new File([new Uint8Array(33 * 1024 * 1024)], 'large.bin', { lastModified: 5 })
  first.add('c', [{ content: large, name: large.name }])
  await waitUntil(() => desk.jobs.length === 1, 'the upload')
  await settle()
  const second = await desk.open()
  await settle()
  expect(second.attachmentsOf('c')).toMatchObject([{ state: 'waiting' }])
  first.close()
  await waitUntil(() => second.attachmentsOf('c')[0]?.state === 'missing', 'the end of the first tab')
})

/** Each name has a queue of its own. */
function createLocks(): LocksLike {
  const queues = new Map<string, Promise<unknown>>()
  return {
    request: (name, run) => {
      const turn = (queues.get(name) ?? Promise.resolve()).then(run)
      queues.set(
        name,
        turn.catch(() => undefined),
      )
      return turn
    },
  }
}
