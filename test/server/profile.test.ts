import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { type BinaryContent, limits } from '../../shared/contract/values.ts'
import type { FromHub } from '../../shared/contract/live.ts'
import { restore } from '../../server/backup/restore.ts'
import { newDataDir } from '../support/data-dir.ts'
import { rawRequest, type RequestError } from '../support/test-user.ts'
import { chunk, jpegHeader, png, webpHeader } from '../support/images.ts'
import { makeWorld, type World } from '../support/world.ts'

const rejectionOf = (promise: Promise<unknown>): Promise<RequestError> =>
  promise.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error as RequestError,
  )

const requestAvatar = (world: World, userId: string, avatarId: string, token = world.bo.token) =>
  rawRequest(world.hub.url, token, 'users.avatar', { userId, avatarId })

function storedFiles(dataDir: string): string[] {
  const dir = join(dataDir, 'files')
  if (!existsSync(dir)) return []
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

test('a new display name and bio reach every user live, and a repeat publishes nothing', async () => {
  const { ann, eve } = await makeWorld()
  const eveLive = await eve.connect()
  const bio = '  Bakes bread.\r\n\r\n\r\n\r\nIn at 9. 🍞  '
  const { user } = await ann.request('me.update', { displayName: '  Ann   of Straße ', bio })
  expect(user).toMatchObject({ displayName: 'Ann of Straße', bio: 'Bakes bread.\n\nIn at 9. 🍞' })
  expect(await eveLive.nextEntry('user.updated')).toMatchObject({ stream: 'hub', by: ann.id, user })
  expect((await eve.request('users.get', { userId: ann.id })).user).toEqual(user)
  expect((await eve.request('users.list', { query: 'STRASSE' })).users).toEqual([user])

  const from = eveLive.received.length
  await ann.request('me.update', { displayName: 'Ann of Straße', bio })
  await ann.request('me.update', {})
  const { user: without } = await ann.request('me.update', { bio: ' \u200b\n ' })
  expect(without.bio).toBeUndefined()
  expect(await eveLive.nextEntry('user.updated', from)).toMatchObject({ user: without })
  expect(eveLive.entries.filter(({ type }) => type === 'user.updated')).toHaveLength(2)
})

test('an invalid profile field is reported by name and changes nothing', async () => {
  const { ann } = await makeWorld()
  const cases: [Record<string, unknown>, string, string][] = [
    [{ displayName: ' ' }, 'invalid', 'displayName'],
    [{ displayName: 'Ann\nBo' }, 'ok', ''],
    [{ displayName: 'Ann\u202Eon' }, 'invalid', 'displayName'],
    [{ displayName: 'x'.repeat(65) }, 'too_large', 'displayName'],
    [{ displayName: null }, 'invalid', 'displayName'],
    [{ bio: '🍞'.repeat(501) }, 'too_large', 'bio'],
    [{ bio: '🍞'.repeat(500) }, 'ok', ''],
    [{ bio: 'x'.repeat(2001) }, 'too_large', 'bio'],
    [{ bio: 'a\u0007b' }, 'invalid', 'bio'],
    [{ bio: 'a\u2067b' }, 'invalid', 'bio'],
    [{ bio: 'a\ud800b' }, 'invalid', 'bio'],
    [{ role: 'owner' }, 'invalid', 'role'],
    [{ settings: { theme: 'dark' } }, 'invalid', 'theme'],
    [{ settings: { hideLastSeen: 'yes' } }, 'invalid', 'settings'],
    [{ settings: { hideLastSeen: null } }, 'invalid', 'settings'],
    [{ displayName: 'Nobody', bio: 'a\u0000b' }, 'invalid', 'bio'],
  ]
  const live = await ann.connect()
  for (const [input, code, field] of cases) {
    const error = await live.requestAny('me.update', input).then(
      () => ({ code: 'ok' }),
      (rejected: unknown) => (rejected as RequestError).error,
    )
    expect(error, JSON.stringify(input)).toMatchObject(code === 'ok' ? { code } : { code, field })
  }
  const { user } = await ann.request('me.get', {})
  expect(user).toMatchObject({ displayName: 'Ann Bo', bio: '🍞'.repeat(500), role: 'member' })
})

test('a settings change reaches my other windows only', async () => {
  const { ann, bo } = await makeWorld()
  const [mine, other, boLive] = await Promise.all([ann.connect(), ann.connect(), bo.connect()])
  const changed = await mine.request('me.update', { settings: { hideLastSeen: true } })
  expect(changed.settings).toEqual({ hideLastSeen: true })
  expect(await other.nextEntry('settings.updated')).toMatchObject({
    stream: `user:${ann.id}`,
    changes: { hideLastSeen: true },
  })
  expect((await ann.request('me.get', {})).settings).toEqual({ hideLastSeen: true })
  expect((await ann.connect()).state?.me.settings).toEqual({ hideLastSeen: true })
  const { entries } = await ann.request('streams.read', { stream: `user:${ann.id}` })
  expect(entries.at(-1)).toMatchObject({ type: 'settings.updated', changes: { hideLastSeen: true } })
  await mine.request('me.update', { settings: { hideLastSeen: true } })
  await other.settle()
  expect(other.entries.filter(({ type }) => type === 'settings.updated')).toHaveLength(1)
  await boLive.settle()
  expect(boLive.entries).toEqual([])
})

test('an avatar is served at its own address to every user with a session', async () => {
  const world = await makeWorld()
  const { ann, bo, hub } = world
  const boLive = await bo.connect()
  const bytes = png(64, 64)
  const { user } = await ann.request('me.avatar', { bytes })
  expect(user.avatar).toMatch(/^[\w-]{22}$/)
  expect(await boLive.nextEntry('user.updated')).toMatchObject({ user: { id: ann.id, avatar: user.avatar } })

  const { status, body, headers } = await requestAvatar(world, ann.id, user.avatar ?? '')
  expect({ status, body }).toMatchObject({ status: 200, body: { type: 'image/webp' } })
  expect(await sharp((body as BinaryContent).bytes).metadata()).toMatchObject({ width: 256, height: 256 })
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'private, max-age=31536000, immutable',
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  })
  const address = `${hub.url}/api/users/${ann.id}/avatar/${user.avatar ?? ''}`
  expect((await fetch(address)).status).toBe(401)
  // the picture of another user, and an id that does not exist
  expect((await requestAvatar(world, bo.id, user.avatar ?? '')).status).toBe(404)
  expect((await requestAvatar(world, ann.id, 'x')).status).toBe(404)

  const again = await ann.request('me.avatar', { bytes })
  expect(again.user.avatar).toBe(user.avatar)
  const other = await ann.request('me.avatar', { bytes: png(64, 64, [1, 2, 3]) })
  expect(other.user.avatar).not.toBe(user.avatar)
  expect((await requestAvatar(world, ann.id, user.avatar ?? '')).status).toBe(404)

  const { user: bare } = await boLive.request('me.avatar.remove', {})
  expect(bare.avatar).toBeUndefined()
  const annLive = await ann.connect()
  expect((await annLive.request('me.avatar.remove', {})).user.avatar).toBeUndefined()
  await annLive.request('me.avatar.remove', {})
  expect((await requestAvatar(world, ann.id, other.user.avatar ?? '')).status).toBe(404)
  await boLive.settle()
  expect(boLive.entries.filter(({ type }) => type === 'user.updated')).toHaveLength(3)
  // the response does not reveal the file name on disk
  for (const file of storedFiles(hub.dataDir)) {
    expect(JSON.stringify([boLive.received, annLive.received])).not.toContain(file.slice(-64))
  }
})

