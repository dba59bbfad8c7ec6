import { mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backupFileName, readBackupInfo, restoreDetail } from '../../main/host/backup-info.ts'
import { backUp } from '../../server/backup/backup.ts'
import { makePoint } from '../../server/backup/point.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
import { uploadFile } from '../support/tus.ts'

test('the question before a restore says which hub it is, of which moment, and what will happen', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  const chat = await olga.createGroup('Kitchen')
  const bytes = Buffer.from('a plan')
  const attachments = [await uploadFile(hub.url, olga.token, { name: 'plan.txt', bytes })]
  for (const more of [{ attachments }, {}])
    await olga.request('messages.send', { chatId: chat.id, cid: crypto.randomUUID(), text: 'one', ...more })
  const file = join(newDataDir(), 'team.hubbub')
  await backUp(hub.dataDir, file)
  const place = newDataDir()
  const now = Date.UTC(2026, 10, 29, 3)
  const task = { dataDir: hub.dataDir, place, writer: 'test', isKnown: false, now, keep: undefined }
  await makePoint(task)
  const [pool = ''] = readdirSync(place)
  const [point = ''] = readdirSync(join(place, pool, 'points')).filter((name) => name.endsWith('.hubbub'))
  const info = { program: hub.hub.version, files: 1, messages: 2, hubName: 'Test team' }
  expect(await readBackupInfo(file)).toMatchObject(info)
  const found = await readBackupInfo(join(place, pool, 'points', point))
  expect(found).toEqual({ ...info, madeAt: now })
  if (!found) throw new Error('no backup')
  const detail = restoreDetail(found)
  expect(detail).toMatch(
    /^“Test team” as it was on Sunday, November 29, 2026 at .*: 2 messages, 1 file, written by Hubbub /,
  )
  expect(detail).toContain('restored into a new folder')
})

test('a file that is no backup, or a part of one, is not taken for one', async () => {
  const dir = newDataDir()
  mkdirSync(join(dir, 'folder'))
  writeFileSync(join(dir, 'noise'), Buffer.alloc(3_000_000, 'manifest'))
  writeFileSync(join(dir, 'short'), 'short')
  for (const name of ['folder', 'noise', 'short', 'absent'])
    expect(await readBackupInfo(join(dir, name))).toBe(undefined)
  const hub = await startTestHub()
  await hub.setUp()
  const file = join(dir, 'cut')
  await backUp(hub.dataDir, file)
  truncateSync(file, 5000)
  expect(await readBackupInfo(file)).toBe(undefined)
})

test('suggests the day of the user’s clock in the name of a backup, and no folder', () => {
  const justAfterMidnight = new Date(2026, 11, 1, 0, 30)
  expect(backupFileName('Yard', justAfterMidnight)).toBe('Yard 2026-12-01.hubbub')
  expect(backupFileName('..North/South', new Date(2026, 0, 9, 23, 59))).toBe('North-South 2026-01-09.hubbub')
})
