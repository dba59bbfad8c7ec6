import path from 'node:path'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
import { LiveClient } from '../support/live-client.ts'
import { type ClusterWorld, endBus, makeClusterWorld, startCluster } from '../support/cluster.ts'
import { TestUser } from '../support/test-user.ts'
import { tusRequest } from '../support/tus.ts'
import { waitFor } from '../support/wait-for.ts'

/* Several processes of one hub, on one database. */

const until = (isSo: () => boolean): Promise<void> =>
  waitFor(() => {
    if (!isSo()) throw new Error('not yet')
  })

const textsOf = (live: LiveClient): string[] =>
  live.entries.flatMap((entry) =>
    entry.type === 'message.sent' ? ((entry.message as { text?: string }).text ?? []) : [],
  )

/** The seqs of each stream that a socket got, in the order in which they came. */
function seqsOf(live: LiveClient, stream: string): number[] {
  return live.entries.filter((entry) => entry.stream === stream).map(({ seq }) => seq)
}

test('messages of two processes reach the sockets of both in order and once, also after a resume', async () => {
  const world = await makeClusterWorld()
  const { one, other, ann, bo, kitchen } = world
  const [annLive, boLive] = await Promise.all([ann.connect(), bo.atUrl(other.url).connect()])
  const count = 25
  const send = async (user: typeof ann, name: string): Promise<void> => {
    await Promise.all(Array.from({ length: count }, (_, i) => user.sendMessage(kitchen.id, `${name} ${i}`)))
  }
  await Promise.all([send(ann, 'ann'), send(bo.atUrl(other.url), 'bo'), send(bo.atUrl(one.url), 'bo at one')])
  const stream = `chat:${kitchen.id}`
  for (const live of [annLive, boLive]) {
    await until(() => seqsOf(live, stream).length >= 3 * count)
    const seqs = seqsOf(live, stream)
    const head = live.state?.chats.find(({ id }) => id === kitchen.id)?.head ?? 0
    expect(seqs).toEqual(Array.from({ length: 3 * count }, (_, i) => head + 1 + i))
  }
  expect(textsOf(annLive)).toEqual(textsOf(boLive))
  await resumeInTurn(world)
  expect(await one.findProblems()).toEqual([])
})

/* a client that resumes gets what comes after its state, once */
async function resumeInTurn({ one, other, ann, bo, kitchen }: ClusterWorld): Promise<void> {
  const stream = `chat:${kitchen.id}`
  let isSending = true
  const sending = (async () => {
    for (let i = 0; isSending; i += 1) await ann.sendMessage(kitchen.id, `message ${i}`)
  })()
  for (let i = 0; i < 4; i += 1) {
    const live = await bo.atUrl(i % 2 === 0 ? other.url : one.url).connect()
    const head = live.state?.chats.find(({ id }) => id === kitchen.id)?.head ?? 0
    await until(() => seqsOf(live, stream).length >= 4)
    const seqs = seqsOf(live, stream)
    expect(seqs).toEqual(seqs.map((_, at) => head + 1 + at))
    await live.close()
  }
  isSending = false
  await sending
}

test('members, sessions, typing, receipts and presence are those of the whole hub', async () => {
  const { other, ann, bo, eve, kitchen, direct } = await makeClusterWorld()
  const [eveLive, boLive] = await Promise.all([eve.atUrl(other.url).connect(), bo.atUrl(other.url).connect()])
  const annLive = await ann.connect()

  // who is added gets what follows, who is removed gets nothing more
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  await eveLive.nextEntry('chat.added')
  // longer than a notification can be
  const long = `for all three ${'ü'.repeat(8_000)}`
  await ann.sendMessage(kitchen.id, long)
  await until(() => textsOf(eveLive).includes(long))
  await ann.request('members.remove', { chatId: kitchen.id, userId: eve.id })
  await eveLive.nextEntry('chat.removed')
  await ann.sendMessage(kitchen.id, 'for two')
  await until(() => textsOf(boLive).includes('for two'))
  expect(textsOf(eveLive)).toEqual([long])

  // presence there is known here
  await annLive.next(
    (message) => message.t === 'presence' && message.user === bo.id && message.state === 'active',
  )
  expect((await ann.request('users.get', { userId: bo.id })).presence).toBe('active')

  // so are the time zone, the sessions in use and the number of connections
  boLive.send({ t: 'resume', protocol: 1, zone: 'Asia/Tokyo' } as never)
  await waitFor(async () =>
    expect((await ann.request('users.get', { userId: bo.id })).zone).toBe('Asia/Tokyo'),
  )
  const phone = await TestUser.login(other.url, 'bo')
  const phoneLive = await phone.connect()
  await waitFor(async () => {
    const since = Date.now()
    const { sessions } = await bo.request('sessions.list', {})
    expect(sessions.find(({ current }) => !current)?.usedAt).toBeGreaterThanOrEqual(since)
  })
  await phoneLive.close()
  const more = await Promise.all(Array.from({ length: 31 }, () => bo.atUrl(other.url).connect()))
  await waitFor(async () => {
    const tooMany = await LiveClient.open(bo.url, { authorization: `Bearer ${bo.token}` })
    await expect(Promise.race([tooMany.whenClosed(), tooMany.settle()])).resolves.toMatchObject({
      code: 4429,
    })
  })
  await Promise.all(more.map((live) => live.close()))

  // hints
  annLive.send({ t: 'typing', chat: direct.id })
  await boLive.next((message) => message.t === 'typing' && message.chat === direct.id)
  const { no } = await ann.sendMessage(direct.id, 'hello')
  boLive.send({ t: 'delivered', chat: direct.id, no })
  await annLive.next((message) => message.t === 'delivered' && message.no === no)
  await bo.atUrl(other.url).request('chats.read', { chatId: direct.id, no })
  await annLive.next((message) => message.t === 'read' && message.user === bo.id && message.no === no)

  // a session that ends here closes its socket there
  await bo.request('accounts.logout', {})
  expect(await boLive.whenClosed()).toMatchObject({ code: 4401 })
  await expect(bo.atUrl(other.url).request('chats.list', {})).rejects.toThrow('401')
})

