/*
 * What others notice while one member does their worst: `node bench/floods.ts [seconds] [kind…]`. A hub with its real
 * limits runs as its own process; the attacks run in a second process (this file with `attack`), and this one measures
 * another member: messages over the socket until the acknowledgement, and requests over HTTP.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { constants, getPriority, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { LiveClient } from '../test/support/live-client.ts'
import { TestUser } from '../test/support/test-user.ts'
import { startHub } from './servers.ts'
import { busySeconds, percentile } from './stats.ts'

const pageText = 'x'.repeat(16_384)

interface Target {
  url: string
  token: string
  chatId: string
  messageId: string
}

/** Sends the frame over this many sockets, again and again as fast as they take it, and reads only if told to. */
async function floodSockets(
  target: Target,
  sockets: number,
  frame: string | (() => string),
  reads = true,
): Promise<void> {
  const open = async (): Promise<void> => {
    try {
      const live = await LiveClient.connect(target.url, { authorization: `Bearer ${target.token}` })
      const wire = (live.socket as unknown as { _socket: Socket })._socket
      if (!reads) wire.pause()
      const send = (): void => {
        if (live.closed) return reopen()
        live.sendRaw(typeof frame === 'string' ? frame : frame())
        // as fast as the hub takes it, without filling the memory of this process
        setTimeout(send, live.socket.bufferedAmount > 1_000_000 ? 20 : 0)
      }
      send()
    } catch {
      // the hub refuses a user who reconnects too often
      reopen()
    }
  }
  const reopen = (): void => void setTimeout(() => void open(), 100)
  for (let i = 0; i < sockets; i += 1) await open()
}

function floodHttp(target: Target, sockets: number, path: string, pipelined: number, reads: boolean): void {
  const { hostname, port } = new URL(target.url)
  const request = `GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${target.token}\r\n\r\n`
  const open = (): void => {
    // an address of its own: the limit for each address must not refuse who measures
    const socket = connect({ host: hostname, port: Number(port), localAddress: '127.0.0.2' }, () =>
      socket.write(request.repeat(pipelined)),
    )
    if (reads) socket.on('data', () => socket.write(request))
    else socket.pause()
    socket.on('error', () => {})
    socket.on('close', () => setTimeout(open, 20))
  }
  for (let i = 0; i < sockets; i += 1) open()
}

/** A body with 40,000 members that no request has. */
const wrongMembers = JSON.stringify(
  Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`k${i}`, 1])),
)

/** Sends the body without a session again and again, over so many connections. */
function floodBodies(target: Target, connections: number, path: string, body: string): void {
  const { hostname, port } = new URL(target.url)
  const head = [`POST ${path} HTTP/1.1`, `host: ${hostname}`, 'content-type: application/json']
  const request = [...head, `content-length: ${Buffer.byteLength(body)}`, '', body].join('\r\n')
  const open = (): void => {
    const socket = connect({ host: hostname, port: Number(port), localAddress: '127.0.0.2' }, () =>
      socket.write(request),
    )
    socket.on('data', () => socket.write(request))
    socket.on('error', () => {})
    socket.on('close', () => setTimeout(open, 20))
  }
  for (let i = 0; i < connections; i += 1) open()
}

/** 2,500 words that no message has had. */
const newWords = (): string =>
  Array.from({ length: 2_500 }, () => Math.floor(Math.random() * 36 ** 5).toString(36)).join(' ')

const frameOf = (count: number, message: (i: number) => object): string =>
  JSON.stringify(Array.from({ length: count }, (_, i) => ({ t: 'req', id: i, ...message(i) })))

