import { randomUUID } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { startTestHub } from '../support/hub.ts'
import { LiveClient } from '../support/live-client.ts'
import { password, TestUser, rawRequest, RequestError } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

/*
 * The app that Hubbub comes from had these bugs and holes (features.md 6.6 and 6.7), each of them met by real people.
 * Each test would fail if they came back. What needs a page is in test/e2e/regressions.test.ts.
 */

const errorCodeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'ok',
    (error: unknown) => (error instanceof RequestError ? error.code : String(error)),
  )

test('bug 1: a message is one row, however many are looking on', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const onlookers = await Promise.all([ann, ann, bo, bo, bo].map((person) => person.connect()))
  const message = await ann.sendMessage(kitchen.id, 'once')
  for (const live of onlookers) {
    await live.settle()
    expect(live.entries.filter((entry) => entry.type === 'message.sent')).toHaveLength(1)
  }
  const rows = await hub.hub.store.read((db) => db.selectFrom('message').select(['id', 'no']).execute())
  expect(rows).toEqual([{ id: message.id, no: 1 }])
})

test('bug 2: a chat that has just come to be is told with all that a list shows, and works at once', async () => {
  const { ann, eve } = await makeWorld()
  const live = await eve.connect()
  const made = await ann.createGroup('Fresh', [eve], 'public')
  const added = await live.nextEntry('chat.added')
  const { chats } = await eve.request('chats.list', {})
  expect(added).toMatchObject({ chat: chats[0] })
  expect(await errorCodeOf(live.request('chats.get', { chatId: made.id }))).toBe('ok')
  const input = { chatId: made.id, cid: randomUUID(), text: 'hello' }
  expect(await errorCodeOf(live.request('messages.send', input))).toBe('ok')
})

test.for([
  'two words',
  'Küche/Bad #1',
  'مجموعة',
  '会議室',
  '👩‍👩‍👧',
  'x'.repeat(200),
  "o'; drop table chat;--",
  '..',
  '%2F',
  '?q=1',
])('bug 3: in a group called %s one can write, listen and read back', async (name) => {
  const { ann, bo } = await makeWorld()
  const group = await ann.createGroup(name, [bo])
  const live = await bo.connect()
  await ann.sendMessage(group.id, 'hello')
  expect(await live.nextEntry('message.sent')).toMatchObject({
    stream: `chat:${group.id}`,
    message: { no: 1 },
  })
  const { entries } = await bo.request('streams.read', { stream: `chat:${group.id}` })
  expect(entries.at(-1)).toMatchObject({ type: 'message.sent' })
  expect((await bo.request('chats.get', { chatId: group.id })).chat.name).toBe(name)
})

test('bug 4: a group may be called like anything inside the hub, and keeps nobody from their direct chat', async () => {
  const { ann, bo, eve } = await makeWorld()
  const names = ['global', `private_1_2`, `private_${ann.id}_${eve.id}`, [ann.id, eve.id].sort().join(':')]
  names.push('hub', `user:${eve.id}`, `chat:${ann.id}`, 'discover', 'direct', 'read')
  const groups = await Promise.all(names.map((name) => bo.createGroup(name, [], 'public')))
  const direct = await ann.openDirectChat(eve)
  expect(groups.map(({ id }) => id)).not.toContain(direct.id)
  expect((await eve.openDirectChat(ann)).id).toBe(direct.id)
  // the same name again is another group
  expect((await ann.createGroup('global')).id).not.toBe(groups[0]?.id)
  const live = await eve.connect()
  await bo.sendMessage(groups[0]?.id ?? '', 'not for everybody')
  await live.settle()
  expect(live.entries).toEqual([])
})

test('bug 5: one of three windows closing leaves a person online', async () => {
  const { ann, bo } = await makeWorld()
  const watching = await bo.connect()
  const windows = await Promise.all([ann.connect(), ann.connect(), ann.connect()])
  await watching.next((heard) => heard.t === 'presence' && heard.user === ann.id)
  const from = watching.received.length
  await windows[0]?.close()
  windows[1]?.terminate()
  await windows[2]?.settle()
  expect((await bo.request('users.get', { userId: ann.id })).presence).toBe('active')
  // opening another chat, too, is no reason to blink
  await windows[2]?.request('chats.list', {})
  await watching.settle()
  expect(watching.received.slice(from).filter((heard) => heard.t === 'presence')).toEqual([])
})

