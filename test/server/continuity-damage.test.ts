import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { Copies } from '../../server/continuity/copy.ts'
import { listSetAside } from '../../server/continuity/diverged.ts'
import { openWriter } from '../../server/db/sqlite/connection.ts'
import { databaseFile } from '../../server/db/sqlite/store.ts'
import { askRunning } from '../../server/standby/control.ts'
import { StandbyData } from '../../server/standby/standby-data.ts'
import { inStep, startComputer, startPair, urlOf } from '../support/computers.ts'
import { newDataDir } from '../support/data-dir.ts'
import { waitFor } from '../support/wait-for.ts'

/* What a standby does with a database that it cannot read. */

/** Overwrites the first page of a table. */
function damageTable(file: string, table: string): void {
  const { raw } = openWriter(file)
  const root = raw.prepare('select rootpage from sqlite_schema where name = ?').pluck().get(table) as number
  const size = raw.pragma('page_size', { simple: true }) as number
  raw.close()
  const bytes = readFileSync(file)
  bytes.fill(0xff, (root - 1) * size, root * size)
  writeFileSync(file, bytes)
}

test.for([
  ['the whole file', (file: string): void => writeFileSync(file, 'no database '.repeat(1_000))],
  ['a page that is read at the start', (file: string): void => damageTable(file, 'position')],
  ['a page that is written later', (file: string): void => damageTable(file, 'message')],
] as const)('a standby copies the hub again if this is damaged: %s', async ([, damage]) => {
  const { standby, dirs, owner } = await startPair()
  const chat = await owner.createGroup('Team', [])
  await standby.close()
  damage(databaseFile(dirs.standby))

  const again = await startComputer({ dataDir: dirs.standby })
  await owner.sendMessage(chat.id, 'later', randomUUID())
  await inStep(owner)
  // it has never been the hub: nothing of it is anywhere else
  expect(listSetAside(dirs.standby)).toEqual([])
  await owner.request('continuity.handover', {}).catch(() => undefined)
  await waitFor(() => expect(again.hub).toBeDefined())
  const there = owner.atUrl(urlOf(again))
  const { messages } = await there.request('messages.list', { chatId: chat.id, after: 0, limit: 10 })
  expect(messages.map((message) => 'text' in message && message.text)).toContain('later')
})

test('a standby without room for a copy says so, with the figures, until there is room', async () => {
  const { standby, dirs, owner } = await startPair()
  await standby.close()
  writeFileSync(databaseFile(dirs.standby), 'no database '.repeat(1_000))
  let free = 5 * 1024 * 1024
  const again = await startComputer({ dataDir: dirs.standby, room: async () => ({ free, total: 10 * free }) })
  await waitFor(async () => {
    const { computers } = await owner.request('continuity.status', {})
    expect(computers[0]?.problem).toContain('This computer has 5 MB of free space, and the copy needs')
  })
  expect(again.standby?.status.problem).toContain('5 MB')
  free = 1024 ** 3
  await inStep(owner)
  await waitFor(async () => {
    expect((await owner.request('continuity.status', {})).computers[0]?.problem).toBeUndefined()
  })
})

test('a copy that cannot be made leaves no part of it on the disk', async () => {
  const { dirs } = await startPair()
  const dataDir = newDataDir()
  const copied = openWriter(databaseFile(dirs.hub))
  copied.raw.prepare('vacuum into ?').run(databaseFile(dataDir))
  copied.raw.close()
  const { raw } = openWriter(databaseFile(dataDir))
  raw.exec('update position set chain = null')
  raw.close()
  const copies = new Copies(dataDir)
  await expect(copies.get(() => true)).rejects.toThrow('the log is off')
  expect(existsSync(path.join(dataDir, 'continuity', 'outgoing'))).toBe(false)
  await copies.close()
})

test('a standby asks less and less often for a copy that fails', async () => {
  const data = new StandbyData({
    dataDir: newDataDir(),
    log: pino({ level: 'silent' }),
    term: () => undefined,
    onDurable: () => undefined,
    onDiverged: () => undefined,
    onMovedAside: () => undefined,
    onCopied: () => undefined,
    onFailed: () => undefined,
  })
  const waits = [data.redialMs]
  for (let i = 0; i < 10; i += 1) {
    await data.copy(true)
    waits.push(data.redialMs)
  }
  expect(waits.slice(0, 3)).toEqual([500, 1_000, 2_000])
  expect(waits.at(-1)).toBe(30_000)
})

test('a hub serves where the socket for commands cannot be made', async () => {
  const dataDir = newDataDir()
  mkdirSync(path.join(dataDir, 'control', 'in the way'), { recursive: true })
  const computer = await startComputer({ dataDir })
  expect((await fetch(`${urlOf(computer)}/api/meta`)).status).toBe(200)
})

test('a command for a computer that does not run says so', async () => {
  await expect(askRunning(newDataDir(), { command: 'status' })).rejects.toThrow(
    'No hub, standby or third computer runs on',
  )
})
