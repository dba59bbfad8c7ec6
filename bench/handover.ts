// Measures a handover: two real processes on this computer, N sockets, and how long until all write again.
//   node bench/handover.ts --sockets 30 --rounds 5
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { LiveClient } from '../test/support/live-client.ts'
import { freePort } from '../test/support/ports.ts'
import { password, TestUser } from '../test/support/test-user.ts'

const { values } = parseArgs({ options: { sockets: { type: 'string' }, rounds: { type: 'string' } } })
const socketCount = Number(values.sockets ?? 30)
const rounds = Number(values.rounds ?? 5)
const cli = path.join(import.meta.dirname, '..', 'server', 'cli.ts')
const retryMs = 25

interface Computer {
  url: string
  dataDir: string
  child: ChildProcess
}

async function start(dataDir: string, port: string, command: readonly string[] = []): Promise<Computer> {
  const args = [cli, ...command, '--data', dataDir, '--port', port, '--backups', 'none', '--load-test']
  const child = spawn(process.execPath, args, {
    env: { ...process.env, HUBBUB_LOG: 'fatal', HUBBUB_SETUP_CODE: 'bench-code-1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) {
    if (/^(hub listening at|standby on port) /.test(line)) break
  }
  child.stdout.resume()
  return { url: `http://127.0.0.1:${port}`, dataDir, child }
}

async function grant(hub: Computer): Promise<string> {
  const child = spawn(process.execPath, [cli, 'grant', '--yes', '--data', hub.dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const link = /(hubbub:\/\/standby\S+)/.exec(line)?.[1]
    if (link === undefined) continue
    child.stdout.resume()
    return link
  }
  throw new Error('no link')
}

async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, retryMs))
}

const inStep = (user: TestUser): Promise<void> =>
  until(async () => (await user.request('continuity.status', {})).safety === 'together')

/** Connects as soon as the computer serves, and sends one message. Returns the time of its acknowledgement. */
async function writeAt(user: TestUser, chatId: string, open: LiveClient[]): Promise<number> {
  for (;;) {
    try {
      const live = await user.connect()
      await live.request('messages.send', { chatId, cid: randomUUID(), text: 'after' })
      open.push(live)
      return performance.now()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }
}

const root = mkdtempSync(path.join(tmpdir(), 'hubbub-handover-'))
const a = await start(path.join(root, 'a'), await freePort())
const owner = await TestUser.setUp(a.url, { code: 'bench-code-1', username: 'olga', registration: 'open' })
const b = await start(path.join(root, 'b'), await freePort(), ['standby', '--yes', '--of', await grant(a)])
await inStep(owner)
const chat = await owner.createGroup('Bench', [])
let [from, to] = [a, b]
const firsts: number[] = []
const lasts: number[] = []
for (let round = 0; round < rounds; round += 1) {
  const here = owner.atUrl(from.url)
  await inStep(here)
  await here.request('sessions.reauthenticate', { current: password })
  const sockets = await Promise.all(Array.from({ length: socketCount }, () => here.connect()))
  const began = performance.now()
  const order = here.request('continuity.handover', {})
  const open: LiveClient[] = []
  const there = owner.atUrl(to.url)
  const times = await Promise.all(sockets.map(() => writeAt(there, chat.id, open)))
  await order
  firsts.push(Math.min(...times) - began)
  lasts.push(Math.max(...times) - began)
  for (const live of [...sockets, ...open]) live.socket.terminate()
  ;[from, to] = [to, from]
}
for (const { child } of [a, b]) child.kill('SIGKILL')
rmSync(root, { recursive: true, force: true })
const median = (list: number[]): number => list.toSorted((x, y) => x - y)[Math.floor(list.length / 2)] ?? 0
const show = (list: number[]): string =>
  `median ${Math.round(median(list))} ms, most ${Math.round(Math.max(...list))} ms`
process.stdout.write(
  `${socketCount} sockets, ${rounds} handovers\n  order to first acknowledgement by the new hub: ${show(firsts)}\n  order to the last socket's: ${show(lasts)}\n`,
)