const attacks: Record<string, (target: Target) => Promise<void> | void> = {
  'messages.list, 1 socket, unread': (t) =>
    floodSockets(
      t,
      1,
      frameOf(550, () => ({ name: 'messages.list', input: { chatId: t.chatId, limit: 100 } })),
      false,
    ),
  'messages.list, 32 sockets, read': (t) =>
    floodSockets(
      t,
      32,
      frameOf(550, () => ({ name: 'messages.list', input: { chatId: t.chatId, limit: 100 } })),
      true,
    ),
  'streams.read, 32 sockets, read': (t) =>
    floodSockets(
      t,
      32,
      frameOf(550, () => ({ name: 'streams.read', input: { stream: `chat:${t.chatId}` } })),
      true,
    ),
  'search, 32 sockets': (t) =>
    floodSockets(
      t,
      32,
      frameOf(500, () => ({ name: 'search.messages', input: { q: 'x' } })),
      true,
    ),
  'unknown requests, 32 sockets': (t) =>
    floodSockets(
      t,
      32,
      frameOf(700, () => ({ name: 'nothing' })),
      true,
    ),
  'pings, 32 sockets': (t) =>
    floodSockets(
      t,
      32,
      frameOf(2_500, () => ({ t: 'ping' })),
      true,
    ),
  'resume, 32 sockets': (t) =>
    floodSockets(
      t,
      32,
      frameOf(800, () => ({ t: 'resume', protocol: 1 })),
      true,
    ),
  'typing, presence, delivered, 32 sockets': (t) =>
    floodSockets(
      t,
      32,
      frameOf(
        900,
        (i) =>
          [
            { t: 'typing', chat: t.chatId },
            { t: 'presence', state: i % 2 ? 'idle' : 'active' },
            { t: 'delivered', chat: t.chatId, no: i },
          ][i % 3] ?? {},
      ),
      true,
    ),
  'edits of 16 KB, 4 sockets': (t) =>
    floodSockets(
      t,
      4,
      frameOf(3, (i) => ({
        name: 'messages.edit',
        input: { messageId: t.messageId, text: `${i} ${'word '.repeat(3_000)}` },
      })),
      true,
    ),
  'edits of 16 KB of new words, 4 sockets': (t) =>
    floodSockets(t, 4, () =>
      frameOf(3, () => ({ name: 'messages.edit', input: { messageId: t.messageId, text: newWords() } })),
    ),
  'messages of 16 KB of new words, 4 sockets': (t) =>
    floodSockets(t, 4, () =>
      frameOf(3, () => ({
        name: 'messages.send',
        input: { chatId: t.chatId, cid: randomUUID(), text: newWords() },
      })),
    ),
  'public groups': (t) =>
    floodSockets(
      t,
      2,
      frameOf(100, (i) => ({ name: 'chats.create', input: { name: `g${i}`, visibility: 'public' } })),
      true,
    ),
  'HTTP, 50 connections, 20 pipelined, unread': (t) =>
    floodHttp(t, 50, `/api/chats/${t.chatId}/messages?limit=100`, 20, false),
  'HTTP, 20 connections, 500 pipelined, read': (t) => floodHttp(t, 20, '/api/me', 500, true),
  'HTTP, 50 connections, bodies of 400 KB without a session': (t) =>
    floodBodies(t, 50, '/api/register/check-invite', wrongMembers),
  'HTTP, 50 connections, read': (t) => floodHttp(t, 50, `/api/chats/${t.chatId}/messages?limit=100`, 1, true),
}

if (process.argv[2] === 'attack') {
  // an attacker has a computer of its own: here it must not take the processor from who measures
  setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + 10))
  process.on('disconnect', () => process.exit(0))
  process.on('message', ({ kind, target }: { kind: string; target: Target }) => void attacks[kind]?.(target))
} else await main()

async function main(): Promise<void> {
  const seconds = Number(process.argv[2] ?? 6)
  const wanted = process.argv.slice(3)
  console.log(
    '| one member does | messages p50 ms | p99 ms | HTTP p50 ms | p99 ms | hub MB | other cores | own loop p99 ms |',
  )
  console.log('|---|---|---|---|---|---|---|---|')
  for (const kind of ['nothing', ...Object.keys(attacks)]) {
    if (wanted.length > 0 && !wanted.some((word) => kind.includes(word))) continue
    await measure(kind, seconds)
  }
}

async function measure(kind: string, seconds: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'hubbub-floods-'))
  const server = await startHub(dir, { limits: true })
  let attacker: ChildProcess | undefined
  try {
    const owner = await TestUser.setUp(server.url, { code: 'bench-code', username: 'olga' })
    const [ann, bo] = await Promise.all(
      ['ann', 'bo'].map(async (username) => {
        const { invite } = await owner.request('admin.invites.create', {})
        return TestUser.register(server.url, { username, invite })
      }),
    )
    if (!ann || !bo) throw new Error('no users')
    const chat = await ann.createGroup('Archive')
    let messageId = ''
    for (let i = 0; i < 100; i += 1) messageId = (await ann.sendMessage(chat.id, pageText)).id
    const kitchen = await bo.createGroup('Kitchen', [owner])
    const live = await bo.connect()
    attacker = fork(import.meta.filename, ['attack'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    attacker.send({
      kind,
      target: { url: server.url, token: ann.token, chatId: chat.id, messageId } satisfies Target,
    })
    await sleep(1_000)
    const usage = await server.usage()
    const busy = busySeconds()
    // what this process waits for the processor is in the figures too
    const ownDelay = monitorEventLoopDelay({ resolution: 1 })
    ownDelay.enable()
    const start = performance.now()
    const acks: number[] = []
    const responses: number[] = []
    while (performance.now() - start < seconds * 1000) {
      const sent = performance.now()
      await live.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: 'hello' })
      acks.push(performance.now() - sent)
      const asked = performance.now()
      await bo.request('me.get', {})
      responses.push(performance.now() - asked)
      await sleep(60)
    }
    const elapsed = (performance.now() - start) / 1000
    const after = await server.usage()
    const other = (busySeconds() - busy - (after.cpuSeconds - usage.cpuSeconds)) / elapsed
    const cells = [acks, responses].flatMap((times) => [percentile(times, 50), percentile(times, 99)])
    console.log(
      `| ${kind} | ${cells.map((ms) => ms.toFixed(1)).join(' | ')} | ${(after.rssBytes / 1e6).toFixed(0)} | ${other.toFixed(2)} | ${(ownDelay.percentile(99) / 1e6).toFixed(1)} |`,
    )
  } finally {
    if (attacker?.connected) attacker.disconnect()
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}
