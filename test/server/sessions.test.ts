import { expect, test } from 'vitest'
import { closeCodes } from '../../shared/contract/live.ts'
import { Person } from '../support/person.ts'
import { makeWorld } from '../support/world.ts'

const minute = 60_000
const day = 24 * 60 * minute

test('a person sees where they are logged in, the one that asks first, and nobody else’s', async () => {
  const clock = { now: 1_800_000_000_000 }
  const { hub, ann, bo } = await makeWorld({ clock: () => clock.now })
  clock.now += minute
  const phone = await Person.login(hub.url, 'ann')
  clock.now += minute
  const { sessions } = await ann.request('sessions.list', {})
  expect(sessions).toEqual([
    {
      id: expect.any(String) as string,
      kind: 'token',
      device: 'App',
      address: '127.0.0.1',
      createdAt: clock.now - 2 * minute,
      usedAt: clock.now,
      current: true,
    },
    expect.objectContaining({ usedAt: clock.now - minute, current: false }),
  ])
  const hers = (await phone.request('sessions.list', {})).sessions
  expect(hers.map(({ id, current }) => [id, current])).toEqual([
    [sessions[1]?.id, true],
    [sessions[0]?.id, false],
  ])
  expect((await bo.request('sessions.list', {})).sessions).toHaveLength(1)
  clock.now += 31 * day
  const later = await Person.login(hub.url, 'ann')
  expect((await later.request('sessions.list', {})).sessions.map(({ current }) => current)).toEqual([true])
})

test('a session with an open socket is in use', async () => {
  const clock = { now: 1_800_000_000_000 }
  const { hub, ann } = await makeWorld({ clock: () => clock.now })
  const phone = await Person.login(hub.url, 'ann')
  const live = await phone.connect()
  clock.now += 10 * minute
  const used = async () => (await ann.request('sessions.list', {})).sessions[1]?.usedAt
  expect(await used()).toBe(clock.now)
  live.terminate()
})

test('ending one takes its socket and its requests, and the others are told', async () => {
  const { hub, ann, bo } = await makeWorld()
  const phone = await Person.login(hub.url, 'ann')
  const socket = await phone.connect()
  const here = await ann.connect()
  const id = (await ann.request('sessions.list', {})).sessions.find(({ current }) => !current)?.id ?? ''
  await expect(bo.request('sessions.end', { sessionId: id })).rejects.toMatchObject({ code: 'not_found' })
  await ann.request('sessions.end', { sessionId: id })
  expect((await socket.whenClosed()).code).toBe(closeCodes.sessionEnded)
  await expect(phone.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(ann.request('sessions.end', { sessionId: id })).rejects.toMatchObject({ code: 'not_found' })
  const { entries } = await here.request('streams.read', { stream: `user:${ann.id}` })
  expect(entries.at(-1)).toMatchObject({ type: 'session.ended', sessionId: id })
  const audited = await hub.hub.reader.selectFrom('audit').select(['action', 'byId']).orderBy('id').execute()
  expect(audited.at(-1)).toEqual({ action: 'session.ended', byId: ann.id })
})

test('ending all others leaves the one that asks', async () => {
  const { hub, ann } = await makeWorld()
  const others = await Promise.all([Person.login(hub.url, 'ann'), Person.login(hub.url, 'ann')])
  const sockets = await Promise.all(others.map((one) => one.connect()))
  await ann.request('sessions.endOthers', {})
  for (const socket of sockets) expect((await socket.whenClosed()).code).toBe(closeCodes.sessionEnded)
  expect((await ann.request('sessions.list', {})).sessions).toHaveLength(1)
  await ann.request('sessions.endOthers', {})
})
