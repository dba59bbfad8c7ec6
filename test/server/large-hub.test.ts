import { expect, test } from 'vitest'
import type { FromHub, ToHub } from '../../shared/contract/live.ts'
import { limits } from '../../shared/contract/values.ts'
import { LiveClient } from '../support/live-client.ts'
import type { TestUser } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

/*
 * What a client may ask for so that a large hub sends it less. A client that does not ask gets what it always got: the other
 * tests of the hub show that.
 */

type Resume = Extract<ToHub, { t: 'resume' }>

async function connectAsking(user: TestUser, asked: Omit<Resume, 't' | 'protocol'>): Promise<LiveClient> {
  const live = await LiveClient.open(user.url, { authorization: `Bearer ${user.token}` })
  live.send({ t: 'resume', protocol: 1, ...asked })
  live.state = (await live.next(({ t }) => t === 'state')) as Extract<FromHub, { t: 'state' }>
  return live
}

const isPresence = (userId: string, state: string) => (message: FromHub) =>
  message.t === 'presence' && message.user === userId && message.state === state

test('a client that wants interest gets the presence of its small chats and of those it watches, others that of all', async () => {
  const { ann, bo, eve } = await makeWorld({ largeHubUsers: 4 })
  const [usual, eveLive] = [await bo.connect(), await eve.connect()]
  const asking = await connectAsking(ann, { wants: ['interest'] })
  expect(asking.received[0]).toMatchObject({ t: 'hello', large: true })
  expect(asking.state?.wants).toEqual(['interest'])
  expect(asking.state?.presence).toEqual({ [ann.id]: 'active', [bo.id]: 'active' })
  expect(usual.state?.wants).toBeUndefined()

  eveLive.send({ t: 'presence', state: 'idle' })
  usual.send({ t: 'presence', state: 'idle' })
  await usual.next(isPresence(eve.id, 'idle'))
  await asking.next(isPresence(bo.id, 'idle'))
  const heard = asking.received.filter((one) => one.t === 'presence').map(({ user }) => user)
  expect(heard).not.toContain(eve.id)

  const from = asking.received.length
  asking.send({ t: 'watch', users: [eve.id, 'nobody'] })
  await asking.next(isPresence(eve.id, 'idle'), from)
  await asking.next(isPresence('nobody', 'offline'), from)
  eveLive.send({ t: 'presence', state: 'active' })
  await asking.next(isPresence(eve.id, 'active'), from)

  // each list replaces the one before
  asking.send({ t: 'watch', users: [] })
  await asking.settle()
  const later = [usual.received.length, asking.received.length] as const
  eveLive.send({ t: 'presence', state: 'idle' })
  await usual.next(isPresence(eve.id, 'idle'), later[0])
  await asking.settle()
  expect(asking.received.slice(later[1]).filter((one) => one.t === 'presence')).toEqual([])

  // a small chat with eve makes her one of them, also for a client that comes back
  await ann.openDirectChat(eve)
  expect((await connectAsking(ann, { wants: ['interest'] })).state?.presence).toMatchObject({
    [eve.id]: 'idle',
  })
  asking.send({ t: 'watch', users: Array.from({ length: limits.watchedUsers + 1 }, (_, i) => String(i)) })
  expect(await asking.whenClosed()).toMatchObject({ code: 1008 })
})

test('a hub that knows nothing of what a client wants says so, and sends it everything', async () => {
  const { ann, eve } = await makeWorld()
  await eve.connect()
  const wants = ['everything-on-paper'] as unknown as Resume['wants'] & object
  const live = await connectAsking(ann, { wants })
  expect(live.received[0]).not.toHaveProperty('large')
  expect(live.state?.wants).toBeUndefined()
  expect(live.state?.presence).toMatchObject({ [eve.id]: 'active' })
})