test('bug 6: chats that are not open are told of too: new direct chats, messages, deleted groups', async () => {
  const { ann, bo, eve, kitchen } = await makeWorld()
  const [bos, eves] = await Promise.all([bo.connect(), eve.connect()])
  const direct = await ann.openDirectChat(eve)
  expect(await eves.nextEntry('chat.added')).toMatchObject({ chat: { id: direct.id, peer: ann.id } })
  await ann.sendMessage(direct.id, 'psst')
  expect(await eves.nextEntry('message.sent')).toMatchObject({ message: { text: 'psst' } })
  expect((await eve.request('chats.list', {})).chats[0]).toMatchObject({
    unread: 1,
    lastMessage: { text: 'psst', author: ann.id },
  })
  await ann.request('chats.delete', { chatId: kitchen.id })
  expect(await bos.nextEntry('chat.removed')).toMatchObject({ chatId: kitchen.id, reason: 'deleted' })
})

test('bug 7: a message in a group says who sent it', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const live = await bo.connect()
  await ann.sendMessage(kitchen.id, 'who am I?')
  expect(await live.nextEntry('message.sent')).toMatchObject({ by: ann.id, message: { author: ann.id } })
  const { chat, members } = await bo.request('chats.get', { chatId: kitchen.id })
  expect(chat.lastMessage?.author).toBe(ann.id)
  expect(members.find(({ userId }) => userId === ann.id)?.user.displayName).toBe('ann')
})

test('bug 8: a message goes to the chat it was sent to, and no other member of the input can say otherwise', async () => {
  const { hub, ann, bo, kitchen, direct } = await makeWorld()
  const live = await bo.connect()
  for (const extra of [{ room_name: direct.id }, { chat: direct.id }, { stream: `chat:${direct.id}` }]) {
    const input = { chatId: kitchen.id, cid: randomUUID(), text: 'here', ...extra }
    const { status } = await rawRequest(hub.url, ann.token, 'messages.send', input)
    expect(status).toBe(400)
    expect(await errorCodeOf(live.requestAny('messages.send', input))).toBe('invalid')
  }
  const message = await ann.sendMessage(kitchen.id, 'here')
  expect(await live.nextEntry('message.sent')).toMatchObject({ stream: `chat:${kitchen.id}`, message })
  expect((await bo.request('messages.list', { chatId: direct.id })).messages).toEqual([])
})

test('bug 9: a name is one name in any case, and ids that are none are an answer, not a failure', async () => {
  const { hub, ann, eve } = await makeWorld()
  const { invite } = await (await TestUser.login(hub.url, 'olga')).request('admin.invites.create', {})
  expect(await errorCodeOf(TestUser.register(hub.url, { username: 'ANN', invite }))).toBe('conflict')
  expect((await eve.request('chats.direct', { username: 'aNN' })).chat.peer).toBe(ann.id)
  for (const userId of ['1', 'one', '-1', '0', 'null', 'x'.repeat(64), "' or 1=1"]) {
    expect([userId, await errorCodeOf(eve.request('chats.direct', { userId }))]).toEqual([
      userId,
      'not_found',
    ])
    expect([userId, await errorCodeOf(eve.request('users.get', { userId }))]).toEqual([userId, 'not_found'])
    const members = [ann.id, userId]
    const group = eve.request('chats.create', { name: 'x', visibility: 'private', members })
    expect([userId, await errorCodeOf(group)]).toEqual([userId, 'not_found'])
  }
  const numbers = await rawRequest(hub.url, eve.token, 'chats.create', {
    name: 'x',
    visibility: 'private',
    members: [1, 2],
  })
  expect(numbers.status).toBe(400)
})

