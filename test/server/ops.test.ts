import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { networkInterfaces } from 'node:os'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Measurements } from '../../server/measurements.ts'
import { Activity } from '../../server/ops/activity.ts'
import { SlowLog } from '../../server/ops/slow-log.ts'
import type { OpsOptions } from '../../server/ops/ops-server.ts'
import { startTestHub } from '../support/hub.ts'

const loopback: OpsOptions = { port: 0, host: '127.0.0.1' }
const token = 'a-token-of-enough-length'

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** With any host header, which `fetch` does not allow. */
function ask(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** The value of a figure without labels. */
function figure(text: string, name: string): number {
  const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec(text) ?? []
  if (value === undefined) throw new Error(`there is no ${name}`)
  return Number(value)
}

test('has no ops port unless one is asked for, and none on the port of the hub', async () => {
  const hub = await startTestHub()
  expect(hub.opsUrl).toBeUndefined()
  for (const path of ['/metrics', '/healthz', '/readyz']) {
    expect((await ask(`${hub.url}${path}`)).text).not.toMatch(/hubbub_|^ok|^ready/)
  }
})

test('counts requests, commits, deliveries, sockets and sizes, and names no user', async () => {
  const hub = await startTestHub({ ops: loopback })
  const ann = await hub.registerUser('annabel')
  const chat = await ann.createGroup('Kitchen')
  const live = await ann.connect()
  await ann.sendMessage(chat.id, 'a word that no figure may hold')
  await live.nextEntry('message.sent')
  await expect(ann.request('chats.leave', { chatId: 'nonsense' })).rejects.toThrow()
  const { commits } = hub.hub.measurements
  const { status, headers, text } = await ask(`${hub.opsUrl}/metrics`)
  expect(status).toBe(200)
  expect(headers['content-type']).toMatch(/^text\/plain/)
  expect(headers['cache-control']).toBe('no-store')
  expect(figure(text, 'hubbub_connections')).toBe(1)
  expect(figure(text, 'hubbub_deliveries_total')).toBeGreaterThan(0)
  // the hub commits by itself too, as for the search index
  expect(figure(text, 'hubbub_commits_total')).toBeGreaterThanOrEqual(commits)
  expect(figure(text, 'hubbub_commits_total')).toBeLessThanOrEqual(hub.hub.measurements.commits)
  expect(figure(text, 'hubbub_operations_total')).toBeGreaterThanOrEqual(4)
  expect(figure(text, 'hubbub_failures_total')).toBe(0)
  expect(figure(text, 'hubbub_slow_consumers')).toBe(0)
  expect(figure(text, 'hubbub_queued_operations')).toBeLessThanOrEqual(1)
  // on a busy machine her socket has used up its slice, and waits for the next turn
  expect(figure(text, 'hubbub_waiting_requests')).toBeLessThanOrEqual(1)
  expect(figure(text, 'hubbub_database_bytes')).toBeGreaterThan(0)
  expect(figure(text, 'hubbub_disk_free_bytes')).toBeGreaterThan(0)
  expect(figure(text, 'process_resident_memory_bytes')).toBeGreaterThan(0)
  expect(figure(text, 'nodejs_eventloop_lag_max_seconds')).toBeGreaterThanOrEqual(0)
  expect(text).toContain('hubbub_request_seconds_count{request="messages.send"} 1')
  expect(text).not.toMatch(/annabel|Kitchen|nonsense|no figure/)
  expect(text).not.toContain(ann.id)
  // a counter is read, not added up, each time
  expect(figure((await ask(`${hub.opsUrl}/metrics`)).text, 'hubbub_requests_total')).toBe(
    figure(text, 'hubbub_requests_total'),
  )
})

test('a name that is no request is counted as unknown, so that no client can make up labels', async () => {
  const hub = await startTestHub({ ops: loopback })
  const ann = await hub.registerUser('ann')
  const live = await ann.connect()
  await expect(live.request('made.up' as 'messages.send', {} as never)).rejects.toThrow()
  const { text } = await ask(`${hub.opsUrl}/metrics`)
  expect(text).toContain('hubbub_request_seconds_count{request="unknown"} 1')
  expect(text).not.toContain('made.up')
})

test('is healthy while the loop turns, and ready until it closes', async () => {
  const hub = await startTestHub({ ops: loopback })
  const at = (path: string) => ask(`${hub.opsUrl}${path}`)
  expect(await at('/healthz')).toMatchObject({ status: 200, text: 'ok\n' })
  expect(await at('/readyz')).toMatchObject({ status: 200, text: 'ready\n' })
  expect(await at('/readyz?verbose')).toMatchObject({ status: 200 })
  expect(await at('/other')).toMatchObject({ status: 404 })
  expect(await ask(`${hub.opsUrl}/healthz`, {}, 'POST')).toMatchObject({ status: 405 })
  expect(await ask(`${hub.opsUrl}/healthz`, {}, 'HEAD')).toMatchObject({ status: 200, text: '' })
  const batch = Promise.withResolvers<void>()
  const held = hub.hub.store.writer.write(() => batch.promise)
  await new Promise((resolve) => setImmediate(resolve))
  const closed = hub.close()
  expect(await at('/readyz')).toMatchObject({ status: 503, text: 'the hub is closing\n' })
  expect(await at('/healthz')).toMatchObject({ status: 200 })
  batch.resolve()
  await Promise.all([held, closed])
  await expect(at('/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('is not ready while the database cannot be read, and says so without details', async () => {
  const hub = await startTestHub({ ops: loopback })
  const store = hub.hub.store as unknown as { close: () => void }
  store.close()
  expect(await ask(`${hub.opsUrl}/readyz`)).toMatchObject({
    status: 503,
    text: 'the database cannot be read\n',
  })
  expect(await ask(`${hub.opsUrl}/healthz`)).toMatchObject({ status: 200 })
})

test('without a token the metrics are for this computer, and not for a page of another site on it', async () => {
  const hub = await startTestHub({ ops: loopback })
  const { port } = new URL(hub.opsUrl ?? '')
  const read = (host: string) => ask(`${hub.opsUrl}/metrics`, { host })
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, 'localhost']) {
    expect(await read(host), host).toMatchObject({ status: 200 })
  }
  for (const host of [`rebound.example:${port}`, 'localhost.example', '10.1.2.3', '127.0.0.1.example']) {
    const refused = await read(host)
    expect([400, 403], host).toContain(refused.status)
    expect(refused.text).not.toContain('hubbub_')
  }
  // the two states say nothing about the team
  expect(await ask(`${hub.opsUrl}/readyz`, { host: 'rebound.example' })).toMatchObject({ status: 200 })
})

test('with a token every client needs it', async () => {
  const hub = await startTestHub({ ops: { ...loopback, token } })
  const read = (authorization?: string) =>
    ask(`${hub.opsUrl}/metrics`, { host: 'monitor.example', ...(authorization && { authorization }) })
  expect(await read(`Bearer ${token}`)).toMatchObject({ status: 200 })
  for (const wrong of [
    undefined,
    token,
    `Basic ${token}`,
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    'Bearer ',
  ]) {
    const refused = await read(wrong)
    expect(refused, wrong).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
    expect(refused.text).not.toContain(token)
  }
  expect(await ask(`${hub.opsUrl}/metrics`)).toMatchObject({ status: 401 })
  expect(await ask(`${hub.opsUrl}/healthz`)).toMatchObject({ status: 200 })
})

test('an ops port that would be open to others without a token, or that is taken, is refused in words', async () => {
  await expect(startTestHub({ ops: { port: 0, host: '0.0.0.0' } })).rejects.toThrow(
    '--ops-host 0.0.0.0 lets other computers read the metrics, so it needs a token',
  )
  const hub = await startTestHub({ ops: loopback })
  const port = Number(new URL(hub.opsUrl ?? '').port)
  await expect(startTestHub({ ops: { ...loopback, port } })).rejects.toThrow(
    `Port ${port} is in use by another program. Stop it, or choose another with --ops-port.`,
  )
  const taken = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? [])
  expect(taken).not.toContain('192.0.2.1')
  await expect(startTestHub({ ops: { port: 0, host: '192.0.2.1', token } })).rejects.toThrow(
    'This computer has no address 192.0.2.1.',
  )
})

