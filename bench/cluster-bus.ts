/*
 * Measures the bus alone: processes that publish turns and hear those of all others. As a program it is one such process.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { Bus } from '../server/cluster/bus.ts'
import { createWire } from '../server/cluster/create-wire.ts'
import type { Notice, Wire } from '../server/db/cluster-link.ts'
import { notifyWire } from '../server/db/postgres/notify-wire.ts'
import { freePort } from '../test/support/ports.ts'
import { percentile } from './stats.ts'

export interface WireFigures {
  name: string
  /** While turns are rare. */
  calmP50: number
  p50: number
  p99: number
  /** CPU of each process for each entry that it hears, with what it publishes. */
  cpuUs: number
}

interface Task {
  url: string
  index: number
  perSecond: number
  seconds: number
}

interface Heard {
  calmMs: number[]
  busyMs: number[]
  cpuSeconds: number
}

const calmPerSecond = 10
/** The programs of the wires are compiled while they run. */
const warmUpSeconds = 3

const log = pino({ level: 'silent' })
/** As long as the facts of a message. */
const filler = 'x'.repeat(500)

/** Of all wires whose server is there. */
export async function measureBus(
  postgresUrl: string,
  { processes, perSecond, seconds }: { processes: number; perSecond: number; seconds: number },
): Promise<WireFigures[]> {
  const figures: WireFigures[] = []
  for (const name of ['LISTEN and NOTIFY', 'Redis', 'NATS']) {
    const server = name === 'Redis' || name === 'NATS' ? await startBus(name) : undefined
    if (server === 'missing') continue
    const url = server?.url ?? postgresUrl
    const task = { url, perSecond: perSecond / processes, seconds }
    const heard = await Promise.all(
      Array.from({ length: processes }, (_, index) => runProcess({ ...task, index })),
    )
    await server?.stop()
    const busy = heard.flatMap(({ busyMs }) => busyMs)
    const calm = heard.flatMap(({ calmMs }) => calmMs)
    const cpu = heard.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
    figures.push({
      ...{ name, calmP50: percentile(calm, 50), p50: percentile(busy, 50), p99: percentile(busy, 99) },
      cpuUs: (cpu * 1e6) / Math.max(1, busy.length),
    })
  }
  return figures
}

async function runProcess(task: Task): Promise<Heard> {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), [JSON.stringify(task)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const [heard] = (await once(child, 'message')) as [Heard]
  return heard
}

export type BusName = 'Redis' | 'NATS'

export interface BusProcess {
  url: string
  stop: () => Promise<void>
  start: () => Promise<void>
}

/** Starts a server of its own. */
export async function startBus(name: BusName): Promise<BusProcess | 'missing'> {
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'hubbub-bus-'))
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
  const [program, args] =
    name === 'Redis'
      ? ['redis-server', ['--port', port, '--bind', '127.0.0.1', '--save', '', '--dir', dir]]
      : ['nats-server', ['--addr', '127.0.0.1', '--port', port]]
  let child: ChildProcess | undefined
  let isMissing = false
  const start = async (): Promise<void> => {
    child = spawn(program, args, { stdio: 'ignore' })
    child.once('error', () => (isMissing = true))
    while (!isMissing && !(await canConnect(Number(port)))) await sleep(50)
  }
  await start()
  if (isMissing) return 'missing'
  const stop = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  return { url: `${name.toLowerCase()}://127.0.0.1:${port}`, stop, start }
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Times of processes on one machine can be compared. */
const nowMs = (): number => performance.timeOrigin + performance.now()

async function beProcess({ url, index, perSecond, seconds }: Task): Promise<Heard> {
  const isDatabase = url.startsWith('postgres')
  const wire: Wire = isDatabase
    ? notifyWire(url, 'hubbub_bench')
    : createWire(url, { hubId: 'bench', epoch: 'bench' }, log)
  const bus = new Bus(wire, `process-${index}`, log)
  let latenciesMs: number[] = []
  await bus.open({
    onTurn: (_from, notices) => {
      for (const { at } of notices as unknown as { at: number }[]) latenciesMs.push(nowMs() - at)
    },
    onMissed: () => undefined,
    onLag: () => undefined,
  })
  // until all are there
  await sleep(1_500)
  const publish = (): void => bus.publish({ t: 'bench', at: nowMs(), filler } as unknown as Notice)
  await pace({ perSecond, seconds: warmUpSeconds }, publish)
  const calmMs: number[] = (latenciesMs = [])
  await pace({ perSecond: calmPerSecond, seconds }, publish)
  const idleSeconds = await pace({ perSecond, seconds }, () => undefined)
  const busyMs: number[] = (latenciesMs = [])
  const busySeconds = await pace({ perSecond, seconds }, publish)
  await bus.close()
  return { calmMs, busyMs, cpuSeconds: busySeconds - idleSeconds }
}

/** Returns the CPU that it took, in seconds: without work, that of the waiting alone. */
async function pace(
  { perSecond, seconds }: Pick<Task, 'perSecond' | 'seconds'>,
  work: () => void,
): Promise<number> {
  const from = process.cpuUsage()
  // processes do not publish in step
  const start = performance.now() + (Math.random() * 1_000) / perSecond
  for (let i = 0; i < perSecond * seconds;) {
    for (; start + (i * 1_000) / perSecond <= performance.now(); i += 1) work()
    await sleep(1)
  }
  await sleep(500)
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 1e6
}

const [, program, task] = process.argv
if (program === fileURLToPath(import.meta.url) && task) {
  const heard = await beProcess(JSON.parse(task) as Task)
  process.send?.(heard, () => process.exit(0))
}
