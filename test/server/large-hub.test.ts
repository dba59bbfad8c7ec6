import { expect, test } from 'vitest'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Input } from '../../shared/contract.ts'
import type { FromHub, ToHub } from '../../shared/contract/live.ts'
import { limits } from '../../shared/contract/values.ts'
import { summaryDigest } from '../../shared/text/summary-digest.ts'
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
  const { hub, ann, bo, eve } = await makeWorld({ largeHubUsers: 4 })
  const [usual, eveLive] = [await bo.connect(), await eve.connect()]
  await hub.whenPresenceTold()
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

const digestsOf = (chats: readonly ChatSummary[]): Record<string, string> =>
  Object.fromEntries(chats.map((chat) => [chat.id, summaryDigest(chat)]))

test('a client that comes back gets only the chats that differ, and what is new of the hub in short', async () => {
  const { hub, ann, bo, eve, kitchen, direct } = await makeWorld()
  const attic = await ann.createGroup('Attic', [bo])
  const { state } = await bo.connect()
  if (!state) throw new Error('no state')
  const have = { hub: state.heads['hub'] ?? 0, chats: digestsOf(state.chats) }
  const { epoch } = state

  const same = (await connectAsking(bo, { epoch, have })).state
  expect(same).toMatchObject({ chats: [], since: { gone: [], entries: [] }, heads: state.heads })

  await ann.sendMessage(kitchen.id, 'news')
  await ann.request('chats.read', { chatId: direct.id, no: 0 })
  await ann.request('chats.delete', { chatId: attic.id })
  for (const displayName of ['Eve 1', 'Eve 2', 'Eve 3']) await eve.request('me.update', { displayName })
  const zoe = await hub.registerUser('zoe')
  await zoe.request('me.update', { displayName: 'Zoe' })
  const live = await connectAsking(bo, { epoch, have })
  const back = live.state
  expect(back?.chats.map(({ id }) => id)).toEqual([kitchen.id])
  expect(back?.chats[0]).toMatchObject({ unread: 1, lastMessage: { text: 'news' } })
  expect(back?.since?.gone).toEqual([attic.id])
  // once each, with the profile of now, and a new user stays new
  const entries = back?.since?.entries?.flatMap((one) =>
    'user' in one ? [[one.type, one.user.displayName]] : [],
  )
  expect(entries).toEqual([
    ['user.updated', 'Eve 3'],
    ['user.added', 'Zoe'],
  ])
  // entries of a chat that was left out go on from its head
  await ann.sendMessage(direct.id, 'hello')
  expect(await live.nextEntry('message.sent')).toMatchObject({ stream: `chat:${direct.id}` })

  const whole = [
    { epoch: 'another', have },
    { have },
    { epoch, have: { chats: [1] } as unknown as Resume['have'] & object },
  ]
  for (const asked of whole) {
    const { since, chats } = (await connectAsking(bo, asked)).state ?? { chats: [] }
    expect(since).toBeUndefined()
    expect(chats).toHaveLength(2)
  }
  // a cursor of another history
  const ahead = await connectAsking(bo, { epoch, have: { hub: 1_000_000, chats: {} } })
  expect(ahead.state).toMatchObject({ since: { gone: [] } })
  expect(ahead.state?.since?.entries).toBeUndefined()
})

test('the digest of a summary does not depend on the order of its members', () => {
  expect(summaryDigest({ b: [1, { d: null, c: 'ü\n' }], a: true, gone: undefined })).toBe(
    summaryDigest({ a: true, b: [1, { c: 'ü\n', d: null }] }),
  )
  // the example of the protocol
  expect(summaryDigest({ id: 'a', head: 1 })).toBe('be8b495af8f5b9b0')
})

