/*
 * One of the processes that hold the clients of bench/many-clients.ts: those whose number has the same rest. A request comes
 * over IPC and is answered when it is done.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Counters, ManyClient, type World } from './many-clients-client.ts'
import { type ChatKind, chatOf } from './many-clients-seed.ts'
import { percentile } from './stats.ts'

export interface ManyLoadRequests {
  /** Resolves when all have their state. */
  connect: {
    clients: number
    from: number
    step: number
    ports: number[]
    atOnce: number
    everyoneId: string
    sampleStep: number
  }
  ports: { ports: number[] }
  counters: object
  /** Sends at this rate, from clients in turn; resolves with what was acknowledged. */
  send: { kind: ChatKind; perSecond: number; seconds: number; offset: number }
  /** Clients become idle and active again. */
  presence: { perSecond: number; seconds: number }
  /** Waits until all are connected. */
  allBack: { timeoutMs: number }
  /** Compares the sample with the heads of the chats; waits a while for what is on its way. */
  check: { heads: Record<string, number>; timeoutMs: number }
  stop: object
}

export interface Timings {
  count: number
  p50: number
  p99: number
  longest: number
}

export interface SendReport {
  sent: number
  acked: number
  ack: Timings
  errors: Record<string, number>
}

export interface CheckReport {
  streams: number
  missing: number
  example: string | undefined
}

const counters: Counters = {
  ...{ bytes: 0, entries: 0, presence: 0, states: 0, stateBytes: 0, behind: 0 },
  ...{ doubled: 0, skipped: 0, pulled: 0, closes: 0, failures: 0 },
}
const clients: ManyClient[] = []
let everyoneId = ''
let awayMs: number[] = []
let ackMs: number[] = []
const errors: Record<string, number> = {}
let onResumed: (() => void) | undefined

const world: World = {
  counters,
  ports: [],
  onResumed: (client) => {
    awayMs.push(performance.now() - client.awaySince)
    onResumed?.()
  },
  onAck: (ms) => ackMs.push(ms),
  onError: (error) => {
    const code = (error as { code?: string } | undefined)?.code ?? 'unknown'
    errors[code] = (errors[code] ?? 0) + 1
  },
}

const timingsOf = (values: readonly number[]): Timings => ({
  count: values.length,
  p50: percentile(values, 50),
  p99: percentile(values, 99),
  longest: values.reduce((most, value) => Math.max(most, value), 0),
})

const handlers: { [N in keyof ManyLoadRequests]: (input: ManyLoadRequests[N]) => unknown } = {
  connect: async (input) => {
    everyoneId = input.everyoneId
    world.ports = input.ports
    for (let n = input.from; n < input.clients; n += input.step)
      clients.push(new ManyClient(n, world, Math.floor(n / input.step) % input.sampleStep === 0))
    let next = 0
    const goOn = (): void => clients[next++]?.connect()
    onResumed = goOn
    for (let i = 0; i < input.atOnce; i += 1) goOn()
    while (clients.some(({ isLive }) => !isLive)) await sleep(100)
    onResumed = undefined
    return takeAway()
  },
  ports: ({ ports }) => {
    world.ports = ports
  },
  counters: () => counters,
  send: async ({ kind, perSecond, seconds, offset }) => {
    ackMs = []
    const total = Math.round(perSecond * seconds)
    let sent = 0
    await pace(perSecond, seconds, (i) => {
      const client = clients[(offset + i * 37) % clients.length]
      if (!client) return
      client.sendMessage(chatOf(kind, client.n, everyoneId))
      sent += 1
    })
    const until = performance.now() + 120_000
    while (ackMs.length < total && performance.now() < until) await sleep(50)
    return { sent, acked: ackMs.length, ack: timingsOf(ackMs), errors } satisfies SendReport
  },
  presence: async ({ perSecond, seconds }) => {
    await pace(perSecond, seconds, (i) => {
      const at = i % clients.length
      clients[at]?.setPresence(Math.floor(i / clients.length) % 2 === 0 ? 'idle' : 'active')
    })
  },
  allBack: async ({ timeoutMs }) => {
    const until = performance.now() + timeoutMs
    while (clients.some(({ isLive }) => !isLive) && performance.now() < until) await sleep(50)
    return { ...takeAway(), missing: clients.filter(({ isLive }) => !isLive).length }
  },
  check: async ({ heads, timeoutMs }) => {
    const until = performance.now() + timeoutMs
    let report = compare(heads)
    while (report.missing > 0 && performance.now() < until) {
      await sleep(200)
      report = compare(heads)
    }
    return report
  },
  stop: () => {
    for (const client of clients) client.stop()
  },
}

function takeAway(): Timings {
  const taken = timingsOf(awayMs)
  awayMs = []
  return taken
}

function compare(heads: Record<string, number>): CheckReport {
  const report: CheckReport = { streams: 0, missing: 0, example: undefined }
  for (const { n, cursors } of clients)
    for (const [stream, cursor] of cursors ?? []) {
      report.streams += 1
      const lacks = (heads[stream] ?? cursor) - cursor
      if (lacks === 0) continue
      report.missing += Math.abs(lacks)
      report.example ??= `client ${n} has ${stream} up to ${cursor}, its head is ${heads[stream]}`
    }
  return report
}

/** Calls `work` evenly, without drift. */
async function pace(perSecond: number, seconds: number, work: (i: number) => void): Promise<void> {
  const start = performance.now()
  const total = Math.round(perSecond * seconds)
  for (let i = 0; i < total;) {
    for (; i < total && start + (i * 1_000) / perSecond <= performance.now(); i += 1) work(i)
    await sleep(2)
  }
}

interface Question {
  id: number
  name: keyof ManyLoadRequests
  input: never
}

async function answer({ id, name, input }: Question): Promise<void> {
  const value: unknown = await handlers[name](input)
  process.send?.({ id, value: value ?? {} })
}

process.on('message', (question: Question) => void answer(question))
process.on('disconnect', () => process.exit(0))
