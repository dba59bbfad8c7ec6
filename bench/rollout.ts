/*
 * node bench/rollout.ts [sockets] [drain seconds] [NOTIFY|Redis|NATS] [nginx|HAProxy]: three processes of one hub behind a proxy
 * are replaced one after the other, while clients send over sockets and requests come over HTTP. Counts failed requests, how
 * long each client was away, and what arrived. The hub has to be built: npm run build.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { cpus, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeCaCertificate, makeLeafCertificate } from '../server/tls/certificate.ts'
import { hubProgram } from '../test/support/build-program.ts'
import { type HubPorts, startHaproxy } from '../test/support/haproxy.ts'
import { startNginx } from '../test/support/nginx.ts'
import { freePort } from '../test/support/ports.ts'
import { startPostgres } from '../test/support/postgres-server.ts'
import { TestUser } from '../test/support/test-user.ts'
import { type BusName, type BusProcess, startBus } from './cluster-bus.ts'
import { RolloutClient, type Way } from './rollout-client.ts'
import { percentile } from './stats.ts'

const socketCount = Number(process.argv[2] ?? 300)
const drainSeconds = Number(process.argv[3] ?? 10)
const busName = process.argv[4] ?? 'NOTIFY'
const proxyName = process.argv[5] ?? 'nginx'
const processCount = 3
const userCount = 30
const senderCount = 10
const sendIntervalMs = 200
const workerCount = 6
const workerPauseMs = 50
const name = 'chat.example.com'

const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-rollout-'))
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
const postgres = await startPostgres({ autovacuum: 'on' }, tmpdir())
if (!['NOTIFY', 'Redis', 'NATS'].includes(busName)) throw new Error(`no bus ${busName}`)
if (!['nginx', 'HAProxy'].includes(proxyName)) throw new Error(`no proxy ${proxyName}`)
const bus = await startBusNamed(busName)
const hubPorts: HubPorts[] = []
for (let i = 0; i < processCount; i += 1) hubPorts.push({ port: await freePort(), opsPort: await freePort() })
const tls = makeCertificate()
const proxy =
  proxyName === 'nginx'
    ? await startNginx(
        hubPorts.map(({ port }) => port),
        tls.files,
        dir,
      )
    : await startHaproxy(hubPorts, tls.files, dir)
const host = `${name}:${proxy.port}`
const way: Way = { url: proxy.url, host, ca: tls.ca }

async function startBusNamed(name: string): Promise<BusProcess | undefined> {
  if (name === 'NOTIFY') return undefined
  const started = await startBus(name as BusName)
  if (started === 'missing') throw new Error(`${name} is not installed`)
  return started
}

async function startProcess(index: number): Promise<ChildProcess> {
  const data = path.join(dir, `hub-${index}`)
  mkdirSync(data, { recursive: true })
  const { port, opsPort } = hubPorts[index] as HubPorts
  const child = spawn(
    process.execPath,
    [
      ...[...hubProgram, '--data', data, '--identity', path.join(dir, 'identity')],
      ...['--cluster', '--load-test', '--port', port, '--public-url', `https://${host}`],
      ...['--drain', `${drainSeconds}`, '--ops-port', opsPort],
    ],
    {
      env: {
        ...process.env,
        ...{ HUBBUB_LOG: 'warn', HUBBUB_SETUP_CODE: 'bench-code', HUBBUB_DATABASE: postgres.url },
        ...(bus === undefined ? {} : { HUBBUB_BUS: bus.url }),
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${opsPort}/readyz`).catch(() => undefined)
    if (response?.status === 200) return child
    if (child.exitCode !== null) throw new Error('a process of the hub ended')
    await sleep(50)
  }
}

function makeCertificate() {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const authority = { key, hubId: 'bench' }
  const ca = makeCaCertificate(key, 'bench', Date.now())
  const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const files = { cert: path.join(dir, 'chain.pem'), key: path.join(dir, 'key.pem') }
  writeFileSync(files.key, leaf.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(files.cert, makeLeafCertificate(authority, leaf, [name], Date.now()) + ca)
  return { ca, files }
}

const processes: ChildProcess[] = []
for (let i = 0; i < processCount; i += 1) processes.push(await startProcess(i))
const direct = `http://127.0.0.1:${hubPorts[0]?.port}`
const owner = await TestUser.setUp(direct, { code: 'bench-code', username: 'owner', registration: 'open' })
const users: TestUser[] = []
for (let i = 0; i < userCount; i += 1) users.push(await TestUser.register(direct, { username: `user-${i}` }))
const group = await owner.createGroup('Bench', users)

const clients = Array.from({ length: socketCount }, (_, i) => {
  return new RolloutClient(way, (users[i % userCount] as TestUser).token, group.id)
})
for (const client of clients) await client.open()

/* requests over HTTP, through the proxy */
const agent = new Agent({ keepAlive: true, ca: tls.ca, servername: name })
const http = { count: 0, failures: [] as string[], acked: [] as string[] }
let isRunning = true