test('bug 10: whoever registers through the API is whole: recovery, presence and people know them', async () => {
  const { hub, olga } = await makeWorld()
  const { invite } = await olga.request('admin.invites.create', {})
  const zoe = await TestUser.register(hub.url, {
    username: 'zoe',
    invite,
    securityQuestion: 'first-pet',
    securityAnswer: 'Rex',
  })
  expect(zoe.recoveryKey).not.toBe('')
  expect(await olga.request('users.get', { userId: zoe.id })).toEqual({ user: zoe.user, presence: 'offline' })
  const row = await hub.hub.store.read((db) =>
    db
      .selectFrom('user')
      .where('id', '=', zoe.id)
      .select(['question', 'answer', 'settings'])
      .executeTakeFirst(),
  )
  expect(row).toMatchObject({ question: expect.stringContaining('pet') as string, settings: '{}' })
  // what a profile has not got is refused, not quietly dropped
  const { status } = await rawRequest(hub.url, undefined, 'accounts.register', {
    username: 'yan',
    password,
    profile_picture: 'x.png',
  })
  expect(status).toBe(400)
})

test('bug 11: a message has its day, typing belongs to its chat, and one can log out', async () => {
  const { ann, bo, kitchen, direct } = await makeWorld()
  const before = Date.now()
  const { at } = await ann.sendMessage(kitchen.id, 'today')
  expect(at).toBeGreaterThanOrEqual(before)
  const [anns, bos] = await Promise.all([ann.connect(), bo.connect()])
  anns.send({ t: 'typing', chat: kitchen.id }, { t: 'typing', chat: direct.id })
  await anns.settle()
  await bos.settle()
  const typing = bos.received.filter((heard) => heard.t === 'typing').map((heard) => heard.chat)
  expect(typing).toEqual([kitchen.id, direct.id])
  await ann.request('accounts.logout', {})
  expect(await errorCodeOf(ann.request('me.get', {}))).toBe('unauthenticated')
})

test('H1, H2: who is not in a chat neither reads, writes, listens nor marks it, whichever way they ask', async () => {
  const { hub, ann, bo, eve, olga, kitchen } = await makeWorld()
  const { id: messageId } = await ann.sendMessage(kitchen.id, 'secret')
  const chatId = kitchen.id
  // the owner of the hub is not in it either
  for (const outsider of [eve, olga]) {
    const live = await outsider.connect()
    const from = live.received.length
    live.send({ t: 'typing', chat: chatId }, { t: 'delivered', chat: chatId, no: 1 })
    for (const door of [outsider, live]) {
      const attempts = [
        door.request('messages.list', { chatId }),
        door.request('streams.read', { stream: `chat:${chatId}` }),
        door.request('chats.get', { chatId }),
        door.request('messages.send', { chatId, cid: randomUUID(), text: 'intruder' }),
        door.request('chats.read', { chatId, no: 1 }),
        door.request('chats.join', { chatId }),
        door.request('messages.status', { messageId }),
      ]
      expect(await Promise.all(attempts.map(errorCodeOf))).toEqual(attempts.map(() => 'not_found'))
    }
    const answer = outsider.request('messages.send', {
      chatId: (await outsider.openDirectChat(ann)).id,
      cid: randomUUID(),
      text: 'quoting what I cannot see',
      replyTo: messageId,
    })
    expect(await errorCodeOf(answer)).toBe('not_found')
    await ann.sendMessage(chatId, 'still secret')
    await live.settle()
    const heard = live.received
      .slice(from)
      .filter((one) => one.t === 'entry' && one.stream === `chat:${chatId}`)
    expect(heard).toEqual([])
    live.terminate()
  }
  expect(await ann.request('messages.status', { messageId })).toEqual({ deliveredTo: [], readBy: [] })
  expect((await bo.request('chats.get', { chatId })).chat.unread).toBe(3)
  expect((await rawRequest(hub.url, undefined, 'messages.list', { chatId })).status).toBe(401)
})

