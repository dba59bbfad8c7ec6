import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HubClock } from '../../server/hub-clock.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { password, TestUser, rawRequest } from '../support/test-user.ts'
import { uploadFile } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

const hourMs = 60 * 60 * 1000

/** A clock that the test sets forward and back, as users do with theirs. */
function createManualClock() {
  const clock = { now: 1_800_000_000_000, read: () => clock.now }
  return clock
}

test('setting the clock back an hour keeps message order and sessions and sends no user offline', async () => {
  const clock = createManualClock()
  const hub = await startTestHub({ clock: clock.read })
  const olga = await hub.setUp()
  const bo = await hub.registerUser('bo')
  const chat = await olga.createGroup('Kitchen', [bo])
  const live = await bo.connect()
  const first = await olga.sendMessage(chat.id, 'first')
  clock.now -= hourMs
  const second = await olga.sendMessage(chat.id, 'second')
  await bo.sendMessage(chat.id, 'third')
  await live.settle()
  expect(second.at).toBeGreaterThanOrEqual(first.at)
  expect([second.no, second.seq]).toEqual([first.no + 1, first.seq + 1])
  const again = await hub.restart()
  await olga.atUrl(again.url).sendMessage(chat.id, 'fourth')
  const { messages } = await bo.atUrl(again.url).request('messages.list', { chatId: chat.id })
  expect(messages.map((message) => 'text' in message && message.text)).toEqual([
    'first',
    'second',
    'third',
    'fourth',
  ])
  const { invite } = await olga.atUrl(again.url).request('admin.invites.create', { days: 1 })
  expect((await TestUser.register(again.url, { username: 'ann', invite })).user.username).toBe('ann')
})

test('setting the clock back an hour does not extend a lockout by an hour and does not reset the failures', async () => {
  const clock = createManualClock()
  const hub = await startTestHub({ clock: clock.read })
  await hub.setUp('olga')
  const attempt = async (secret: string) =>
    (await rawRequest(hub.url, undefined, 'accounts.login', { username: 'olga', password: secret })).status
  for (let i = 0; i < 11; i += 1) await attempt('a wrong password')
  expect(await attempt(password)).toBe(429)
  clock.now -= hourMs
  // Earlier failures still count: after one more attempt the delay applies again, by the current clock.
  expect(await attempt('a wrong password')).toBe(401)
  expect(await attempt(password)).toBe(429)
  clock.now += 60_000
  expect(await attempt(password)).toBe(200)
})

/* A false clock: the wall clock is set, and the monotonic clock goes on. */

const dayMs = 24 * hourMs
const yearMs = 365 * dayMs

/** Wall and monotonic clock of a computer: time passes on both, a step is on one. */
function createComputerClocks() {
  const clocks = { wall: 1_800_000_000_000, steady: 5_000 }
  return {
    options: { clock: () => clocks.wall, steady: () => clocks.steady },
    pass: (ms: number) => {
      clocks.wall += ms
      clocks.steady += ms
    },
    step: (ms: number) => {
      clocks.wall += ms
    },
  }
}

const countMessages = async (hub: TestHub): Promise<number> =>
  (
    await hub.hub.store.read((db) =>
      db.selectFrom('message').where('deletedAt', 'is', null).select('id').execute(),
    )
  ).length

async function setRetention(olga: TestUser, retentionDays: number) {
  await olga.request('sessions.reauthenticate', { current: password })
  await olga.request('admin.settings.update', { retentionDays })
}

test('a clock a year ahead deletes nothing and logs nobody out, and the owner ends the pause', async () => {
  const computer = createComputerClocks()
  const { hub, olga, ann, bo, kitchen } = await makeWorld(computer.options)
  for (let i = 0; i < 27; i += 1) await ann.sendMessage(kitchen.id, `message ${i}`)
  await setRetention(olga, 30)
  const group = await ann.createGroup('Gone', [bo])
  await ann.sendMessage(group.id, 'in a deleted group')
  await ann.request('chats.delete', { chatId: group.id })
  const loose = await uploadFile(hub.url, ann.token, { name: 'loose', bytes: Buffer.from('loose') })
  const live = await bo.connect()
  expect((await olga.request('admin.health', {})).clock).toEqual({ state: 'good' })

  computer.step(yearMs)
  for (const job of ['messages.expire', 'groups.purge', 'uploads.expire', 'files.survey'] as const) {
    await hub.hub.jobs.run(job)
  }
  expect(await countMessages(hub)).toBe(28)
  const health = await olga.request('admin.health', {})
  expect(health.clock).toEqual({ state: 'attention', stepMs: yearMs })
  await ann.sendMessage(kitchen.id, 'still logged in')
  await live.settle()
  await ann.request('chats.undelete', { chatId: group.id })
  const headers = { authorization: `Bearer ${ann.token}` }
  expect((await fetch(`${hub.url}/api/files/${loose}`, { headers })).status).toBe(200)

  await expect(ann.request('admin.clock.confirm', {})).rejects.toMatchObject({ code: 'forbidden' })
  expect((await olga.request('admin.clock.confirm', {})).clock).toEqual({ state: 'good' })
  await hub.hub.jobs.run('messages.expire')
  // the message after the step is of the new time
  expect(await countMessages(hub)).toBe(1)
})