test('what was never told is found: a process that ended at its commit, and a bus that was cut', async () => {
  let aheadMs = 0
  const { one, other, ann, bo, kitchen } = await makeClusterWorld({
    ops: { port: 0, host: '127.0.0.1' },
    clock: () => Date.now() + aheadMs,
  })
  const boLive = await bo.atUrl(other.url).connect()
  const { token } = await bo.request('tokens.create', { name: 'script', scope: 'write' })
  const script = await new TestUser(other.url, token, bo.user).connect()
  await ann.sendMessage(kitchen.id, 'first')
  await until(() => textsOf(boLive).includes('first'))

  // another process commits, and ends before it can tell
  const from = boLive.received.length
  const { store } = one.hub
  await store.writer.write(
    async ({ db, now }) => {
      await db
        .updateTable('chat')
        .set((eb) => ({ head: eb('head', '+', 1) }))
        .where('id', '=', kitchen.id)
        .execute()
      const stream = `chat:${kitchen.id}`
      const { seq } = await db
        .selectFrom('entry')
        .where('stream', '=', stream)
        .select((eb) => eb(eb.fn.max('seq'), '+', 1).as('seq'))
        .executeTakeFirstOrThrow()
      await db
        .insertInto('entry')
        .values({ stream, seq, type: 'chat.created', at: now, byId: null, target: null, data: null })
        .execute()
    },
    { locks: [`chat:${kitchen.id}`] },
  )
  const behind = await boLive.next((message) => message.t === 'behind', from)
  expect(behind).toMatchObject({ t: 'behind' })

  // both connections of the bus end while messages are sent
  const sent = Array.from({ length: 20 }, (_, i) => `while cut ${i}`)
  for (const text of sent.slice(0, 10)) await ann.sendMessage(kitchen.id, text)
  await endBus(one.database)
  for (const text of sent.slice(10)) await ann.sendMessage(kitchen.id, text)
  const last = await ann.sendMessage(kitchen.id, 'last')
  // it comes as an entry, or by the heads that the client reads up to
  await boLive.next(
    (message) =>
      (message.t === 'entry' && message.stream === `chat:${kitchen.id}` && message.seq >= last.seq) ||
      (message.t === 'behind' && (message.heads[`chat:${kitchen.id}`] ?? 0) >= last.seq),
    from,
  )
  const seqs = seqsOf(boLive, `chat:${kitchen.id}`)
  expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b))

  // a token is no session, and its socket stays open too
  expect([boLive.closed, script.closed]).toEqual([undefined, undefined])

  // the ops port says so
  const ask = async (path: string): Promise<string> => (await fetch(`${other.opsUrl}${path}`)).text()
  await waitFor(async () => {
    const figures = await ask('/metrics')
    for (const [name, least] of [
      ['hubbub_cluster_processes', 2],
      ['hubbub_bus_open', 1],
      ['hubbub_bus_reconnects_total', 1],
      ['hubbub_bus_resyncs_total', 2],
      ['hubbub_bus_lag_seconds_count', 1],
      ['hubbub_feed_held', 0],
      ['hubbub_feed_holds_total', 0],
    ] as const)
      expect(Number(new RegExp(`^${name} (.*)$`, 'm').exec(figures)?.[1]), name).toBeGreaterThanOrEqual(least)
  })
  expect(await ask('/readyz')).toBe('ready\n')
  for (const ms of [5_000, -5_000]) {
    aheadMs = ms
    expect(await ask('/readyz')).toBe('the clocks of this computer and of the database differ\n')
  }
})