test('H3, H12: a plain member changes neither the group nor anybody in it, and destroys nothing', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  const chatId = kitchen.id
  const attempts = [
    bo.request('chats.update', { chatId, name: 'Mine now' }),
    bo.request('chats.delete', { chatId }),
    bo.request('members.add', { chatId, userId: eve.id }),
    bo.request('members.remove', { chatId, userId: ann.id }),
    bo.request('members.update', { chatId, userId: bo.id, role: 'owner' }),
  ]
  expect(await Promise.all(attempts.map(errorCodeOf))).toEqual(attempts.map(() => 'forbidden'))
  const { chat, members } = await ann.request('chats.get', { chatId })
  expect([chat.name, members.map(({ role }) => role)]).toEqual(['Kitchen', ['owner', 'member']])
  // there is no general way to change a row
  const general = [
    '/api/profiles/',
    '/api/messages/',
    '/api/rooms/',
    `/api/users/${ann.id}`,
    `/api/messages/1`,
  ]
  for (const path of general) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status } = await fetch(hub.url + path, {
        method,
        headers: { authorization: `Bearer ${bo.token}`, 'content-type': 'application/json' },
        body: '{}',
      })
      expect([method, path, status]).toEqual([method, path, 404])
    }
  }
  // and a direct chat is not one side's to destroy
  expect(await errorCodeOf(bo.request('chats.delete', { chatId: (await bo.openDirectChat(ann)).id }))).toBe(
    'forbidden',
  )
})

test('H4: what people write is data: no answer of the hub carries it as a page', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const script = '<script>alert(1)</script><img src=x onerror=alert(1)>'
  await ann.sendMessage(kitchen.id, script)
  const group = await ann.createGroup(script.slice(0, 60), [], 'public')
  for (const path of [
    `/api/chats/${kitchen.id}/messages`,
    '/api/chats',
    `/api/chats/${group.id}`,
    `/api/${script}`,
  ]) {
    const answer = await fetch(hub.url + path, { headers: { authorization: `Bearer ${ann.token}` } })
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('content-security-policy')).toContain("require-trusted-types-for 'script'")
  }
  const unknown = await fetch(`${hub.url}/${encodeURIComponent(script)}?q=${script}`)
  expect(await unknown.text()).not.toContain('alert(1)')
})

test('H5: nothing is changed by GET; leaving, joining, deleting and logging out least of all', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const id = kitchen.id
  const paths = ['/api/logout', `/api/chats/${id}/leave`, `/api/chats/${id}/join`, `/api/chats/${id}/read`]
  for (const path of [...paths, '/logout', `/api/chats/${id}/delete`, '/api/setup', '/api/admin/ownership']) {
    const answer = await fetch(hub.url + path, { headers: { authorization: `Bearer ${ann.token}` } })
    expect([path, answer.status]).toEqual([path, 404])
  }
  expect((await ann.request('chats.get', { chatId: id })).members).toHaveLength(2)
})

test('H6: a foreign page opens no socket in the name of who sits there', async () => {
  const { hub, ann } = await makeWorld()
  const headers = { authorization: `Bearer ${ann.token}`, origin: 'https://evil.example' }
  await expect(LiveClient.open(hub.url, headers)).rejects.toThrow('403')
})

test('H7: nobody learns a secret answer, or from an answer who is here', async () => {
  const { hub, olga } = await makeWorld()
  const tell = async (username: string) => {
    const { status, body } = await rawRequest(hub.url, undefined, 'accounts.login', {
      username,
      password: 'not the password',
    })
    return [status, body]
  }
  expect(await tell('nobody-here')).toEqual(await tell('ann'))
  const row = await hub.hub.store.read((db) => db.selectFrom('user').selectAll().execute())
  const kept = JSON.stringify(row.map((one) => Object.values(one).map(String)))
  expect(kept).not.toContain(password)
  expect(JSON.stringify(await olga.request('users.list', {}))).not.toMatch(
    /password|answer|recovery|question/,
  )
})

