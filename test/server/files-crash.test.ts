import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { checkFiles, checkInvariants } from '../../server/backup/verify.ts'
import { fileNameOf } from '../../server/file-storage/store.ts'
import { newDataDir } from '../support/data-dir.ts'
import { spawnHub } from '../support/hub-process.ts'
import { TestUser } from '../support/test-user.ts'
import { createUpload, patchUpload, uploadOffset } from '../support/tus.ts'

/*
 * A hub that is killed during uploads: after a restart it has every byte that it acknowledged, and the finished file
 * equals the one that was sent.
 */

const chunkCount = 6
const chunkBytes = 1024 * 1024

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
      const stands = await uploadOffset(hub.url, ann.token, id)
      expect(stands).toBeGreaterThanOrEqual(acknowledged)
      acknowledged = stands
    }
    const there = ann.atUrl(hub.url)
    const message = { chatId: chat.id, cid: randomUUID(), text: '', attachments: [id] }
    await there.request('messages.send', message)
    const answer = await fetch(`${hub.url}/api/files/${id}`, {
      headers: { authorization: `Bearer ${ann.token}` },
    })
    const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')
    expect(sha256(await answer.bytes())).toBe(sha256(bytes))
    await hub.kill('SIGKILL')
    const raw = new Database(join(dataDir, 'hub.db'), { readonly: true })
    expect(checkInvariants(raw)).toEqual([])
    expect(checkFiles(raw, (digest) => existsSync(join(dataDir, fileNameOf(digest))))).toEqual([])
    raw.close()
    expect(readdirSync(join(dataDir, 'uploads'))).toEqual([])
  },
)
