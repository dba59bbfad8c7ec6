// Backups that the hub makes by itself: points in a pool, pruned, verified, rehearsed, downloaded and restored.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { scheduledAfter, scheduledBefore, isDue } from '../../server/backup/backup-schedule.ts'
import { backupsOf } from '../../server/backup/backups.ts'
import { rehearse } from '../../server/backup/rehearsal.ts'
import { restore } from '../../server/backup/restore.ts'
import { choosePointsToRemove } from '../../server/backup/retention.ts'
import { checkInvariants } from '../../server/db/verify.ts'
import type { BackupStatus } from '../../shared/contract/backups.ts'
import { fileNameOf } from '../../server/file-storage/contents.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { TestUser, password, rawRequest } from '../support/test-user.ts'
import { uploadFile } from '../support/tus.ts'
import { waitFor } from '../support/wait-for.ts'
import { makeWorld, type World } from '../support/world.ts'

const dayMs = 24 * 60 * 60_000
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** A hub with messages and files, and an owner who has just confirmed the password. */
async function makeHub(
  options: Parameters<typeof makeWorld>[0] = {},
): Promise<World & { contents: Buffer[] }> {
  const world = await makeWorld(options)
  const { hub, ann, olga, kitchen } = world
  const contents = [randomBytes(200_000), randomBytes(1000), randomBytes(50_000)]
  for (const bytes of contents) await sendFile(hub, ann, kitchen.id, bytes)
  await ann.sendMessage(kitchen.id, 'Bread for ten')
  await olga.request('sessions.reauthenticate', { current: password })
  return { ...world, contents }
}

async function sendFile(hub: TestHub, user: TestUser, chatId: string, bytes: Buffer): Promise<void> {
  const id = await uploadFile(hub.url, user.token, { name: 'plan.bin', bytes })
  await user.request('messages.send', { chatId, cid: randomUUID(), text: '', attachments: [id] })
}

function linkTo(dir: string): string {
  const link = join(newDataDir(), 'link')
  symlinkSync(dir, link)
  return link
}

/** What this process has open; nothing where the system does not tell. */
function listOpenFiles(): string[] {
  if (!existsSync('/proc/self/fd')) return []
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(join('/proc/self/fd', fd), 'utf8')]
    } catch {
      // the list itself, or closed meanwhile
      return []
    }
  })
}

/** Makes a point in every place, and returns the status afterwards. */
async function make(owner: TestUser, hub: TestHub): Promise<BackupStatus> {
  await owner.request('admin.backups.make', {})
  await backupsOf(hub.hub).idle()
  return owner.request('admin.backups', {})
}

function poolOf(place: string): string {
  const [name = ''] = readdirSync(place).filter((one) => one.startsWith('hubbub-'))
  return join(place, name)
}

function filesOf(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort()
}

/** The archives of a pool by the time they were made, the oldest first. */
function archiveOf(place: string, index = 0): string {
  const points = join(poolOf(place), 'points')
  const summaries = readdirSync(points).filter((name) => name.endsWith('.json'))
  const madeAt = (name: string) =>
    (JSON.parse(readFileSync(join(points, name), 'utf8')) as { madeAt: number }).madeAt
  const [name = ''] = summaries.sort((a, b) => madeAt(a) - madeAt(b)).slice(index)
  return join(points, name.replace('.json', '.hubbub'))
}

async function requireRestorable(
  archive: string,
  messages: number,
  contents: readonly Buffer[],
): Promise<void> {
  const dataDir = join(newDataDir(), 'restored')
  await restore(archive, dataDir)
  const raw = new Database(join(dataDir, 'hub.db'), { readonly: true })
  expect(checkInvariants(raw)).toEqual([])
  expect(raw.prepare('select count(*) from message').pluck().get()).toBe(messages)
  raw.close()
  for (const bytes of contents) expect(readFileSync(join(dataDir, fileNameOf(sha256(bytes))))).toEqual(bytes)
  await (await startTestHub({ dataDir })).close()
}