test('H8: guesses, sizes and speeds are bounded, and nonsense ends one socket and nobody else’s', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const guess = () =>
    rawRequest(hub.url, undefined, 'accounts.login', { username: 'ann', password: 'a wrong password' })
  const statuses = (await Promise.all(Array.from({ length: 15 }, guess))).map(({ status }) => status)
  expect([
    statuses.filter((one) => one === 401).length,
    statuses.filter((one) => one === 429).length,
  ]).toEqual([10, 5])
  expect(await errorCodeOf(ann.sendMessage(kitchen.id, 'x'.repeat(16 * 1024 + 1)))).toBe('too_large')
  const [mine, theirs] = await Promise.all([ann.connect(), bo.connect()])
  mine.sendRaw('{"message": ')
  expect(await mine.whenClosed()).toMatchObject({ code: 1008 })
  await ann.sendMessage(kitchen.id, 'the others go on')
  expect(await theirs.nextEntry('message.sent')).toMatchObject({ message: { text: 'the others go on' } })
})

test('H9: no key, no database and no session is part of the program', () => {
  const root = new URL('../..', import.meta.url)
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0')
  expect(files.length).toBeGreaterThan(50)
  expect(files.filter((name) => /\.(db|sqlite3?|pem|key|p12|pfx|env)$|(^|\/)\.env/.test(name))).toEqual([])
})

test('H9: each hub has secrets of its own', async () => {
  const [one, two] = [await startTestHub(), await startTestHub()]
  expect(one.hub.hubId).not.toBe(two.hub.hubId)
  const olga = await one.setUp()
  await two.setUp()
  expect(await errorCodeOf(olga.atUrl(two.url).request('me.get', {}))).toBe('unauthenticated')
})

test('H10: nothing the hub serves names another machine to load from', async () => {
  const { hub } = await makeWorld()
  for (const path of ['/', '/login', '/nothing', '/api/docs', '/api/docs.css', '/api/openapi.json']) {
    const answer = await fetch(hub.url + path)
    const text = await answer.text()
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
    expect(answer.headers.get('content-security-policy')).not.toMatch(/https?:|\*/)
    expect([path, [...text.matchAll(/(?:src|href)="(https?:)?\/\/|url\((["']?)(https?:)?\/\//g)]]).toEqual([
      path,
      [],
    ])
  }
})

test('H11: without a session nobody is listed, seen or told of', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const { id: messageId } = await ann.sendMessage(kitchen.id, 'secret')
  for (const [name, input] of [
    ['users.list', {}],
    ['users.get', { userId: ann.id }],
    ['chats.list', {}],
    ['chats.discover', {}],
    ['messages.status', { messageId }],
    ['streams.read', { stream: 'hub' }],
    ['admin.settings', {}],
  ] as const) {
    expect([name, (await rawRequest(hub.url, undefined, name, input)).status]).toEqual([name, 401])
  }
  await expect(LiveClient.open(hub.url, {})).rejects.toThrow('401')
  const meta = JSON.stringify((await rawRequest(hub.url, undefined, 'hub.meta', {})).body)
  for (const name of ['olga', 'ann', 'Kitchen', ann.id]) expect(meta).not.toContain(name)
})

test('H13: a hub that is opened to the network is reached by its addresses and name, and by no other', async () => {
  const hub = await startTestHub({ host: '0.0.0.0', allowPlainHttp: true })
  const { hostname, networkInterfaces } = await import('node:os')
  const { sendRaw } = await import('../support/raw-socket.ts')
  // what listens on 0.0.0.0 is not called by its other addresses
  const own = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => address),
  )
  const at = hub.url.replace('localhost', '127.0.0.1')
  const ask = async (host: string) =>
    (await sendRaw(at, `GET /api/meta HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)).status
  for (const host of own) {
    expect([host, await ask(`${host}:7788`)]).toEqual([host, 200])
  }
  expect(await ask(hostname())).toBe(200)
  expect(await ask(`${hostname()}.local`)).toBe(200)
  expect(await ask('hubbub.evil.example')).toBe(403)
  expect(await ask('203.0.113.7')).toBe(403)
})
