import { expect, test } from 'vitest'
import { restore } from '../../server/backup/restore.ts'
import { newDataDir } from '../support/data-dir.ts'
import { rawRequest, RequestError, TestUser } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'
import { join } from 'node:path'

const hourMs = 60 * 60_000

async function createWorldWithClock() {
  const clock = { now: 1_800_000_000_000 }
  const world = await makeWorld({ clock: () => clock.now })
  return { ...world, clock }
}

test('a status reaches every user live and in each list, and a repeat publishes nothing', async () => {
  const { ann, bo, eve, kitchen, clock } = await createWorldWithClock()
  const eveLive = await eve.connect()
  const input = { text: '  On   holiday ', emoji: '\u26F1', until: clock.now + hourMs }
  const status = { text: 'On holiday', emoji: '\u26F1\uFE0F', until: clock.now + hourMs }
  const { user } = await ann.request('status.set', input)
  expect(user).toMatchObject({ id: ann.id, status })
  expect(await eveLive.nextEntry('user.updated')).toMatchObject({ stream: 'hub', by: ann.id, user })
  expect((await eve.request('users.get', { userId: ann.id })).user).toEqual(user)
  expect((await eve.request('users.list', { query: 'ann' })).users).toEqual([user])
  expect((await ann.request('me.get', {})).user).toEqual(user)
  expect((await ann.connect()).state?.me.status).toEqual(status)
  const { members } = await bo.request('chats.get', { chatId: kitchen.id })
  expect(members.find(({ userId }) => userId === ann.id)?.user.status).toEqual(status)

  const from = eveLive.received.length
  const annLive = await ann.connect()
  await ann.request('status.set', input)
  await annLive.request('status.set', status)
  const { user: without } = await annLive.request('status.clear', {})
  expect(without).not.toHaveProperty('status')
  await ann.request('status.clear', {})
  expect(await eveLive.nextEntry('user.updated', from)).toMatchObject({ by: ann.id, user: without })
  await eveLive.settle()
  expect(eveLive.entries.filter(({ type }) => type === 'user.updated')).toHaveLength(2)
})

test('a text alone and an emoji alone are a status, and a new one replaces all of the old one', async () => {
  const { ann, bo, clock } = await createWorldWithClock()
  await ann.request('status.set', { text: 'In a meeting', emoji: '📅', until: clock.now + hourMs })
  expect((await ann.request('status.set', { text: 'Out' })).user.status).toEqual({ text: 'Out' })
  expect((await ann.request('status.set', { emoji: '🌴' })).user.status).toEqual({ emoji: '🌴' })
  expect((await ann.request('status.set', { text: ' ', emoji: '🌴' })).user.status).toEqual({ emoji: '🌴' })
  await ann.request('me.update', { displayName: 'Ann Sommer' })
  expect((await bo.request('users.get', { userId: ann.id })).user).toMatchObject({
    displayName: 'Ann Sommer',
    status: { emoji: '🌴' },
  })
})

test('an invalid status is reported by field over both transports and changes nothing', async () => {
  const { ann, clock, hub } = await createWorldWithClock()
  await ann.request('status.set', { text: 'Here' })
  const live = await ann.connect()
  const cases: [Record<string, unknown>, string, string?][] = [
    [{}, 'invalid', 'text'],
    [{ text: ' \n ' }, 'invalid', 'text'],
    [{ text: '\u200b' }, 'invalid', 'text'],
    [{ text: 'a\u0007b' }, 'invalid', 'text'],
    [{ text: 'a\u202Eb' }, 'invalid', 'text'],
    [{ text: 'a\ud800b' }, 'invalid', 'text'],
    [{ text: 'x'.repeat(81) }, 'too_large', 'text'],
    [{ text: '🍞'.repeat(81) }, 'too_large', 'text'],
    [{ text: 'x'.repeat(321) }, 'too_large', 'text'],
    [{ text: 7 }, 'invalid', 'text'],
    [{ text: null }, 'invalid', 'text'],
    [{ emoji: '' }, 'invalid', 'emoji'],
    [{ emoji: 'a' }, 'invalid', 'emoji'],
    [{ emoji: '🌴🌴' }, 'invalid', 'emoji'],
    [{ emoji: '<b>' }, 'invalid', 'emoji'],
    [{ emoji: null }, 'invalid', 'emoji'],
    [{ text: 'x', until: clock.now }, 'invalid', 'until'],
    [{ text: 'x', until: 0 }, 'invalid', 'until'],
    [{ text: 'x', until: -1 }, 'invalid', 'until'],
    [{ text: 'x', until: 1e300 }, 'invalid', 'until'],
    [{ text: 'x', until: clock.now + 0.5 }, 'invalid', 'until'],
    [{ text: 'x', until: '2030-01-01' }, 'invalid', 'until'],
    [{ text: 'x', until: null }, 'invalid', 'until'],
    [{ text: 'x', userId: 'another' }, 'invalid', 'userId'],
    [JSON.parse('{"text":"x","__proto__":{"until":1}}') as Record<string, unknown>, 'invalid'],
  ]
  for (const [input, code, field] of cases) {
    const wanted = { code, ...(field === undefined ? {} : { field }) }
    const overHttp = await rawRequest(hub.url, ann.token, 'status.set', input)
    expect((overHttp.body as { error: object }).error, JSON.stringify(input)).toMatchObject(wanted)
    const rejected = await live.requestAny('status.set', input).catch((error: unknown) => error)
    expect((rejected as RequestError).error, JSON.stringify(input)).toMatchObject(wanted)
  }
  expect((await ann.request('me.get', {})).user.status).toEqual({ text: 'Here' })
})