test('points share their files, each restores the hub of its moment, and a download is one file that restores', async () => {
  const { hub, ann, olga, kitchen, contents } = await makeHub()
  const place = newDataDir()
  await olga.request('admin.backups.update', { places: [place] })
  const first = await make(olga, hub)
  expect(first).toMatchObject({
    places: [{ path: place, state: 'good', at: expect.any(Number) as number }],
    points: [{ path: place, messages: 4, files: 3, lost: 0 }],
  })
  const before = filesOf(join(poolOf(place), 'blobs'))
  expect(before).toEqual(contents.map(sha256).sort())
  const more = randomBytes(5000)
  await sendFile(hub, ann, kitchen.id, more)
  const second = await make(olga, hub)
  expect(second.points.map(({ messages, files }) => [messages, files])).toEqual([
    [5, 4],
    [4, 3],
  ])
  expect(filesOf(join(poolOf(place), 'blobs'))).toEqual([...before, sha256(more)].sort())
  // the key of the hub and every message are in it
  expect(statSync(archiveOf(place)).mode & 0o077).toBe(0)
  await requireRestorable(archiveOf(place, 0), 4, contents)
  await requireRestorable(archiveOf(place, 1), 5, [...contents, more])

  const pointId = second.points[0]?.id ?? ''
  const { path } = await olga.request('admin.backups.download', { pointId })
  const response = await fetch(`${hub.url}${path}`, { headers: { authorization: `Bearer ${olga.token}` } })
  expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="hubbub-\d{8}T\d{6}Z/)
  const downloaded = join(newDataDir(), 'team.hubbub')
  writeFileSync(downloaded, Buffer.from(await response.arrayBuffer()))
  await requireRestorable(downloaded, 5, [...contents, more])
  expect(readdirSync(hub.dataDir).filter((name) => name.startsWith('.download'))).toEqual([])
  const { rows } = await olga.request('admin.audit', {})
  const actions = rows.map(({ action }) => action)
  expect(actions.slice(0, 4)).toEqual([
    'backup.downloaded',
    'backup.made',
    'backup.made',
    'backup.settings-changed',
  ])
})

