import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, watch, statSync } from 'node:fs'
import { join } from 'node:path'
import { openRows } from '../support/test-database.ts'
import { expect, test } from 'vitest'
import { checkFiles, checkInvariants } from '../../server/db/verify.ts'
import type { Message } from '../../shared/contract/messages.ts'
import { fileNameOf } from '../../server/file-storage/contents.ts'
import { png } from '../support/images.ts'
import { newDataDir } from '../support/data-dir.ts'
import { spawnHub } from '../support/hub-process.ts'
import { TestUser } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'
import { createUpload, patchUpload, uploadFile, uploadOffset } from '../support/tus.ts'

/*
 * A hub that is killed during uploads: after a restart it has every byte that it acknowledged, and the finished file
 * equals the one that was sent.
 */

const chunkCount = 6
const chunkBytes = 1024 * 1024

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

test(
  'a hub killed during each chunk keeps the bytes it acknowledged, and the finished file equals the original',
  { timeout: 120_000 },
  async () => {
    const dataDir = newDataDir()
    let hub = await spawnHub(dataDir, ['--port', '0'])
    const ann = await TestUser.setUp(hub.url, { code: 'test-code-1', username: 'ann' })
    const chat = await ann.createGroup('Kitchen')
    const bytes = randomBytes(chunkCount * chunkBytes)
    const id = await createUpload(hub.url, ann.token, { name: 'plans.bin', size: bytes.length })
    let acknowledged = 0
    for (let kills = 0; acknowledged < bytes.length;) {
      const part = bytes.subarray(acknowledged, acknowledged + chunkBytes)
      const sending = patchUpload(hub.url, ann.token, id, acknowledged, part).catch(() => undefined)
      const dies = kills < 4
      const gone = dies ? hub.kill('SIGKILL') : undefined
      const response = await sending
      if (response?.status === 204) acknowledged = Number(response.headers['upload-offset'])
      if (!dies) continue
      await gone
      kills += 1
      hub = await spawnHub(dataDir, ['--port', '0'])
      const offset = await uploadOffset(hub.url, ann.token, id)
      expect(offset).toBeGreaterThanOrEqual(acknowledged)
      acknowledged = offset
    }
    const there = ann.atUrl(hub.url)
    const message = { chatId: chat.id, cid: randomUUID(), text: '', attachments: [id] }
    await there.request('messages.send', message)
    const answer = await fetch(`${hub.url}/api/files/${id}`, {
      headers: { authorization: `Bearer ${ann.token}` },
    })
    expect(sha256(await answer.bytes())).toBe(sha256(bytes))
    await hub.kill('SIGKILL')
    const raw = await openRows(dataDir)
    expect(checkInvariants(raw)).toEqual([])
    expect(checkFiles(raw, (digest) => existsSync(join(dataDir, fileNameOf(digest))))).toEqual([])
    expect(readdirSync(join(dataDir, 'uploads'))).toEqual([])
  },
)

test(
  'a picture that ended the hub twice is kept as a plain file, and the hub stays',
  { timeout: 120_000 },
  async () => {
    const dataDir = newDataDir()
    const marks = join(dataDir, 'decoding')
    mkdirSync(marks, { recursive: true })
    let hub = await spawnHub(dataDir, ['--port', '0'])
    const ann = await TestUser.setUp(hub.url, { code: 'test-code-1', username: 'ann' })
    const chat = await ann.createGroup('Kitchen')
    let bytes = png(6000, 6000)
    const marked = (): number => statSync(join(marks, sha256(bytes)), { throwIfNoEntry: false })?.size ?? 0
    // A real crash: the hub is killed while its decoder works on the picture, for the request or since its start.
    const killDuringDecode = async (
      request: () => Promise<unknown>,
      crashesBefore: number,
    ): Promise<void> => {
      const decoding = Promise.withResolvers<void>()
      // its file is there a moment before it counts
      const look = (): void => {
        if (marked() > crashesBefore) decoding.resolve()
      }
      const watcher = watch(marks, look)
      look()
      const requested = request().catch(() => undefined)
      await decoding.promise
      await hub.kill('SIGKILL')
      watcher.close()
      await requested
    }
    // On a busy machine the decode may end before the signal arrives: then the hub knows the picture, and another is tried.
    let id = ''
    let crashes = 0
    for (let tries = 0; crashes < 2 && tries < 10; tries++) {
      bytes = png(6000, 6000 - tries)
      id = await createUpload(hub.url, ann.token, { name: 'pier.png', size: bytes.length })
      await killDuringDecode(() => patchUpload(hub.url, ann.token, id, 0, bytes), 0)
      const hasCrashed = marked() === 1
      hub = await spawnHub(dataDir, ['--port', '0'])
      if (!hasCrashed) continue
      await killDuringDecode(() => uploadOffset(hub.url, ann.token, id), 1)
      crashes = marked()
      hub = await spawnHub(dataDir, ['--port', '0'])
    }
    expect(crashes).toBe(2)
    expect(await uploadOffset(hub.url, ann.token, id)).toBe(bytes.length)

    // another picture is decoded as always; the same one in a new upload is not tried again
    const small = await uploadFile(hub.url, ann.token, { name: 'boat.png', bytes: png(40, 30) })
    const again = await uploadFile(hub.url, ann.token, { name: 'pier2.png', bytes })
    const there = ann.atUrl(hub.url)
    await there.request('messages.send', {
      ...{ chatId: chat.id, cid: randomUUID(), text: '', attachments: [id, small, again] },
    })
    const attachments = await waitFor(async () => {
      const { messages } = await there.request('messages.list', { chatId: chat.id, limit: 1 })
      const files = (messages[0] as Message).attachments
      if (files.some(({ previewPending }) => previewPending)) throw new Error('a preview is owed')
      return files
    })
    expect(attachments.map(({ name, type, width }) => [name, type, width])).toEqual([
      ['pier.png', 'image/png', undefined],
      ['boat.png', 'image/png', 40],
      ['pier2.png', 'image/png', undefined],
    ])
  },
)