async function ask(method: string, where: string, token: string, body?: object): Promise<number> {
  const outgoing = request(`${proxy.url}${where}`, {
    ...{ method, agent },
    headers: {
      ...{ host, 'x-hubbub-client': 'token', authorization: `Bearer ${token}` },
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
  })
  outgoing.end(body ? JSON.stringify(body) : undefined)
  const [response] = (await once(outgoing, 'response')) as [{ statusCode: number; resume: () => void }]
  response.resume()
  return response.statusCode
}

async function work(index: number): Promise<void> {
  const { token } = users[index % userCount] as TestUser
  for (let turn = 0; isRunning; turn += 1) {
    const cid = randomUUID()
    const isSending = turn % 3 === 2
    try {
      const status = isSending
        ? await ask('POST', `/api/chats/${group.id}/messages`, token, { cid, text: `over HTTP ${cid}` })
        : await ask('GET', turn % 3 === 0 ? '/api/meta' : `/api/chats/${group.id}/messages`, token)
      if (status >= 400) http.failures.push(`${isSending ? 'POST' : 'GET'} got ${status}`)
      else if (isSending) http.acked.push(cid)
    } catch (error) {
      http.failures.push(String(error))
    }
    http.count += 1
    await sleep(workerPauseMs)
  }
}

const working = Array.from({ length: workerCount }, (_, i) => work(i))
const sending = setInterval(() => {
  for (const client of clients.slice(0, senderCount)) client.send(`over a socket ${randomUUID()}`)
}, sendIntervalMs)

const began = performance.now()
for (let i = 0; i < processCount; i += 1) {
  await sleep(1_000)
  const child = processes[i] as ChildProcess
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const [code] = (await ended) as [number]
  if (code !== 0) throw new Error(`a process ended with ${code}`)
  processes[i] = await startProcess(i)
}
await sleep(1_000)
const took = performance.now() - began
clearInterval(sending)
isRunning = false
await Promise.all(working)

/* what arrived */
const settledBy = performance.now() + 10_000
const wanted = new Set([...clients.flatMap(({ acked }) => acked), ...http.acked])
const { head } = await owner.request('streams.read', { stream: `chat:${group.id}`, after: 0, limit: 1 })
const lacks = (client: RolloutClient): number => {
  let missing = 0
  for (let seq = client.from + 1; seq <= head; seq += 1) if (!client.seqs.has(seq)) missing += 1
  return missing
}
while (performance.now() < settledBy && clients.some((one) => lacks(one) > 0 || one.pendingCount > 0))
  await sleep(100)
const stored = await countStored()
const absences = clients.flatMap((client) => client.absences)
const doubled = clients.reduce(
  (sum, { seqs }) => sum + [...seqs.values()].filter((times) => times > 1).length,
  0,
)
const rows: [string, string | number][] = [
  ['requests over HTTP', http.count],
  ['failed', `${http.failures.length} ${[...new Set(http.failures)].slice(0, 3).join('; ')}`],
  ['upgrades refused', clients.reduce((sum, { refusals }) => sum + refusals, 0)],
  ['errors over sockets', clients.reduce((sum, { errors }) => sum + errors.length, 0)],
  ['messages acknowledged', wanted.size],
  ['of these not stored once', stored],
  ['sockets', socketCount],
  ['reconnects', absences.length],
  ['away, p50 ms', Math.round(percentile(absences, 50))],
  ['away, p99 ms', Math.round(percentile(absences, 99))],
  ['away, longest ms', Math.round(Math.max(0, ...absences))],
  ['clients not there at the end', clients.filter(({ isThere }) => !isThere).length],
  ['entries that a client lacks', clients.reduce((sum, client) => sum + lacks(client), 0)],
  ['entries that came twice', doubled],
]
process.stdout.write(
  [
    `${cpus().length} cores, load average ${loadavg()[0]?.toFixed(1)}; ${processCount} processes replaced in ${(took / 1000).toFixed(0)} s, --drain ${drainSeconds}, bus ${busName}, ${proxyName}`,
    ...rows.map(([what, figure]) => `| ${what} | ${figure} |`),
    '',
  ].join('\n'),
)
const errors = [...new Set(clients.flatMap((client) => client.errors))].slice(0, 5)
if (errors.length > 0) process.stdout.write(`${errors.join('\n')}\n`)
for (const client of clients) client.close()
agent.destroy()
const ends = processes.map(async (child) => {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
})
await Promise.all(ends)
await proxy.stop()
await bus?.stop()
await postgres.stop()
process.exit(0)

/** Returns how many of the acknowledged messages are not there exactly once. */
async function countStored(): Promise<number> {
  const times = new Map<string, number>()
  const { default: pg } = await import('pg')
  const client = new pg.Client(postgres.url)
  await client.connect()
  const { rows } = await client.query<{ cid: string; n: string }>(
    'select cid, count(*) as n from message group by cid',
  )
  await client.end()
  for (const { cid, n } of rows) times.set(cid, Number(n))
  return [...wanted].filter((cid) => times.get(cid) !== 1).length
}