test('only still PNG, JPEG and WebP images within the limits are accepted, judged by their bytes', async () => {
  const { ann, hub } = await makeWorld({ loadTest: true })
  const side = limits.picture.side
  const moving = Buffer.concat([
    png(8, 8).subarray(0, 33),
    chunk('acTL', Buffer.alloc(8)),
    png(8, 8).subarray(33),
  ])
  const heavy = Buffer.concat([png(8, 8), Buffer.alloc(limits.picture.bytes)])
  const small = sharp(png(30, 20))
  const taken = [png(1, 1), png(side, 1), await small.jpeg().toBuffer(), await small.webp().toBuffer()]
  const rejected: [Buffer, string][] = [
    [Buffer.alloc(0), 'invalid'],
    [Buffer.from('GIF89a\x01\x00\x01\x00', 'latin1'), 'invalid'],
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'), 'invalid'],
    [Buffer.from('<!doctype html><script>alert(1)</script>'), 'invalid'],
    [png(8, 8).subarray(0, 20), 'invalid'],
    [jpegHeader(8, 8).subarray(0, 12), 'invalid'],
    [webpHeader(8, 8).subarray(0, 25), 'invalid'],
    [Buffer.from([0xff, 0xd8, 0xff, 0xd9]), 'invalid'],
    [png(0, 8), 'invalid'],
    [moving, 'invalid'],
    [webpHeader(8, 8, true), 'invalid'],
    // the header is valid, but no image data follows
    [jpegHeader(side, side), 'invalid'],
    [webpHeader(256, 256), 'invalid'],
    [png(64, 64).subarray(0, 60), 'invalid'],
    [png(side + 1, 1), 'too_large'],
    [jpegHeader(8, side + 1), 'too_large'],
    [webpHeader(side + 1, 8), 'too_large'],
    [heavy, 'too_large'],
  ]
  for (const bytes of taken) expect((await ann.request('me.avatar', { bytes })).user.avatar).toBeDefined()
  const before = (await ann.request('me.get', {})).user.avatar
  for (const [i, [bytes, code]] of rejected.entries()) {
    const { error } = await rejectionOf(ann.request('me.avatar', { bytes }))
    expect(error, `picture ${i}`).toMatchObject({ code })
    expect(error.message).toMatch(/\.$/)
  }
  expect((await ann.request('me.get', {})).user.avatar).toBe(before)

  const headers = { authorization: `Bearer ${ann.token}` }
  const put = (type: string, body: BodyInit) =>
    fetch(`${hub.url}/api/me/avatar`, { method: 'PUT', headers: { ...headers, 'content-type': type }, body })
  // the declared content type is ignored
  expect((await put('image/gif', new Uint8Array(png(2, 2)))).status).toBe(200)
  expect((await put('application/json', '{"bytes":"abc"}')).status).toBe(400)
  expect((await put('text/html', '<p>')).status).toBe(400)
  const misplaced = await fetch(`${hub.url}/api/me`, {
    method: 'PATCH',
    headers: { ...headers, 'content-type': 'image/png' },
    body: new Uint8Array(png(2, 2)),
  })
  expect(misplaced.status).toBe(400)
  const live = await ann.connect()
  expect((await rejectionOf(live.requestAny('me.avatar', { bytes: 'abc' }))).code).toBe('forbidden')
})