test('a client that wants users gets those that it sees at once, and finds the others by id, by username and by a part of the name', async () => {
  const { hub, ann, bo, eve, olga, kitchen } = await makeWorld()
  const zoe = await hub.registerUser('zoe')
  await zoe.request('me.update', { displayName: 'Zoë Müller' })
  const live = await connectAsking(ann, { wants: ['users'] })
  expect(live.state?.wants).toEqual(['users'])
  expect(live.state?.users?.map(({ id }) => id).sort()).toEqual([ann.id, bo.id].sort())

  const find = async (input: Input<'users.find'>) =>
    (await live.request('users.find', input)).users.map(({ id }) => id).sort()
  expect(await find({ ids: `${eve.id},nobody,${bo.id}`, names: 'ZOE,nobody' })).toEqual(
    [bo.id, eve.id, zoe.id].sort(),
  )
  expect(await find({})).toEqual([])
  const many = Array.from({ length: limits.page.users + 1 }, () => 'x').join(',')
  await expect(find({ ids: many })).rejects.toMatchObject({ code: 'invalid' })

  const search = (query: string, more: Omit<Input<'users.search'>, 'query'> = {}) =>
    live.request('users.search', { query, ...more })
  // accents folded, umlauts written out; names that begin with it first
  for (const query of ['mueller', 'muller', 'ZOE']) {
    const { users } = await search(query)
    expect(users.map(({ id }) => id)).toEqual([zoe.id])
  }
  const all = (await search('o')).users.map(({ id }) => id)
  expect(all).toEqual([olga.id, bo.id, zoe.id])
  expect(await search('xyz')).toEqual({ users: [], more: false })
  const first = await search('o', { limit: 1 })
  expect(first).toMatchObject({ users: [{ id: olga.id }], more: true })
  expect(await search('o', { limit: 5, after: olga.id })).toMatchObject({
    users: [{ id: bo.id }, { id: zoe.id }],
    more: false,
  })
  await expect(search('o', { after: eve.id })).rejects.toMatchObject({ code: 'invalid' })

  // with the entries of the hub only those of the chats that differ
  if (!live.state) throw new Error('no state')
  const { epoch, heads, chats } = live.state
  const have = { hub: heads['hub'] ?? 0, chats: digestsOf(chats) }
  expect((await connectAsking(ann, { wants: ['users'], epoch, have })).state?.users).toEqual([])
  await bo.sendMessage(kitchen.id, 'news')
  const back = (await connectAsking(ann, { wants: ['users'], epoch, have })).state
  expect(back?.users?.map(({ id }) => id)).toEqual([bo.id])
})

test('the members of a large group come a page at a time, or by name, and the first ones are those who manage it', async () => {
  const { hub, ann, bo, eve } = await makeWorld()
  const others = await Promise.all(['dora', 'cleo', 'cleopatra'].map((name) => hub.registerUser(name)))
  const { id: chatId } = await ann.createGroup('Harbour', [bo, eve, ...others])
  await ann.request('members.update', { chatId, userId: eve.id, role: 'admin' })
  const few = await bo.request('chats.get', { chatId, most: 5 })
  expect(few).toMatchObject({ partial: true, chat: { id: chatId, memberCount: 6 } })
  expect(few.members.map(({ userId }) => userId)).toEqual([ann.id, bo.id, eve.id])
  const all = await bo.request('chats.get', { chatId, most: 6 })
  expect(all).not.toHaveProperty('partial')
  expect(all.members).toHaveLength(6)

  const list = async (input: Omit<Input<'members.list'>, 'chatId'>) => {
    const { members, more } = await bo.request('members.list', { chatId, ...input })
    return [...members.map(({ user }) => user.username), more]
  }
  expect(await list({ limit: 4 })).toEqual(['ann', 'eve', 'bo', 'cleo', true])
  const [, , , cleo] = (await bo.request('members.list', { chatId, limit: 4 })).members
  expect(await list({ limit: 4, after: cleo?.userId ?? '' })).toEqual(['cleopatra', 'dora', false])
  expect(await list({ query: 'cleo' })).toEqual(['cleo', 'cleopatra', false])
  expect(await list({ query: 'ra' })).toEqual(['cleopatra', 'dora', false])
  expect(cleo).toEqual(all.members.find(({ userId }) => userId === cleo?.userId))
  await expect(list({ query: 'ra', after: ann.id })).rejects.toMatchObject({ code: 'invalid' })
  await expect(eve.request('members.list', { chatId: 'elsewhere' })).rejects.toMatchObject({
    code: 'not_found',
  })
})