test('only the owner who has just confirmed the password gets a download or changes the settings', async () => {
  let now = Date.now()
  const { hub, ann, olga } = await makeHub({ clock: () => now })
  const { points } = await make(olga, hub)
  const path = `/api/admin/backups/${points[0]?.id}/archive`
  const get = async (token: string, headers = {}) =>
    (await fetch(`${hub.url}${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } })).status
  expect(await get(ann.token)).toBe(403)
  expect(await get('wrong')).toBe(401)
  expect(
    (
      await fetch(`${hub.url}/api/admin/backups/unknown/archive`, {
        headers: { authorization: `Bearer ${olga.token}` },
      })
    ).status,
  ).toBe(404)
  expect(await get(olga.token)).toBe(200)
  now += 11 * 60_000
  expect(await get(olga.token)).toBe(403)
  for (const [name, input] of [
    ['admin.backups.update', { isOn: false }],
    ['admin.backups.download', { pointId: points[0]?.id }],
  ] as const) {
    const { status, body } = await rawRequest(hub.url, olga.token, name, input)
    expect([status, body], name).toMatchObject([403, { error: { field: 'confirm' } }])
  }
})

test('the status of the hub and the list of backups give the same time, by the clock of the hub', async () => {
  const now = new Date(2026, 10, 20, 12).getTime()
  const { hub, olga } = await makeHub({ clock: () => now })
  const { places } = await make(olga, hub)
  const { backup } = await olga.request('admin.health', {})
  expect([backup.at, places[0]?.at]).toEqual([now, now])
})

test('a file that is cut in the pool, or a damaged archive, is found, said and not restored; the next night mends the file', async () => {
  let now = Date.now()
  const { hub, olga, contents } = await makeHub({ clock: () => now })
  const place = newDataDir()
  await olga.request('admin.backups.update', { places: [place] })
  const { points } = await make(olga, hub)
  const pointId = points[0]?.id ?? ''
  const verify = async () => {
    await olga.request('admin.backups.verify', { pointId })
    await backupsOf(hub.hub).idle()
    return (await olga.request('admin.backups', {})).points.find(({ id }) => id === pointId)?.problem
  }
  expect(await verify()).toBe(undefined)
  const digest = sha256(contents[0] as Buffer)
  const blob = join(poolOf(place), 'blobs', digest.slice(0, 2), digest.slice(2, 4), digest)
  // not the hub’s own file, which may be another name of the same one
  rmSync(blob)
  expect(await verify()).toContain('is missing or damaged')
  await expect(restore(archiveOf(place), join(newDataDir(), 'x'))).rejects.toThrow('is missing or damaged')
  writeFileSync(blob, (contents[0] as Buffer).subarray(1))
  expect(await verify()).toContain('is missing or damaged')
  await expect(restore(archiveOf(place), join(newDataDir(), 'x'))).rejects.toThrow('is missing or damaged')
  now += dayMs
  await make(olga, hub)
  expect(readFileSync(blob)).toEqual(contents[0])
  expect(await verify()).toBe(undefined)
  const archive = archiveOf(place)
  const bytes = readFileSync(archive)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  writeFileSync(archive, bytes)
  expect(await verify()).toContain('truncated or altered')
})

test('a changed file of the same size is found within a week of nights', { timeout: 120_000 }, async () => {
  let now = Date.now()
  const { hub, olga, contents } = await makeHub({ clock: () => now })
  const place = newDataDir()
  await olga.request('admin.backups.update', { places: [place] })
  await make(olga, hub)
  for (const bytes of contents) {
    const digest = sha256(bytes)
    const blob = join(poolOf(place), 'blobs', digest.slice(0, 2), digest.slice(2, 4), digest)
    rmSync(blob)
    writeFileSync(blob, randomBytes(bytes.length))
  }
  for (let night = 0; night < 7; night += 1) {
    now += dayMs
    await make(olga, hub)
  }
  await requireRestorable(archiveOf(place), 4, contents)
})

test('a file that the hub has lost does not end the backups, and Health says it', async () => {
  const { hub, olga, contents } = await makeHub()
  const place = newDataDir()
  await olga.request('admin.backups.update', { places: [place] })
  const [first, second, third] = contents.map((bytes) => join(hub.dataDir, fileNameOf(sha256(bytes))))
  rmSync(first ?? '')
  truncateSync(second ?? '', 10)
  const status = await make(olga, hub)
  expect(status.points).toMatchObject([{ messages: 4, files: 1, lost: 2 }])
  expect((await olga.request('admin.health', {})).backup).toMatchObject({ state: 'attention', lost: 2 })
  await requireRestorable(archiveOf(place), 4, contents.slice(2))
  // a file that the pool has already is not lost with the hub’s own
  rmSync(third ?? '')
  expect((await make(olga, hub)).points[0]).toMatchObject({ files: 1, lost: 2 })
})

test('a place that is away stays away, is tried again, and its points are there when it is back', async () => {
  const { hub, olga } = await makeHub()
  const [usb, second] = [newDataDir(), newDataDir()]
  await olga.request('admin.backups.update', { places: [usb, second] })
  expect((await make(olga, hub)).places.map(({ state }) => state)).toEqual(['good', 'good'])
  renameSync(usb, `${usb}-away`)
  // the system leaves the empty folder that the disk was mounted on
  mkdirSync(usb)
  expect((await make(olga, hub)).places.map(({ state }) => state)).toEqual(['away', 'good'])
  expect(readdirSync(usb)).toEqual([])
  expect((await olga.request('admin.health', {})).backup).toMatchObject({
    state: 'attention',
    places: [{ path: usb, state: 'away' }],
  })
  rmSync(usb, { recursive: true })
  expect((await make(olga, hub)).places[0]).toMatchObject({ state: 'away' })
  renameSync(`${usb}-away`, usb)
  const back = await make(olga, hub)
  expect(back.places.map(({ state }) => state)).toEqual(['good', 'good'])
  expect(back.points.filter(({ path }) => path === usb)).toHaveLength(2)
  expect((await olga.request('admin.health', {})).backup).toMatchObject({ state: 'good', places: [] })
})

test('a folder in the data of the hub is refused on the command line too, and the hub makes nothing in it', async () => {
  const { hub, olga } = await makeHub()
  for (const place of [join(hub.dataDir, 'files'), linkTo(hub.dataDir)]) {
    const again = await hub.restart({ backups: [place] })
    const { places } = await make(olga.atUrl(again.url), again)
    expect(places).toMatchObject([
      { state: 'failed', problem: expect.stringContaining('is in the hub’s data') as string },
    ])
    expect(readdirSync(place).filter((name) => name.startsWith('hubbub-'))).toEqual([])
    await again.close()
  }
})

test('an archive that a user renames or copies keeps its files', async () => {
  const { hub, olga, ann, contents, kitchen } = await makeHub()
  const place = newDataDir()
  await olga.request('admin.backups.update', { places: [place], keep: { days: 1, weeks: 0, months: 0 } })
  await make(olga, hub)
  const kept = archiveOf(place).replace('.hubbub', ' before the upgrade.hubbub')
  renameSync(archiveOf(place), kept)
  await ann.request('chats.delete', { chatId: kitchen.id })
  await hub.hub.store.writer.write(({ db }) => db.deleteFrom('file').execute())
  const { points } = await make(olga, hub)
  expect(points).toMatchObject([{ files: 0 }])
  await requireRestorable(kept, 4, contents)
})

test('a download that its reader leaves ends, closes its files and makes room for the next', async () => {
  const { hub, ann, olga, kitchen } = await makeHub()
  await sendFile(hub, ann, kitchen.id, randomBytes(12_000_000))
  const { points } = await make(olga, hub)
  const url = `${hub.url}/api/admin/backups/${points[0]?.id}/archive`
  const headers = { authorization: `Bearer ${olga.token}` }
  const left: string[] = []
  const onWarning = ({ message }: Error) => void left.push(message)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const openFiles = () => listOpenFiles().filter((file) => /\.download-|\/blobs\//.test(file))
  const { hostname, port, pathname, host } = new URL(url)
  const request = `GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${headers.authorization}\r\n\r\n`
  const hasBegun = () => readdirSync(hub.dataDir).some((name) => name.startsWith('.download-'))
  for (const moment of ['before its first byte', 'within a file'] as const) {
    const socket = connect(Number(port), hostname)
    socket.write(request)
    if (moment === 'within a file') await once(socket, 'readable')
    else await waitFor(() => expect(hasBegun()).toBe(true), { interval: 1 })
    socket.destroy()
    await waitFor(() => {
      expect(hasBegun(), moment).toBe(false)
      expect(openFiles(), moment).toEqual([])
    })
  }
  // a file that is only closed with the memory it was in is one that was forgotten
  expect(left.filter((message) => message.includes('garbage collection'))).toEqual([])
  const whole = await fetch(url, { headers })
  expect((await whole.arrayBuffer()).byteLength).toBeGreaterThan(12_000_000)
})

test('no copy of a backup takes the last room of the hub: a rehearsal and a download say so', async () => {
  let free = 1e12
  const { hub, olga, contents } = await makeHub({ room: () => Promise.resolve({ free, total: 1e12 }) })
  const { points } = await make(olga, hub)
  const archiveBytes = statSync(archiveOf(join(hub.dataDir, 'backups'))).size
  const download = () =>
    fetch(`${hub.url}/api/admin/backups/${points[0]?.id}/archive`, {
      headers: { authorization: `Bearer ${olga.token}` },
    })
  const rehearsed = async () => {
    await olga.request('admin.backups.rehearse', {})
    await backupsOf(hub.hub).idle()
    return (await olga.request('admin.backups', {})).rehearsal
  }
  free = archiveBytes + 64 * 1024 * 1024 - 1
  expect((await download()).status).toBe(507)
  expect(await rehearsed()).toMatchObject({ problem: expect.stringContaining('not enough space') as string })
  free += 1
  const whole = await download()
  expect(whole.status).toBe(200)
  expect((await whole.arrayBuffer()).byteLength).toBeGreaterThan(archiveBytes)
  expect(await rehearsed()).toMatchObject({ messages: 4 })
  // a damaged file is found where it is
  const pool = poolOf(join(hub.dataDir, 'backups'))
  for (const bytes of contents) {
    const blob = join(pool, 'blobs', sha256(bytes).slice(0, 2), sha256(bytes).slice(2, 4), sha256(bytes))
    rmSync(blob)
    writeFileSync(blob, randomBytes(bytes.length))
  }
  expect(await rehearsed()).toMatchObject({ problem: expect.stringContaining('is damaged') as string })
})

test('a summary that others have changed counts for nothing, hides no other point and removes no file', async () => {
  const { hub, olga, contents } = await makeHub()
  const place = newDataDir()
  await olga.request('admin.backups.update', { places: [place], keep: { days: 1, weeks: 0, months: 0 } })
  await make(olga, hub)
  const archive = archiveOf(place)
  const summary = JSON.parse(readFileSync(archive.replace('.hubbub', '.json'), 'utf8')) as object
  const changes = [
    { blobs: [null] },
    { blobs: [{ sha256: 5 }] },
    { blobs: 'none' },
    { madeAt: -9e15 },
    { madeAt: 9e15 },
    { messages: 'many' },
    { bytes: -1 },
    { lost: null },
    { problem: { __proto__: null } },
    { program: undefined },
  ]
  for (const [index, change] of changes.entries()) {
    const file = join(poolOf(place), 'points', `2026010${index}T000000Z`)
    cpSync(archive, `${file}.hubbub`)
    writeFileSync(`${file}.json`, JSON.stringify({ ...summary, ...change }))
  }
  for (const [index, text] of ['', 'null', '[]', '5', '{"__proto__":{"format":1}}'].entries()) {
    const file = join(poolOf(place), 'points', `2026020${index}T000000Z`)
    cpSync(archive, `${file}.hubbub`)
    writeFileSync(`${file}.json`, text)
  }
  expect((await olga.request('admin.backups', {})).points).toHaveLength(1)
  const { points, places } = await make(olga, hub)
  expect([points.length, places]).toMatchObject([2, [{ state: 'good' }]])
  expect(filesOf(join(poolOf(place), 'blobs'))).toEqual(contents.map(sha256).sort())
})

test('the folder in the data directory moves with it, and is the same by another name of it', async () => {
  const { hub, olga } = await makeHub()
  expect((await make(olga, hub)).points).toHaveLength(1)
  await hub.close()
  const moved = join(newDataDir(), 'moved')
  renameSync(hub.dataDir, moved)
  const there = await startTestHub({ dataDir: moved, database: hub.database })
  const status = await make(olga.atUrl(there.url), there)
  expect([status.places, status.points.length]).toMatchObject([
    [{ path: join(moved, 'backups'), state: 'good' }],
    2,
  ])
  const again = await there.restart({ backups: [join(linkTo(moved), 'backups')] })
  expect((await make(olga.atUrl(again.url), again)).places).toMatchObject([{ state: 'good' }])
})

test('two hubs never share a pool unnoticed: a restored copy is refused until its owner takes it over', async () => {
  const { hub, olga } = await makeHub()
  const place = newDataDir()
  await olga.request('admin.backups.update', { places: [place] })
  await make(olga, hub)
  const copyDir = join(newDataDir(), 'copy')
  await restore(archiveOf(place), copyDir)
  const copy = await startTestHub({ dataDir: copyDir })
  const there = olga.atUrl(copy.url)
  await there.request('sessions.reauthenticate', { current: password })
  await expect(there.request('admin.backups.update', { places: [place] })).rejects.toMatchObject({
    error: {
      code: 'invalid',
      field: 'places',
      message: expect.stringContaining('Another copy of this hub') as string,
    },
  })
  expect((await make(olga, hub)).places).toMatchObject([{ state: 'good' }])
  await there.request('admin.backups.update', { places: [place], takeOver: true })
  expect((await make(there, copy)).points).toHaveLength(2)
  // the first one learns it, and writes nothing
  expect((await make(olga, hub)).places).toMatchObject([{ state: 'taken' }])
  expect(readdirSync(join(poolOf(place), 'points'))).toHaveLength(4)
  // another hub has a folder of its own in the same place
  const other = await makeHub()
  await other.olga.request('admin.backups.update', { places: [place] })
  await make(other.olga, other.hub)
  expect(readdirSync(place)).toHaveLength(2)
})

test('a place must be the full path of a folder that is there, outside of the data', async () => {
  const { hub, olga } = await makeHub()
  const file = join(newDataDir(), 'file')
  writeFileSync(file, '')
  for (const place of [
    'backups',
    '/nowhere/at/all',
    file,
    join(hub.dataDir, 'files'),
    hub.dataDir,
    linkTo(hub.dataDir),
    linkTo(join(hub.dataDir, 'files')),
    join(linkTo(hub.dataDir), 'files'),
    '/proc/x',
    '/proc/self/fd',
    '/dev/null',
  ]) {
    const { status, body } = await rawRequest(hub.url, olga.token, 'admin.backups.update', {
      places: [place],
    })
    expect([status, body], place).toMatchObject([400, { error: { code: 'invalid', field: 'places' } }])
  }
  for (const input of [
    { time: '25:00' },
    { keep: { days: 0, weeks: 1, months: 1 } },
    { places: ['/a', '/b', '/c', '/d', '/e'] },
  ])
    expect(
      (await rawRequest(hub.url, olga.token, 'admin.backups.update', input)).status,
    ).toBeGreaterThanOrEqual(400)
})

test(
  'the schedule makes a point each night, also after a day off, and prunes only by what it has',
  { timeout: 120_000 },
  async () => {
    let now = new Date(2026, 10, 29, 12).getTime()
    let aheadMs = 0
    const { hub, olga } = await makeHub({ clock: () => now + aheadMs, steady: () => now })
    const place = newDataDir()
    await olga.request('admin.backups.update', { places: [place], keep: { days: 3, weeks: 2, months: 2 } })
    const check = async () => {
      backupsOf(hub.hub).check()
      await backupsOf(hub.hub).idle()
      return (await olga.request('admin.backups', {})).points.length
    }
    expect(await check()).toBe(0)
    now += 11 * 60_000
    // never made: at once
    expect(await check()).toBe(1)
    expect(await check()).toBe(1)
    // the weekly rehearsal follows the first point
    expect((await olga.request('admin.backups', {})).rehearsal).toMatchObject({ messages: 4 })
    now = new Date(2026, 10, 30, 2, 59).getTime()
    expect(await check()).toBe(1)
    now = new Date(2026, 10, 30, 3, 0).getTime()
    expect(await check()).toBe(2)
    for (let night = 1; night <= 6; night += 1) {
      now = new Date(2026, 10, 30 + night, 3, 1).getTime()
      await check()
      await check()
    }
    const { points } = await olga.request('admin.backups', {})
    // three days, and the newest of the week and month before
    expect(points.map(({ madeAt }) => new Date(madeAt).getDate())).toEqual([6, 5, 4, 30, 29])
    // a clock a year ahead makes its point and removes none
    aheadMs = 365 * dayMs
    backupsOf(hub.hub).check()
    await backupsOf(hub.hub).idle()
    const ahead = (await backupsOf(hub.hub).status()).points
    expect(ahead).toHaveLength(6)
    expect(ahead.slice(1)).toEqual(points)
  },
)

test('a clock that was a year ahead at the start does not put off the backups', async () => {
  const clock = { wall: new Date(2026, 10, 29, 12).getTime(), steady: 5_000 }
  const { hub, olga } = await makeHub({ clock: () => clock.wall, steady: () => clock.steady })
  clock.wall += 365 * dayMs
  const again = await hub.restart()
  clock.wall += 11 * 60_000 - 365 * dayMs
  clock.steady += 11 * 60_000
  backupsOf(again.hub).check()
  await backupsOf(again.hub).idle()
  expect((await olga.atUrl(again.url).request('admin.backups', {})).points).toHaveLength(1)
})

test('points are pruned by days, weeks and months that have points; never on account of a clock or a damaged newest one', () => {
  const at = (day: number) => day * dayMs + 3 * 60 * 60_000
  const points = (days: number[], problem: Record<number, string> = {}) =>
    days.map((day) => ({
      name: String(day),
      madeAt: at(day),
      ...(problem[day] ? { problem: problem[day] } : {}),
    }))
  const keep = { days: 2, weeks: 1, months: 1 }
  const gone = (days: number[], now: number, problem = {}) =>
    choosePointsToRemove(points(days, problem), keep, at(now)).map(({ name }) => Number(name))
  expect(gone([20_004, 20_003, 20_002, 20_001], 20_004)).toEqual([20_002, 20_001])
  // a gap of years changes nothing
  expect(gone([20_004, 20_003, 20_002], 29_000)).toEqual([20_002])
  // a point of the future counts for nothing and stays
  expect(gone([29_000, 20_004, 20_003, 20_002], 20_004)).toEqual([20_002])
  expect(gone([29_000, 28_000, 27_000], 20_004)).toEqual([])
  expect(gone([20_004, 20_003, 20_002], 20_004, { 20_004: 'damaged' })).toEqual([])
  // a damaged one takes no place of a sound one, and stays while an older one does
  expect(gone([20_004, 20_003, 20_002, 20_001], 20_004, { 20_003: 'damaged' })).toEqual([20_001])
  // two always stay
  expect(
    choosePointsToRemove(points([20_004, 20_003]), { days: 1, weeks: 0, months: 0 }, at(20_004)),
  ).toEqual([])
})

test('a backup is due at its time of the day, and again soon where it failed', () => {
  const at = (day: number, hours: number, minutes = 0) => new Date(2026, 10, day, hours, minutes).getTime()
  expect(scheduledBefore(at(29, 2), '03:00')).toBe(at(28, 3))
  expect(scheduledBefore(at(29, 3), '03:00')).toBe(at(29, 3))
  expect(scheduledAfter(at(29, 3), '03:00')).toBe(at(30, 3))
  const place = { path: '/x', isKnown: true }
  expect(isDue(place, at(29, 12), '03:00')).toBe(true)
  expect(isDue({ ...place, at: at(29, 3) }, at(29, 12), '03:00')).toBe(false)
  expect(isDue({ ...place, at: at(28, 12) }, at(29, 2), '03:00')).toBe(false)
  expect(isDue({ ...place, at: at(28, 12), triedAt: at(29, 12) }, at(29, 12, 5), '03:00')).toBe(false)
  expect(isDue({ ...place, at: at(28, 12), triedAt: at(29, 12) }, at(29, 12, 11), '03:00')).toBe(true)
  // recorded by a clock that was ahead
  expect(
    isDue({ ...place, at: at(29, 3) + 365 * dayMs, triedAt: at(29, 3) + 365 * dayMs }, at(29, 12), '03:00'),
  ).toBe(true)
})

test('a killed backup leaves no point that counts, and the next one cleans up', async () => {
  const { hub, olga, contents } = await makeHub()
  const place = newDataDir()
  await olga.request('admin.backups.update', { places: [place] })
  await make(olga, hub)
  const pool = poolOf(place)
  const [name = ''] = readdirSync(join(pool, 'points')).filter((one) => one.endsWith('.json'))
  // as at each step of a kill: work, a summary without its archive, a file without a point, a file under its first name
  mkdirSync(join(pool, '.work-1'))
  writeFileSync(join(pool, '.work-1', 'point.tar'), 'half')
  cpSync(join(pool, 'points', name), join(pool, 'points', '20260101T000000Z.json'))
  const stray = randomBytes(500)
  const folder = join(pool, 'blobs', sha256(stray).slice(0, 2), sha256(stray).slice(2, 4))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, sha256(stray)), stray)
  writeFileSync(join(folder, `${sha256(stray)}.new`), 'half')
  expect((await olga.request('admin.backups', {})).points).toHaveLength(1)
  expect((await make(olga, hub)).points).toHaveLength(2)
  expect(filesOf(join(pool, 'blobs'))).toEqual(contents.map(sha256).sort())
  expect(existsSync(join(pool, '.work-1'))).toBe(false)
  // an archive without its summary may have files that no other point has: then nothing is removed
  rmSync(join(pool, 'points', name))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, sha256(stray)), stray)
  await make(olga, hub)
  expect(filesOf(join(pool, 'blobs'))).toContain(sha256(stray))
})

test('a hub that ends during a backup ends at once, and the next start makes it', async () => {
  const { hub, olga } = await makeHub()
  const place = newDataDir()
  await olga.request('admin.backups.update', { places: [place] })
  await olga.request('admin.backups.make', {})
  const again = await hub.restart()
  const there = olga.atUrl(again.url)
  const before = (await there.request('admin.backups', {})).points.length
  expect((await make(there, again)).points).toHaveLength(before + 1)
  expect(readdirSync(poolOf(place)).filter((name) => name.startsWith('.work'))).toEqual([])
})

test(
  'a rehearsal starts a real hub on the newest point, in a process or a thread, and says what is wrong',
  { timeout: 120_000 },
  async () => {
    const { hub, olga } = await makeHub()
    const place = newDataDir()
    await olga.request('admin.backups.update', { places: [place] })
    await make(olga, hub)
    await olga.request('admin.backups.rehearse', {})
    await backupsOf(hub.hub).idle()
    const { rehearsal } = await olga.request('admin.backups', {})
    expect(rehearsal).toEqual({
      at: expect.any(Number) as number,
      messages: 4,
      ms: expect.any(Number) as number,
    })
    const never = new AbortController().signal
    const task = { archive: archiveOf(place), messages: 4, dataDir: newDataDir() }
    expect(await rehearse(task, never, 'thread')).toMatchObject({ messages: 4 })
    expect(await rehearse({ ...task, messages: 5 }, never)).toEqual({ problem: '1 messages are missing.' })
    expect(readdirSync(task.dataDir)).toEqual([])
    truncateSync(task.archive, 5000)
    expect(await rehearse(task, never)).toMatchObject({
      problem: expect.stringContaining('truncated') as string,
    })
    const ended = new AbortController()
    const rehearsing = rehearse(task, ended.signal)
    ended.abort()
    expect(await rehearsing).toHaveProperty('problem')
  },
)

test('a declined request leaves nothing that a backup refuses', async () => {
  const { hub, olga } = await makeHub()
  await olga.request('admin.settings.update', { registration: 'approval' })
  const pending = await TestUser.register(hub.url, { username: 'pen', password })
  await olga.request('admin.requests.decline', { userId: pending.id })
  expect((await make(olga, hub)).places).toMatchObject([{ state: 'good' }])
})

test('folders of the command line replace those of the page, and none turns backups off', async () => {
  const place = newDataDir()
  const { hub, olga } = await makeHub({ backups: [place] })
  expect(await olga.request('admin.backups', {})).toMatchObject({
    isOn: true,
    isFixed: true,
    places: [{ path: place, state: 'never' }],
  })
  expect((await make(olga, hub)).points).toHaveLength(1)
  await expect(olga.request('admin.backups.update', { places: [newDataDir()] })).rejects.toMatchObject({
    code: 'conflict',
  })
  await olga.request('admin.backups.update', { time: '05:00' })
  const off = await hub.restart({ backups: 'none' })
  expect(await olga.atUrl(off.url).request('admin.backups', {})).toMatchObject({
    isOn: false,
    time: '05:00',
    places: [],
  })
  expect((await olga.atUrl(off.url).request('admin.health', {})).backup).toMatchObject({ isScheduled: false })
})

test.skipIf(process.getuid?.() === 0)('a folder that cannot be written is said', async () => {
  const { hub, olga } = await makeHub()
  const place = newDataDir()
  await olga.request('admin.backups.update', { places: [place] })
  chmodSync(join(poolOf(place), 'points'), 0o500)
  const status = await make(olga, hub)
  expect(status.places).toMatchObject([
    { state: 'failed', problem: expect.stringContaining('EACCES') as string },
  ])
  chmodSync(join(poolOf(place), 'points'), 0o700)
})

test('says until when everything is on another disk, where there is a backup on one', async () => {
  const { hub, olga } = await makeHub()
  // a disk of its own, where the system has one
  const parent = existsSync('/dev/shm') ? '/dev/shm' : newDataDir()
  const elsewhere = mkdtempSync(join(parent, 'hubbub-test-'))
  onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }))
  const isOther = statSync(elsewhere).dev !== statSync(hub.dataDir).dev
  const told = async (owner = olga): Promise<(number | undefined)[]> => [
    (await owner.request('admin.health', {})).backup.elsewhereAt,
    (await owner.request('continuity.status', {})).backupAt,
  ]
  const sameDisk = newDataDir()
  await olga.request('admin.backups.update', { places: [sameDisk] })
  expect((await make(olga, hub)).places).toMatchObject([{ isSameDisk: true, state: 'good' }])
  expect(await told()).toEqual([undefined, undefined])
  await olga.request('admin.backups.update', { places: [sameDisk, elsewhere] })
  const { places } = await make(olga, hub)
  expect(places[1]).toMatchObject({ isSameDisk: !isOther, state: 'good' })
  const at = isOther ? places[1]?.at : undefined
  expect(await told()).toEqual([at, at])
  // it is remembered
  const { url } = await hub.restart()
  expect(await told(olga.atUrl(url))).toEqual([at, at])
})