test('a stored avatar is upright and square and has no metadata', async () => {
  const world = await makeWorld()
  const { ann } = world
  const secret = 'taken at home by ann'
  // red above blue, with an orientation tag that says it is rotated
  const photo = await sharp({ create: { width: 90, height: 60, channels: 3, background: 'red' } })
    .composite([
      { input: { create: { width: 90, height: 30, channels: 3, background: 'blue' } }, gravity: 'south' },
    ])
    .withExif({ IFD0: { Copyright: secret, Make: secret }, IFD3: { GPSLatitude: '52/1 0/1 0/1' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer()
  expect(photo.includes(secret)).toBe(true)
  const bytes = Buffer.concat([photo, Buffer.from('<script>alert(1)</script>')])
  const { user } = await ann.request('me.avatar', { bytes })
  const { bytes: shown } = (await requestAvatar(world, ann.id, user.avatar ?? '')).body as BinaryContent
  expect(Buffer.from(shown).includes(secret)).toBe(false)
  expect(Buffer.from(shown).includes('script')).toBe(false)
  const { exif, orientation, width, height } = await sharp(shown).metadata()
  expect({ exif, orientation, width, height }).toEqual({ width: 256, height: 256 })
  const { data } = await sharp(shown).raw().toBuffer({ resolveWithObject: true })
  const at = (x: number, y: number) => [...data.subarray((y * 256 + x) * 3, (y * 256 + x) * 3 + 3)]
  // rotated clockwise: the top is now at the right
  expect(at(20, 128)[2]).toBeGreaterThan(200)
  expect(at(236, 128)[0]).toBeGreaterThan(200)
})

test('a user who changes their avatar too often is rate limited', async () => {
  const { ann } = await makeWorld()
  for (let i = 0; i < 40; i += 1) await ann.request('me.avatar', { bytes: png(2, 2, [i, 0, 0]) })
  const { error } = await rejectionOf(ann.request('me.avatar', { bytes: png(2, 2, [99, 0, 0]) }))
  expect(error).toMatchObject({ code: 'rate_limited' })
})

test('equal avatars share one file that only the hub can read, and unused files are removed', async () => {
  const world = await makeWorld()
  const { ann, bo, hub } = world
  const shared = png(16, 16)
  const { user } = await ann.request('me.avatar', { bytes: shared })
  await bo.request('me.avatar', { bytes: shared })
  const [stored] = storedFiles(hub.dataDir)
  expect(storedFiles(hub.dataDir)).toHaveLength(1)
  expect(stored).toMatch(/files[/\\]([0-9a-f]{2})[/\\]([0-9a-f]{2})[/\\]\1\2[0-9a-f]{60}$/)
  if (process.platform !== 'win32') expect(statSync(stored ?? '').mode & 0o777).toBe(0o600)
  await bo.request('me.avatar', { bytes: png(17, 17, [1, 2, 3]) })
  await bo.request('me.avatar.remove', {})
  await hub.hub.jobs.run('files.remove')
  expect(storedFiles(hub.dataDir)).toEqual([stored])
  writeFileSync(`${stored ?? ''}.0123456789ab.new`, 'half a file')

  const again = await hub.restart()
  expect(storedFiles(hub.dataDir)).toEqual([stored])
  const there = await requestAvatar({ ...world, hub: again }, ann.id, user.avatar ?? '')
  expect((there.body as BinaryContent).bytes).toEqual(readFileSync(stored ?? ''))
})

test('a backup has the avatars, and fails if one is missing', async () => {
  const world = await makeWorld()
  const { ann, hub } = world
  const bytes = png(16, 16)
  const { user } = await ann.request('me.avatar', { bytes })
  const file = join(newDataDir(), 'backup.tar')
  await hub.backUp(file)
  const [stored] = storedFiles(hub.dataDir)
  const saved = readFileSync(stored ?? '')
  rmSync(stored ?? '')
  const failing = hub.backUp(join(newDataDir(), 'other.tar'))
  await expect(failing).rejects.toThrow(`the file ${stored?.slice(-64) ?? ''} is missing`)
  await hub.close()
  const dataDir = join(newDataDir(), 'restored')
  await restore(file, dataDir)
  const restored = await hub.restart({ dataDir })
  const there = await requestAvatar({ ...world, hub: restored }, ann.id, user.avatar ?? '')
  expect((there.body as BinaryContent).bytes).toEqual(saved)
})

test('a user who hides their last-seen time shows it to no one and sees no one else’s', async () => {
  const { ann, bo, eve, hub } = await makeWorld()
  for (const one of [ann, bo, eve]) await (await one.connect()).close()
  const restarted = await hub.restart()
  const [anna, bob, eva] = [ann.atUrl(restarted.url), bo.atUrl(restarted.url), eve.atUrl(restarted.url)]
  const see = async (viewer: typeof ann, userId: string) =>
    (await viewer.request('users.get', { userId })).lastSeen
  expect(await see(bob, ann.id)).toBeGreaterThan(0)
  const bobLive = await bob.connect()
  await anna.request('me.update', { settings: { hideLastSeen: true } })
  // what others have already received is withdrawn
  const published = await bobLive.next((message) => message.t === 'presence' && message.user === ann.id)
  expect(published).toEqual({ t: 'presence', user: ann.id, state: 'offline' })
  expect(await see(bob, ann.id)).toBeUndefined()
  expect(await see(anna, eve.id)).toBeUndefined()
  expect(await see(anna, ann.id)).toBeGreaterThan(0)
  expect(await see(bob, eve.id)).toBeGreaterThan(0)

  const later = await restarted.restart()
  expect(await see(bob.atUrl(later.url), ann.id)).toBeUndefined()
  expect(await see(anna.atUrl(later.url), eve.id)).toBeUndefined()
  await anna.atUrl(later.url).request('me.update', { settings: { hideLastSeen: false } })
  expect(await see(bob.atUrl(later.url), ann.id)).toBeGreaterThan(0)
  expect(await see(anna.atUrl(later.url), eva.id)).toBeGreaterThan(0)
})

test('presence frames hide a hidden last-seen time too', async () => {
  const { hub, ann, bo, eve } = await makeWorld()
  const mia = await hub.registerUser('mia')
  for (const one of [bo, mia]) await one.request('me.update', { settings: { hideLastSeen: true } })
  const [annLive, boLive, eveLive, mias] = await Promise.all([ann, bo, eve, mia].map((one) => one.connect()))
  if (!annLive || !boLive || !eveLive || !mias) throw new Error('a user is missing')
  const published = (userId: string, state: string) => (message: FromHub) =>
    message.t === 'presence' && message.user === userId && message.state === state
  for (const viewer of [eveLive, mias])
    for (const one of [ann, bo]) await viewer.next(published(one.id, 'active'))
  annLive.terminate()
  boLive.terminate()
  const offline = async (viewer: typeof eveLive) =>
    Promise.all([ann, bo].map((one) => viewer.next(published(one.id, 'offline'))))
  const plain = { t: 'presence', state: 'offline' }
  expect(await offline(eveLive)).toEqual([
    { ...plain, user: ann.id, lastSeen: expect.any(Number) as number },
    { ...plain, user: bo.id },
  ])
  expect(await offline(mias)).toEqual([
    { ...plain, user: ann.id },
    { ...plain, user: bo.id },
  ])
})