test('Health is that of all processes, and the owner confirms the clocks of all', async () => {
  let aheadMs = 0
  const { one, other, olga, ann, bo } = await makeClusterWorld({
    ...{ clock: () => Date.now() + aheadMs, steady: () => performance.now() },
  })
  await Promise.all([ann.connect(), bo.atUrl(other.url).connect()])
  const readHealth = () => olga.atUrl(other.url).request('admin.health', {})
  await waitFor(async () => expect(await readHealth()).toMatchObject({ connections: 2 }))
  expect(await readHealth()).toMatchObject({
    ...{ database: { state: 'good' }, clock: { state: 'good' } },
    cluster: { state: 'good', processes: 2 },
  })
  await until(() => one.hub.isLeader())
  one.hub.damage.isFound = true
  one.hub.fileRemoval.lastSurvey = { total: 9, unreferenced: 0, setAside: 0, missing: 2 }
  await waitFor(async () =>
    expect(await readHealth()).toMatchObject({ database: { state: 'bad' }, files: { missing: 2 } }),
  )
  aheadMs = 3 * 60 * 60_000
  expect(one.hub.time.isTrusted).toBe(false)
  await waitFor(async () => expect(await readHealth()).toMatchObject({ clock: { state: 'attention' } }))
  await olga.atUrl(other.url).request('admin.clock.confirm', {})
  await until(() => one.hub.time.isTrusted)
  await waitFor(async () => expect(await readHealth()).toMatchObject({ clock: { state: 'good' } }))
})

test('a process that reads its memory again learns who no longer hides when they were last seen', async () => {
  const { one, other, ann, bo } = await makeClusterWorld()
  const isShown = (): boolean => other.hub.live.canSeeLastSeen(ann.id, bo.id)
  await bo.request('me.update', { settings: { hideLastSeen: true } })
  await until(() => !isShown())
  // the other process is not told
  await one.hub.store.writer.write(
    ({ db }) => db.updateTable('user').set({ settings: '{}' }).where('id', '=', bo.id).execute(),
    { locks: 'hub' },
  )
  await endBus(one.database)
  await until(isShown)
})

test('a process that stores what a user wrote keeps that another has refused their text', async () => {
  const { one, other, ann, kitchen } = await makeClusterWorld({ textBytesPerDay: 8_192 })
  const text = 'x'.repeat(3_000)
  await ann.sendMessage(kitchen.id, text)
  await ann.sendMessage(kitchen.id, text)
  await expect(ann.sendMessage(kitchen.id, text)).rejects.toThrow('rate_limited')
  await ann.atUrl(other.url).sendMessage(kitchen.id, text)
  for (const { hub } of [one, other]) await hub.jobs.run('budget.save')
  const rows = await one.hub.store.read((db) => db.selectFrom('textBudget').selectAll().execute())
  expect(rows).toMatchObject([{ userId: ann.id, reachedAt: expect.any(Number) }])
})

test('files are refused in words, and one process runs the periodic jobs', async () => {
  const { one, other, ann } = await makeClusterWorld()
  const upload = await tusRequest('POST', `${one.url}/api/files`, ann.token, { 'upload-length': '5' })
  expect([upload.status, upload.body]).toEqual([403, expect.stringContaining('several processes')])
  await until(() => one.hub.isLeader())
  expect(other.hub.isLeader()).toBe(false)
  await one.close()
  await until(() => other.hub.isLeader())
})

