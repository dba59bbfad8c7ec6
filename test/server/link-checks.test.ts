// An invite and a reset link are checked when they are opened, before anybody fills in a form for nothing.
import { expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { rawRequest, TestUser } from '../support/test-user.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const newPassword = 'seven quiet otters'

async function startHub() {
  const clock = { now: 1_800_000_000_000 }
  const hub = await startTestHub({ clock: () => clock.now })
  const olga = await hub.setUp('olga')
  return { hub, olga, clock }
}

async function check(hub: TestHub, name: string, input: Record<string, string>) {
  const { status, body } = await rawRequest(hub.url, undefined, name, input)
  return { status, body }
}

const checkInvite = (hub: TestHub, invite: string) => check(hub, 'accounts.checkInvite', { invite })
const checkReset = (hub: TestHub, resetToken: string) => check(hub, 'recovery.checkReset', { resetToken })

async function resetTokenFor(admin: TestUser, userId: string): Promise<string> {
  const { url } = await admin.request('admin.users.createResetLink', { userId })
  return new URL(url).hash.slice(1)
}

test('a valid invite passes the check as often as it is opened, and keeps its use', async () => {
  const { hub, olga } = await startHub()
  const { invite } = await olga.request('admin.invites.create', {})
  for (let times = 0; times < 3; times += 1) expect((await checkInvite(hub, invite)).status).toBe(204)
  const { invites } = await olga.request('admin.invites.list', {})
  expect(invites).toMatchObject([{ used: 0, state: 'open' }])
  await TestUser.register(hub.url, { username: 'ann', invite })
})

test('an unknown, used, revoked or expired invite gets one and the same error', async () => {
  const { hub, olga, clock } = await startHub()
  const unknown = await checkInvite(hub, 'nonsense')
  expect(unknown).toMatchObject({ status: 403, body: { error: { code: 'forbidden', field: 'invite' } } })
  expect(await checkInvite(hub, '')).toEqual(unknown)

  const { invite: used } = await olga.request('admin.invites.create', {})
  await TestUser.register(hub.url, { username: 'ann', invite: used })
  expect(await checkInvite(hub, used)).toEqual(unknown)

  const { invite: revoked } = await olga.request('admin.invites.create', {})
  const { invites } = await olga.request('admin.invites.list', {})
  const open = invites.find(({ state }) => state === 'open')
  await olga.request('admin.invites.revoke', { inviteId: open?.id ?? '' })
  expect(await checkInvite(hub, revoked)).toEqual(unknown)

  const { invite: expired } = await olga.request('admin.invites.create', { days: 1 })
  clock.now += dayMs + 1
  expect(await checkInvite(hub, expired)).toEqual(unknown)
})

test('a closed hub accepts no invite on opening either', async () => {
  const { hub, olga } = await startHub()
  const { invite } = await olga.request('admin.invites.create', {})
  await olga.request('admin.settings.update', { registration: 'closed' })
  const closed = await checkInvite(hub, invite)
  expect(closed).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
  expect(await checkInvite(hub, 'nonsense')).toEqual(closed)
})

test('a reset link passes the check until it is used', async () => {
  const { hub, olga } = await startHub()
  const ann = await hub.registerUser('ann')
  const token = await resetTokenFor(olga, ann.user.id)
  for (let times = 0; times < 3; times += 1) expect((await checkReset(hub, ` ${token} `)).status).toBe(204)
  await rawRequest(hub.url, undefined, 'recovery.reset', { resetToken: token, password: newPassword })
  const used = await checkReset(hub, token)
  expect(used).toMatchObject({
    status: 401,
    body: { error: { code: 'unauthenticated', field: 'resetToken' } },
  })
  expect(await checkReset(hub, 'nonsense')).toEqual(used)
})

test('an unknown, replaced or expired reset link, or one of a deactivated user, gets one and the same error', async () => {
  const { hub, olga, clock } = await startHub()
  const ann = await hub.registerUser('ann')
  const unknown = await checkReset(hub, '')
  const replaced = await resetTokenFor(olga, ann.user.id)
  const current = await resetTokenFor(olga, ann.user.id)
  expect(await checkReset(hub, replaced)).toEqual(unknown)
  expect((await checkReset(hub, current)).status).toBe(204)
  const bo = await hub.registerUser('bo')
  const ofDeactivated = await resetTokenFor(olga, bo.user.id)
  await olga.request('admin.users.update', { userId: bo.user.id, deactivated: true })
  expect(await checkReset(hub, ofDeactivated)).toEqual(unknown)
  clock.now += 60 * minuteMs + 1
  expect(await checkReset(hub, current)).toEqual(unknown)
})

test('guesses are slowed down by address, while right links cost nothing', async () => {
  const { hub, olga, clock } = await startHub()
  const ann = await hub.registerUser('ann')
  const { invite } = await olga.request('admin.invites.create', {})
  const token = await resetTokenFor(olga, ann.user.id)
  for (let times = 0; times < 70; times += 1) {
    expect((await checkInvite(hub, invite)).status).toBe(204)
    expect((await checkReset(hub, token)).status).toBe(204)
  }
  const statuses = new Set<number>()
  for (let times = 0; times < 60; times += 1) statuses.add((await checkInvite(hub, `guess ${times}`)).status)
  expect([...statuses]).toEqual([403])
  expect((await checkInvite(hub, 'one more')).status).toBe(429)
  // one budget for the check and for the reset itself: the check gives nobody more guesses
  for (let times = 0; times < 60; times += 1) await checkReset(hub, `guess ${times}`)
  const reset = { resetToken: 'one more', password: newPassword }
  expect((await check(hub, 'recovery.reset', reset)).status).toBe(429)
  clock.now += 10 * minuteMs
  expect((await checkInvite(hub, 'one more')).status).toBe(403)
})