test('a status keeps the text of any script and exactly eighty characters', async () => {
  const { ann, bo } = await createWorldWithClock()
  const texts = [
    'في إجازة حتى الأحد',
    'בחופשה',
    '会議中です',
    'ลาป่วย',
    'Straße & <b>nicht fett</b> "quote" ${x}',
    '__proto__',
    '🏳️‍🌈 weekend',
    '🍞'.repeat(80),
  ]
  for (const text of texts) {
    await ann.request('status.set', { text })
    expect((await bo.request('users.get', { userId: ann.id })).user.status).toEqual({
      text: text.normalize('NFC'),
    })
  }
})

test('the hub clears a status after its end, live for everyone, and keeps one that was set meanwhile', async () => {
  const { hub, ann, bo, eve, clock } = await createWorldWithClock()
  await ann.request('status.set', { text: 'In a meeting', until: clock.now + hourMs })
  await bo.request('status.set', { text: 'Lunch', until: clock.now + hourMs })
  const live = await eve.connect()
  const from = live.received.length
  await hub.hub.jobs.run('status.expire')
  clock.now += hourMs - 1
  await hub.hub.jobs.run('status.expire')
  expect((await eve.request('users.get', { userId: ann.id })).user.status?.text).toBe('In a meeting')

  await bo.request('status.set', { text: 'Lunch', until: clock.now + 2 * hourMs })
  clock.now += 1
  await hub.hub.jobs.run('status.expire')
  const entry = await live.nextEntry('user.updated', from + 1)
  expect(entry).toMatchObject({ user: { id: ann.id } })
  expect(entry).not.toHaveProperty('by')
  expect((entry as unknown as { user: object }).user).not.toHaveProperty('status')
  const { users } = await eve.request('users.list', {})
  expect(users.map(({ username, status }) => [username, status?.text])).toEqual([
    ['ann', undefined],
    ['bo', 'Lunch'],
    ['eve', undefined],
    ['olga', undefined],
  ])
  // nothing left to do, so no entry
  const { head } = await eve.request('streams.read', { stream: 'hub' })
  await hub.hub.jobs.run('status.expire')
  expect((await eve.request('streams.read', { stream: 'hub' })).head).toBe(head)
})

test('a retry after the end still returns the stored status, and a set status may be replaced before its end', async () => {
  const { ann, clock } = await createWorldWithClock()
  const input = { text: 'In a meeting', until: clock.now + hourMs }
  await ann.request('status.set', input)
  clock.now += hourMs
  expect((await ann.request('status.set', input)).user.status).toEqual(input)
  await expect(ann.request('status.set', { ...input, text: 'Another' })).rejects.toThrow('in the past')
})

test('a status survives a restart and a backup, and an end that passed meanwhile is cleared', async () => {
  const { hub, ann, bo, clock } = await createWorldWithClock()
  await ann.request('status.set', { text: 'Away', emoji: '🌴', until: clock.now + hourMs })
  await bo.request('status.set', { text: 'From home' })
  const file = join(newDataDir(), 'backup.tar')
  await hub.backUp(file)
  const again = await hub.restart()
  const users = await ann.atUrl(again.url).request('users.list', {})
  expect(users.users.map(({ status }) => status?.text)).toEqual(['Away', 'From home', undefined, undefined])
  clock.now += hourMs
  await again.hub.jobs.run('status.expire')
  expect((await ann.atUrl(again.url).request('me.get', {})).user).not.toHaveProperty('status')
  await again.close()

  const restoredDir = newDataDir()
  await restore(file, restoredDir)
  const restored = await hub.restart({ dataDir: restoredDir })
  expect((await bo.atUrl(restored.url).request('me.get', {})).user.status).toEqual({ text: 'From home' })
})

test('a token with the scope write and a bot can set a status, one with the scope read cannot', async () => {
  const { hub, olga, ann } = await createWorldWithClock()
  const tokenFor = async (scope: 'read' | 'write') =>
    new TestUser(hub.url, (await ann.request('tokens.create', { name: scope, scope })).token, ann.user)
  expect((await (await tokenFor('write')).request('status.set', { text: 'By script' })).user.status).toEqual({
    text: 'By script',
  })
  const reading = await tokenFor('read')
  await expect(reading.request('status.set', { text: 'No' })).rejects.toThrow('403')
  await expect(reading.request('status.clear', {})).rejects.toThrow('403')
  await expect(new TestUser(hub.url, '', ann.user).request('status.set', { text: 'No' })).rejects.toThrow(
    '401',
  )
  const bot = await olga.request('admin.bots.create', { username: 'builder' })
  const builder = new TestUser(hub.url, bot.token, bot.user)
  expect((await builder.request('status.set', { emoji: '🟢', text: 'All green' })).user.status).toEqual({
    emoji: '🟢',
    text: 'All green',
  })
})

test('the status of a deactivated user is hidden', async () => {
  const { olga, ann, eve } = await createWorldWithClock()
  await ann.request('status.set', { text: 'On holiday' })
  const live = await eve.connect()
  await olga.request('admin.users.update', { userId: ann.id, deactivated: true })
  const entry = (await live.nextEntry('user.updated')) as unknown as { user: object }
  expect(entry.user).toMatchObject({ id: ann.id, deactivated: true })
  expect(entry.user).not.toHaveProperty('status')
})