test('processes that start at once make one hub, and exactly one of fifty users sets it up at any of them', async () => {
  const { hubs, identity, database } = await startCluster(3, { setupCode: undefined })
  const [one, two, three] = hubs
  if (!one || !two || !three) throw new Error('three processes')
  // each of them says the same code, and takes it
  expect(new Set(hubs.map(({ hub }) => hub.hubId)).size).toBe(1)
  expect(one.setupCode).toMatch(/^[a-z]{5}-[a-z]{5}-[a-z]{5}$/)
  expect(hubs.map(({ setupCode }) => setupCode)).toEqual([one.setupCode, one.setupCode, one.setupCode])
  const wrong = await TestUser.setUp(two.url, { code: 'wrong-code-1', username: 'eve' }).catch(String)
  expect(wrong).toContain('403 forbidden')

  const setUp = (i: number): Promise<TestUser | string> =>
    TestUser.setUp(hubs[i % 3]?.url ?? '', { code: one.setupCode, username: `owner${i}` }).catch(String)
  const results = await Promise.all(Array.from({ length: 50 }, (_, i) => setUp(i)))
  const [owner, ...others] = results.filter((result) => result instanceof TestUser)
  expect(others).toEqual([])
  expect(
    results.filter((result) => typeof result === 'string' && result.includes('409 conflict')),
  ).toHaveLength(49)
  const seen = await owner?.atUrl(three.url).request('me.get', {})
  expect(seen?.user.role).toBe('owner')
  expect(await TestUser.setUp(one.url, { code: one.setupCode, username: 'eve' }).catch(String)).toContain(
    '409 conflict',
  )
  // one that joins later has no code to say, and one that is given another key is refused
  const later = { database, isCluster: true }
  expect((await startTestHub({ ...later, dataDir: newDataDir(), identity })).setupCode).toBe('')
  const elsewhere = path.join(newDataDir(), 'identity')
  await expect(startTestHub({ ...later, dataDir: newDataDir(), identity: elsewhere })).rejects.toThrow(
    'its key',
  )
  await expect(startTestHub({ isCluster: true })).rejects.toThrow('need one key')
  // two that start with another folder for files: one of them marks its own
  const withFolder = (): Promise<string> => {
    const files = newDataDir()
    const started = startTestHub({ ...later, dataDir: newDataDir(), identity, files })
    return started.then(() => 'started', String)
  }
  const outcomes = await Promise.all([withFolder(), withFolder()])
  expect(outcomes.toSorted()).toEqual([expect.stringContaining('is not the folder'), 'started'])
})

test('a code that one process was given counts at all of them, and the key of another hub is refused', async () => {
  const { hubs, identity, database } = await startCluster(1, { setupCode: undefined })
  const cluster = { database, identity, isCluster: true }
  const told = await startTestHub({ ...cluster, dataDir: newDataDir(), setupCode: 'given-code-1' })
  const silent = await startTestHub({ ...cluster, dataDir: newDataDir(), setupCode: undefined })
  expect([told.setupCode, silent.setupCode]).toEqual(['given-code-1', ''])
  const [one] = hubs
  await TestUser.setUp(one?.url ?? '', { code: 'given-code-1', username: 'olga' })
  const other = await startTestHub()
  await other.close()
  await expect(startTestHub({ ...cluster, dataDir: other.dataDir })).rejects.toThrow('belongs to another hub')
})

test('a process that is asked to end answers what it has, and sends its sockets elsewhere one after the other', async () => {
  const { one, other, ann, kitchen } = await makeClusterWorld({
    ops: { port: 0, host: '127.0.0.1' },
    drainMs: 1_200,
  })
  const lives = await Promise.all(Array.from({ length: 6 }, () => ann.connect()))
  const [first] = lives as [LiveClient]
  const kept = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => kept.destroy())
  expect((await getOver(kept, one.url)).headers.connection).toBe('keep-alive')

  // a write waits for another process, and is answered before its socket closes
  const blocked = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const hold = (): Promise<void> => {
    begun.resolve()
    return blocked.promise
  }
  const holding = other.hub.store.writer.write(hold, { locks: [`chat:${kitchen.id}`] })
  await begun.promise
  const sending = first.request('messages.send', {
    ...{ chatId: kitchen.id, text: 'last words', cid: randomUUID() },
  })
  const ended = one.close({ isSpread: true })
  await waitFor(async () => expect((await fetch(`${one.opsUrl}/readyz`)).status).toBe(503))
  await until(() => one.hub.draining.hasStoppedListening)
  await expect(fetch(`${one.url}/api/meta`)).rejects.toThrow('fetch failed')
  const answer = await getOver(kept, one.url)
  expect([answer.status, answer.headers.connection]).toEqual([200, 'close'])
  await until(() => lives.slice(1).every((live) => live.closed))
  expect(first.closed).toBeUndefined()
  blocked.resolve()
  await holding
  await sending
  await ended
  for (const live of lives) {
    expect(live.closed).toEqual({ code: 1012, reason: 'restarting' })
    const bye = live.received.find((message) => message.t === 'bye')
    expect(bye?.after).toBeLessThanOrEqual(700)
  }
  const { messages } = await ann.atUrl(other.url).request('messages.list', { chatId: kitchen.id })
  expect(messages.map((message) => 'text' in message && message.text)).toContain('last words')
})

/** A request over a connection that stays open. */
async function getOver(agent: Agent, url: string): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  const outgoing = request(`${url}/api/meta`, { agent }).end()
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'end')
  return { status: response.statusCode ?? 0, headers: response.headers }
}