test('a clock that is set right again ends the pause by itself, and the hub takes its time back', async () => {
  const computer = createComputerClocks()
  const { hub, olga, ann, kitchen } = await makeWorld(computer.options)
  await setRetention(olga, 30)
  const before = await ann.sendMessage(kitchen.id, 'before')
  computer.step(yearMs)
  await ann.sendMessage(kitchen.id, 'during')
  await hub.hub.jobs.run('messages.expire')
  computer.step(-yearMs)
  computer.pass(1000)
  const after = await ann.sendMessage(kitchen.id, 'after')
  expect(after.at - before.at).toBe(1000)
  expect((await olga.request('admin.health', {})).clock).toEqual({ state: 'good' })
  computer.pass(31 * dayMs)
  await hub.hub.jobs.run('messages.expire')
  expect(await countMessages(hub)).toBe(1)
})

test('a start with a clock far beyond the last one deletes nothing until the owner confirms it', async () => {
  for (const hasKnownTime of [true, false]) {
    const computer = createComputerClocks()
    const { hub, olga, ann, bo, kitchen } = await makeWorld(computer.options)
    await setRetention(olga, 30)
    for (let i = 0; i < 5; i += 1) await ann.sendMessage(kitchen.id, `message ${i}`)
    const group = await ann.createGroup('Gone', [bo])
    await ann.sendMessage(group.id, 'in a deleted group')
    await ann.request('chats.delete', { chatId: group.id })
    await hub.close()
    if (!hasKnownTime) rmSync(join(hub.dataDir, 'known-time'))
    computer.step(60 * dayMs)
    const again = await hub.restart()
    await again.hub.jobs.run('messages.expire')
    await again.hub.jobs.run('groups.purge')
    expect(await countMessages(again), String(hasKnownTime)).toBe(6)
    expect(again.hub.time.isTrusted).toBe(false)
    // a doubted time is not remembered
    await again.close()
    const third = await again.restart()
    expect(third.hub.time.isTrusted).toBe(false)
    const owner = await TestUser.login(third.url, 'olga')
    await owner.request('admin.clock.confirm', {})
    await third.hub.jobs.run('messages.expire')
    expect(await countMessages(third)).toBeLessThanOrEqual(1)
    await third.close()
    const fourth = await third.restart()
    expect(fourth.hub.time.isTrusted).toBe(true)
  }
})

test('an undo ends after ten seconds and the words go from the disk, whatever the clock does', async () => {
  for (const step of [yearMs, -yearMs, 5_000, -5_000, 0]) {
    const computer = createComputerClocks()
    const { hub, ann, kitchen } = await makeWorld(computer.options)
    const [first, second, third] = [
      await ann.sendMessage(kitchen.id, 'first'),
      await ann.sendMessage(kitchen.id, 'second'),
      await ann.sendMessage(kitchen.id, 'a secret third'),
    ]
    const pending = () =>
      hub.hub.store.read((db) => db.selectFrom('pendingDeletion').select('text').execute())
    await ann.request('messages.delete', { messageId: first.id, for: 'everyone' })
    computer.step(step)
    await ann.request('messages.delete', { messageId: second.id, for: 'everyone' })
    await ann.request('messages.delete', { messageId: third.id, for: 'everyone' })
    computer.pass(9_000)
    await hub.hub.jobs.run('messages.purge')
    for (const { id, text } of [first, second]) {
      const { message } = await ann.request('messages.undelete', { messageId: id })
      expect(message, String(step)).toMatchObject({ text })
    }
    computer.pass(2_000)
    await expect(ann.request('messages.undelete', { messageId: third.id })).rejects.toMatchObject({
      code: 'not_found',
    })
    await hub.hub.jobs.run('messages.purge')
    expect(await pending(), String(step)).toEqual([])
    // the window of an edit
    computer.pass(23 * hourMs)
    await ann.request('messages.edit', { messageId: first.id, text: 'edited' })
    computer.pass(2 * hourMs)
    await expect(
      ann.request('messages.edit', { messageId: first.id, text: 'too late' }),
      String(step),
    ).rejects.toMatchObject({ code: 'forbidden' })
    await hub.close()
  }
})

test('the clock of the hub measures windows over several steps', () => {
  const clocks = { wall: 1_000_000_000_000, steady: 0 }
  const clock = new HubClock({
    wall: () => clocks.wall,
    monotonic: () => clocks.steady,
    uptime: () => clocks.steady,
  })
  const moments: { at: number; steady: number }[] = []
  const steps = [0, dayMs, 0, -dayMs, -yearMs, 0, 3 * yearMs, -3 * yearMs + yearMs, 500, -500]
  for (const step of steps) {
    clocks.wall += step
    clocks.wall += 60_000
    clocks.steady += 60_000
    moments.push({ at: clock.now(), steady: clocks.steady })
  }
  for (const { at, steady } of moments) {
    expect(Math.abs(clock.elapsedSince(at) - (clocks.steady - steady))).toBeLessThanOrEqual(1000)
  }
})
