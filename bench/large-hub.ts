/*
 * node bench/large-hub.ts [users] [clients]: the cost of what a large hub tells everybody. A hub with that many users
 * in one group and in small chats; clients that get everything, and clients that ask for less (docs/sizing.md), in turn, and
 * the page in a browser as either of them.
 * Run `npm run build` before: it measures the built hub.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { directIdOf, everyoneId, insertLargeHub } from './large-hub-seed.ts'
import { measurePage } from './large-hub-page.ts'
import { LeanClient, type Way } from './lean-client.ts'
import { idOf, owner, seedHubWith, tokenOf } from './seed.ts'
import { type BenchServer, startHub } from './servers.ts'
import { percentile, probeDisk } from './stats.ts'

const [userCount = 1_000, clientCount = 1_000] = process.argv.slice(2).map(Number)
const firstVisits = 50
const changingUsers = 100
/** Logs in with a password. */
const pageUser = 500
const ways: readonly Way[] = ['as ever', 'asking']

interface Measured {
  cpuMs: number
  bytes: number
  wallMs: number
}

/** Runs `work`; the CPU is that of the hub, the bytes are those that reached the clients. */
async function measure(hub: BenchServer, work: () => Promise<void>): Promise<Measured> {
  const [before, bytes, start] = [await hub.usage(), LeanClient.receivedBytes, performance.now()]
  await work()
  const wallMs = performance.now() - start
  const after = await hub.usage()
  return {
    cpuMs: (after.cpuSeconds - before.cpuSeconds) * 1_000,
    bytes: LeanClient.receivedBytes - bytes,
    wallMs,
  }
}

function print(way: Way, what: string, { cpuMs, bytes, wallMs }: Measured, count: number, more = ''): void {
  const each = (value: number): string => (value / count).toPrecision(3)
  process.stdout.write(
    `| ${userCount} | ${way} | ${what} | ${Math.round(bytes / count)} | ${each(cpuMs)} | ${Math.round(wallMs)} | ${more} |\n`,
  )
}

const connect = (hub: BenchServer, way: Way, n: number): Promise<LeanClient> =>
  LeanClient.connect(hub.port, tokenOf(n), way)

/** Users without a cache, one after the other. */
async function measureFirstVisits(hub: BenchServer, way: Way): Promise<void> {
  const visitors = Array.from({ length: firstVisits }, (_, i) => userCount - 1 - i)
  const clients: LeanClient[] = []
  const state = await measure(hub, async () => {
    for (const n of visitors) clients.push(await connect(hub, way, n))
  })
  print(way, 'state, first visit', state, firstVisits)
  const users = await measure(hub, async () => {
    for (const client of clients) await client.loadUsers()
  })
  print(way, 'users, first visit', users, firstVisits)
  if (way === 'asking') {
    const search = await measure(hub, async () => {
      for (const [n, client] of clients.entries())
        await client.request('users.search', { query: `user ${n}` })
    })
    print(way, 'users.search', search, firstVisits)
  }
  for (const client of clients) client.close()
}

/** Users who become idle and active again, while all clients are connected. */
async function measurePresence(hub: BenchServer, way: Way, clients: readonly LeanClient[]): Promise<void> {
  await sleep(2_500)
  const rounds = 4
  const presence = await measure(hub, async () => {
    for (let round = 0; round < rounds; round++) {
      const state = round % 2 === 0 ? 'idle' : 'active'
      for (const client of clients.slice(0, changingUsers)) client.send({ t: 'presence', state })
      await sleep(1_500)
    }
  })
  print(way, `change of presence, ${clients.length} clients`, presence, rounds * changingUsers)
}

/** Each client reads each of two chats up to a message. */
async function measureReadMarks(hub: BenchServer, way: Way, clients: readonly LeanClient[]): Promise<void> {
  const ackMs: number[] = []
  const before = await hub.usage()
  const chats = [everyoneId, undefined]
  const read = await measure(hub, async () => {
    for (let no = 1; no <= 2; no++)
      for (const chat of chats) {
        const sent = performance.now()
        const marks = clients.map(async (client, n) => {
          await client.request('chats.read', { chatId: chat ?? directIdOf(n, 1), no })
          ackMs.push(performance.now() - sent)
        })
        await Promise.all(marks)
      }
  })
  const after = await hub.usage()
  const more = `${after.operations - before.operations} operations in ${after.commits - before.commits} commits, ack p50 ${percentile(ackMs, 50).toFixed(0)} ms, p99 ${percentile(ackMs, 99).toFixed(0)} ms`
  print(way, 'read mark', read, clients.length * chats.length * 2, more)
}

/** All clients lose their connection, five messages are sent, and all come back at once. */
async function measureReturn(hub: BenchServer, way: Way, clients: readonly LeanClient[]): Promise<void> {
  const kept = clients.map((client) => client.kept())
  for (const client of clients) client.close()
  await sleep(500)
  const sender = await connect(hub, way, 0)
  for (let step = 1; step <= 4; step++)
    await sender.request('messages.send', {
      chatId: directIdOf(0, step),
      cid: crypto.randomUUID(),
      text: 'While they were away',
    })
  sender.close()
  let returned: LeanClient[] = []
  const readyMs: number[] = []
  const back = await measure(hub, async () => {
    const start = performance.now()
    returned = await Promise.all(
      kept.map(async (one, n) => {
        const client = await LeanClient.connect(hub.port, tokenOf(n), way, one)
        readyMs.push(performance.now() - start)
        return client
      }),
    )
  })
  const more = `p50 ${percentile(readyMs, 50).toFixed(0)} ms, last ${Math.max(...readyMs).toFixed(0)} ms`
  print(way, `return, ${clients.length} at once`, back, clients.length, more)
  for (const client of returned) client.close()
}

/** A page that has never been here. */
async function measureFirstPage(hub: BenchServer, way: Way): Promise<void> {
  for (const { what, ms, bytes, heapMb } of await measurePage(hub.url, way, {
    username: idOf(pageUser),
    password: owner.password,
  }))
    process.stdout.write(
      `| ${userCount} | ${way} | page: ${what} | ${bytes} | | ${Math.round(ms)} | heap ${heapMb.toFixed(1)} MB |\n`,
    )
}

const dir = mkdtempSync(join(tmpdir(), 'hubbub-large-'))
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
process.stderr.write('seeding\n')
await seedHubWith(join(dir, 'hub'), (db) => {
  insertLargeHub(db, userCount)
  db.prepare(
    'update "user" set password = (select password from "user" where username = ?) where id = ?',
  ).run(owner.username, idOf(pageUser))
})
const disk = probeDisk(dir)
process.stderr.write(`4 KiB write and fdatasync: p50 ${disk.p50.toFixed(2)} ms\n`)
process.stdout.write(
  '| users | clients | what | bytes each | CPU ms each | wall ms | |\n|---|---|---|---|---|---|---|\n',
)
for (const way of ways) {
  const hub = await startHub(join(dir, 'hub'))
  await measureFirstVisits(hub, way)
  const clients: LeanClient[] = []
  for (let n = 0; n < Math.min(clientCount, userCount); n++) clients.push(await connect(hub, way, n))
  await measurePresence(hub, way, clients)
  await measureReadMarks(hub, way, clients)
  await measureReturn(hub, way, clients)
  await measureFirstPage(hub, way)
  await hub.stop()
}
process.exit(0)