test('Health shows what the hub did, to its owner and admins', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  const chat = await olga.createGroup('Lounge')
  const live = await olga.connect()
  for (let i = 0; i < 5; i += 1) await olga.sendMessage(chat.id, `word ${i}`)
  await live.nextEntry('message.sent')
  hub.hub.measurements.noteTime('commit', '', 2_100)
  const { activity } = await olga.request('admin.health', {})
  expect(activity).toMatchObject({ state: 'attention', commitMs: 2_100, slow: 0, pointMs: 600_000 })
  expect(activity.points).toHaveLength(1)
  expect(activity.points[0]).toMatchObject({ connections: 1, commitMs: 2_100 })
  expect(activity.points[0]?.operations).toBeGreaterThanOrEqual(7)
  expect(activity.points[0]?.deliveries).toBeGreaterThanOrEqual(5)
})

test('a hub that may open no more files goes on: it does not say how much memory it takes', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  const rss = vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => {
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })
  })
  onTestFinished(() => void rss.mockRestore())
  // what the hub does each ten seconds by itself too
  const { activity } = await olga.request('admin.health', {})
  expect(rss).toHaveBeenCalled()
  expect(activity.points).toHaveLength(1)
})

test('the curve keeps a day, with the highest values of each ten minutes and the sums since the point before', () => {
  let now = 0
  const measurements = new Measurements()
  const levels = { connections: 3, slow: 0, waiting: 0, deliveries: 0, memory: 1000 }
  const activity = new Activity({
    measurements,
    readLevels: () => ({ ...levels }),
    clock: () => 1_000_000 + now,
    now: () => now,
  })
  const pass = (seconds: number): void => {
    for (let i = 0; i < seconds; i += 1) {
      now += 1_000
      activity.tick()
    }
  }
  measurements.noteCommit(4, 12.4)
  levels.deliveries = 40
  pass(30)
  // the loop stood still for two seconds
  now += 3_000
  activity.tick()
  levels.connections = 1
  pass(567)
  measurements.noteCommit(2, 3)
  levels.deliveries = 45
  pass(20)
  const [first, second] = activity.read().points
  expect(first).toMatchObject({
    ...{ at: 1_000_000, connections: 3, operations: 4, deliveries: 40 },
    ...{ loopMs: 2_000, commitMs: 12, memory: 1000 },
  })
  expect(second).toMatchObject({ at: 1_600_000, connections: 1, operations: 2, deliveries: 5, loopMs: 0 })
  expect(activity.read()).toMatchObject({ state: 'attention', loopMs: 2_000 })
  // a computer that slept for an hour was not slow
  now += 3_600_000
  activity.tick()
  expect(activity.read().loopMs).toBeLessThanOrEqual(2_000)
  pass(2 * 24 * 3_600)
  const day = activity.read()
  expect(day.points).toHaveLength(144)
  expect(day.state).toBe('good')
  for (const [at, point] of day.points.slice(1).entries()) {
    expect(point.at - (day.points[at]?.at ?? 0)).toBe(600_000)
  }
})

test('logs slow work once a minute for each request, with the number of those it left out', () => {
  let now = 0
  const lines: unknown[] = []
  const log = { warn: (details: object, text: string) => lines.push({ ...details, text }) }
  const slowLog = new SlowLog(log as never, () => now)
  const measurements = new Measurements()
  measurements.onSlow = (kind, name, ms) => slowLog.note(kind, name, ms)
  measurements.noteRequest('messages.list', 1_999)
  expect(lines).toEqual([])
  for (let i = 0; i < 50; i += 1) measurements.noteRequest('messages.list', 2_500.4)
  measurements.noteRequest('search.messages', 3_000)
  measurements.noteCommit(1, 700)
  measurements.noteTime('loop', '', 800)
  expect(lines).toMatchObject([
    { request: 'messages.list', ms: 2500, text: 'a request was slow' },
    { request: 'search.messages', ms: 3000 },
    { ms: 700, text: expect.stringContaining('the disk is busy or slow') as string },
    { ms: 800, text: expect.stringContaining('the event loop stood still') as string },
  ])
  now += 60_000
  measurements.noteRequest('messages.list', 2_600)
  expect(lines.at(-1)).toMatchObject({ request: 'messages.list', moreBefore: 49 })
})
