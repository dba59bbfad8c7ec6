import { afterEach, expect, test } from 'vitest'
import type { Place } from '../../shared/places.ts'
import type { Term } from '../../shared/term.ts'
import { type Moved, noStanding } from '../../server/live/standing.ts'
import { LiveClient } from '../support/live-client.ts'
import { SetStanding } from '../support/set-standing.ts'
import { makeWorld } from '../support/world.ts'
import { TestUser } from '../support/test-user.ts'

const term: Term = {
  n: 29_000_000,
  node: 'nodeA',
  epoch: 'epoch',
  lsn: 12,
  chain: '00'.repeat(16),
  prev: null,
  at: 1,
  sig: 'signature',
}
const places: Place[] = [
  { node: 'nodeA', name: 'Olga’s computer', role: 'hub', addresses: ['127.0.0.1:7788'] },
  { node: 'nodeB', name: 'Ann’s computer', role: 'standby', addresses: ['127.0.0.1:7789'] },
]

const message = (chatId: string, text: string) => ({ chatId, text, cid: crypto.randomUUID() })
const open: LiveClient[] = []
afterEach(() => {
  for (const client of open.splice(0)) client.terminate()
})
async function openSocket(user: TestUser, url: string): Promise<LiveClient> {
  const client = await LiveClient.open(url, { authorization: `Bearer ${user.token}` })
  open.push(client)
  return client
}

test('a hub without standbys sends nothing of continuity', async () => {
  const { ann, kitchen } = await makeWorld()
  const live = await ann.connect()
  await live.request('messages.send', message(kitchen.id, 'hello'))
  const [hello] = live.received
  expect(hello).toMatchObject({ t: 'hello' })
  expect(hello).not.toHaveProperty('term')
  expect(live.state).not.toHaveProperty('places')
  expect(live.state).not.toHaveProperty('safety')
  expect(live.received.some((one) => one.t === 'safe' || 'held' in one)).toBe(false)
})

test('hello has the term, state the places and the safety', async () => {
  const { ann } = await makeWorld({ standing: new SetStanding({ term, places }) })
  const live = await ann.connect()
  expect(live.received[0]).toMatchObject({ t: 'hello', term })
  expect(live.state).toMatchObject({ places, safety: 'alone' })
})

test('a write says that one computer holds it, a read does not', async () => {
  const standing = new SetStanding({ term, places })
  const { hub, ann, kitchen } = await makeWorld({ standing })
  const live = await ann.connect()
  standing.heldLsn = 41
  await live.request('messages.send', message(kitchen.id, 'only here'))
  await live.request('messages.list', { chatId: kitchen.id })
  const answers = live.received.filter((one) => one.t === 'ok')
  expect(answers.map(({ held }) => held)).toEqual([41, undefined])

  const send = (text: string) =>
    fetch(`${hub.url}/api/chats/${kitchen.id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ann.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ text, cid: crypto.randomUUID() }),
    })
  expect((await send('over HTTP')).headers.get('x-hubbub-held')).toBe('41')
  standing.heldLsn = undefined
  expect((await send('on two')).headers.get('x-hubbub-held')).toBeNull()
})

test('safe and changed places reach each resumed socket, and safe is sent again on resume', async () => {
  const standing = new SetStanding({ term, places })
  const { hub, ann } = await makeWorld({ standing })
  const live = await ann.connect()
  standing.currentSafety = 'together'
  hub.hub.live.publishPlaces(standing)
  hub.hub.live.publishSafe(57)
  expect(await live.next((one) => one.t === 'places')).toEqual({ t: 'places', places, safety: 'together' })
  expect(await live.next((one) => one.t === 'safe')).toEqual({ t: 'safe', upTo: 57 })
  standing.safeLsn = 60
  const later = await ann.connect()
  expect(await later.next((one) => one.t === 'safe')).toEqual({ t: 'safe', upTo: 60 })
})

test('only a record that is higher and has the form of one reaches the standing', async () => {
  const standing = new SetStanding({ term, places })
  const { hub, ann } = await makeWorld({ standing })
  const higher = { ...term, n: term.n + 1 }
  const records = [
    ...[{ ...term, n: term.n - 1 }, term, { ...term, node: 'nodeA' }, 'text', { ...higher, node: 'a\nb' }],
    ...[{ ...higher, n: 1.5 }, { ...higher, prev: [1] }, null, higher, { ...term, node: 'nodeB' }],
  ]
  for (const record of records) {
    const client = await openSocket(ann, hub.url)
    client.send({ t: 'resume', protocol: 1, term: record as Term })
    await client.next((one) => one.t === 'state')
    client.terminate()
  }
  expect(standing.shown).toEqual([higher, { ...term, node: 'nodeB' }])
})

test('a genuine higher record closes all sockets, and nothing is acknowledged any more', async () => {
  const standing = new SetStanding({ term, places })
  const { hub, ann, bo, kitchen } = await makeWorld({ standing })
  const moved: Moved = { code: 'moved', term: { ...term, n: term.n + 1 }, places }
  standing.onShown = () => {
    standing.currentMoved = moved
    hub.hub.live.closeForMove(moved)
  }
  const boLive = await bo.connect()
  const client = await openSocket(ann, hub.url)
  client.send({ t: 'resume', protocol: 1, term: moved.term as Term })
  const bye = { t: 'bye', code: 'moved', term: moved.term, places }
  expect(await client.next((one) => one.t === 'bye')).toEqual(bye)
  expect(await boLive.next((one) => one.t === 'bye')).toEqual(bye)
  expect(await client.whenClosed()).toMatchObject({ code: 1012 })
  expect(client.received.some((one) => one.t === 'state')).toBe(false)

  await expect(ann.request('messages.send', message(kitchen.id, 'too late'))).rejects.toMatchObject({
    code: 'busy',
    error: { moved: places },
  })
  const meta = await fetch(`${hub.url}/api/meta`)
  expect(meta.status).toBe(503)
  expect(await meta.json()).toMatchObject({ error: { code: 'busy', moved: places } })
  const again = await openSocket(ann, hub.url)
  expect(await again.next((one) => one.t === 'bye')).toEqual(bye)
  const upload = await fetch(`${hub.url}/api/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ann.token}`, 'tus-resumable': '1.0.0', 'upload-length': '3' },
  })
  expect(upload.status).toBe(503)
})

test('a hub that is about to move says when to come back', async () => {
  const standing = new SetStanding({ term, places })
  const { hub, ann } = await makeWorld({ standing })
  const live = await ann.connect()
  const moving: Moved = { code: 'moving', places }
  standing.currentMoved = moving
  hub.hub.live.closeForMove(moving)
  expect(await live.next((one) => one.t === 'bye')).toEqual({
    t: 'bye',
    code: 'moving',
    after: 1_000,
    places,
  })
  const meta = await fetch(`${hub.url}/api/meta`)
  expect([meta.status, meta.headers.get('retry-after')]).toEqual([503, '1'])
})

test('a client that knows nothing of continuity goes on as before', async () => {
  const standing = new SetStanding({ term, places })
  standing.heldLsn = 9
  const { ann, kitchen } = await makeWorld({ standing })
  const live = await ann.connect()
  const sent = await live.request('messages.send', message(kitchen.id, 'an old app'))
  expect(sent.message).toMatchObject({ text: 'an old app' })
  expect(noStanding.held()).toBeUndefined()
})
