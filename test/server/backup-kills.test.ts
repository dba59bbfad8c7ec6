// A hub that is killed while it backs itself up: whatever counts as a point restores, and the next one is made.
import { randomBytes, randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
// eslint-disable-next-line no-restricted-syntax -- it waits for nothing: the kills are spread over the time of a backup
import { setTimeout } from 'node:timers/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { restore } from '../../server/backup/restore.ts'
import { newDataDir } from '../support/data-dir.ts'
import { spawnHub } from '../support/hub-process.ts'
import { TestUser } from '../support/test-user.ts'
import { uploadFile } from '../support/tus.ts'
import { waitFor } from '../support/wait-for.ts'

/** More in a campaign: HUBBUB_BACKUP_KILLS=200. */
const kills = Number(process.env['HUBBUB_BACKUP_KILLS'] ?? 6)
/** Longer than a backup of this hub takes. */
const maxDelayMs = 700

test(
  'a hub that is killed at any moment of a backup leaves only points that restore',
  { timeout: 60_000 + kills * 10_000 },
  async () => {
    const [dataDir, place] = [newDataDir(), newDataDir()]
    const start = () => spawnHub(dataDir, ['--port', '0', '--backups', place])
    let hub = await start()
    const olga = await TestUser.setUp(hub.url, { code: 'test-code-1', username: 'olga' })
    const chat = await olga.createGroup('Kitchen')
    let sent = 0
    for (let round = 0; round < kills; round += 1) {
      const there = olga.atUrl(hub.url)
      const id = await uploadFile(hub.url, olga.token, { name: 'a.bin', bytes: randomBytes(400_000) })
      await there.request('messages.send', {
        chatId: chat.id,
        cid: randomUUID(),
        text: '',
        attachments: [id],
      })
      sent += 1
      await there.request('admin.backups.make', {})
      await setTimeout(((round + 1) / kills) * maxDelayMs)
      await hub.kill('SIGKILL')
      hub = await start()
    }
    const there = olga.atUrl(hub.url)
    const { points } = await there.request('admin.backups', {})
    const archives = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.hubbub'),
    )
    expect(archives).toHaveLength(points.length)
    for (const archive of archives) await restore(join(place, archive), join(newDataDir(), 'restored'))
    await there.request('admin.backups.make', {})
    const made = await waitFor(async () => {
      const status = await there.request('admin.backups', {})
      if (status.work !== undefined) throw new Error('under way')
      return status
    })
    expect(made).toMatchObject({ places: [{ state: 'good' }] })
    expect(made.points[0]).toMatchObject({ messages: sent, files: sent, lost: 0 })
    const [pool = ''] = readdirSync(place)
    expect(readdirSync(join(place, pool)).filter((name) => name.startsWith('.work'))).toEqual([])
    await hub.kill('SIGTERM')
  },
)
