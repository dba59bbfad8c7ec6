import { beforeEach, expect, test } from 'vitest'
import { HubConnection } from '../../renderer/connection/hub-connection.ts'
import { createRequest, type Request } from '../../renderer/connection/request.ts'
import { FakeBrowser } from './support/fake-browser.ts'
import { FakeHub } from './support/fake-hub.ts'
import { ManualClock, settle } from './support/manual-clock.ts'

let hub: FakeHub
let request: Request
let connection: HubConnection

beforeEach(async () => {
  hub = new FakeHub(new ManualClock())
  hub.responses.set('pins.add', () => ({}))
  hub.responses.set('tokens.create', () => ({}))
  const platform = new FakeBrowser(hub).platform()
  connection = new HubConnection({
    ...{ address: '/live', platform, credentials: () => Promise.resolve({ csrf: hub.session }) },
    ...{ epoch: () => undefined, have: () => ({ chats: {} }), onMessage: () => undefined },
    ...{ term: { read: () => undefined, write: () => undefined } },
    ...{ onDropped: () => undefined, onSessionEnded: () => undefined },
  })
  request = createRequest({ base: '', platform, connection: () => connection, csrf: async () => undefined })
  connection.start()
  await settle()
})

const countOf = (name: string): number => hub.requests.filter((each) => each.name === name).length

test('a request that a retry does not change is sent again after its response was lost', async () => {
  hub.lostResponses.push('pins.add')
  const pinned = request('pins.add', { messageId: 'm-1' })
  await settle()
  hub.disconnect(1006)
  await hub.clock.advance(1)
  await settle()
  await pinned
  expect(countOf('pins.add')).toBe(2)
})

test('fails if the hub is not back within ten seconds, and is not sent later', async () => {
  hub.lostResponses.push('pins.add')
  const pinned = request('pins.add', { messageId: 'm-1' })
  const refused = expect(pinned).rejects.toMatchObject({ code: 'offline' })
  await settle()
  hub.isUp = false
  hub.disconnect(1006)
  await hub.clock.advance(10_000)
  await refused
  hub.isUp = true
  await hub.clock.advance(60_000)
  await settle()
  expect([connection.state.value, countOf('pins.add')]).toEqual(['live', 1])
})

test('a request that would create something twice is left to the user', async () => {
  hub.lostResponses.push('tokens.create')
  const created = request('tokens.create', { name: 'Script', scope: 'read' })
  const refused = expect(created).rejects.toMatchObject({ code: 'offline' })
  await settle()
  hub.disconnect(1006)
  await hub.clock.advance(1)
  await settle()
  await refused
  expect(countOf('tokens.create')).toBe(1)
})
