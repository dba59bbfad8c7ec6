import { expect, test } from 'vitest'
import { startTestHub } from '../support/hub.ts'
import { password, TestUser, rawRequest } from '../support/test-user.ts'

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
