import { cpus, loadavg } from 'node:os'
import type { ClusterUnderLoad } from './many-clients-hub.ts'
import type { CheckReport, SendReport, Timings } from './many-clients-load.ts'
import type { ChatKind } from './many-clients-seed.ts'

/** What a part of a run took; CPU in seconds, without that of clients that do nothing. */
export interface Cost {
  seconds: number
  hub: number
  database: number
  bytes: number
  entries: number
  presence: number
  states: number
  stateBytes: number
  behind: number
  failures: number
}

/** One process has ended, and its clients have come back to the others. CPU is that of the others. */
export interface Return extends Cost {
  endedMs: number
  allBackMs: number
  away: Timings
  missing: number
  ack: Timings
}

type Memory = ReturnType<ClusterUnderLoad['memory']>

export interface Figures {
  clients: number
  processes: number
  startSeconds: number
  empty: Memory
  full: Memory
  connect: Cost & { timings: Timings }
  idle: Cost
  messages: Partial<Record<ChatKind, Cost & SendReport>>
  presence: Cost & { changes: number }
  returns: { drained?: Return; killed?: Return }
  check: CheckReport
  sent: number
  stored: number
  doubled: number
  skipped: number
  pulled: number
  behind: number
}

const mebibyte = 1024 ** 2
const kibibyte = 1024

export function report(all: readonly Figures[]): string {
  const machine = `${cpus().length} cores for hubs, database and clients, Node ${process.versions.node}, load average ${loadavg()[0]?.toFixed(1)}.`
  return [
    '# Many connected clients',
    '',
    `\`node bench/many-clients.ts\`, ${new Date().toISOString().slice(0, 10)}. ${machine}`,
    'Each user of a company is connected once and asks for less (`interest`, `users`). CPU and memory are those of all processes together,',
    'and CPU is without that of idle clients. Times are those of a full machine.',
    '',
    ...table(all),
    '',
    ...arithmetic(all),
    '',
  ].join('\n')
}

type Row = [what: string, value: (one: Figures) => number | string | undefined]

function table(all: readonly Figures[]): string[] {
  const cells = rows.map(([what, value]) => [what, ...all.map((one) => format(value(one)))])
  return [
    ['clients / processes', ...all.map(({ clients, processes }) => `${thousands(clients)} / ${processes}`)],
    ['---', ...all.map(() => '---')],
    ...cells,
  ].map((line) => `| ${line.join(' | ')} |`)
}

const ofKind =
  (kind: ChatKind, value: (one: Cost & SendReport) => number | string) =>
  ({ messages }: Figures) => {
    const one = messages[kind]
    return one && value(one)
  }

const returnRows = (how: 'drained' | 'killed', words: string): Row[] => {
  const of =
    (value: (one: Return) => number | string) =>
    ({ returns }: Figures) => {
      const one = returns[how]
      return one && value(one)
    }
  return [
    [`${words}: clients that came back`, of(({ away }) => thousands(away.count))],
    [`${words}: away p50, longest, s`, of(({ away }) => `${seconds(away.p50)}, ${seconds(away.longest)}`)],
    [`${words}: all are back after s`, of(({ allBackMs }) => allBackMs / 1_000)],
    [`${words}: connections that failed meanwhile`, of(({ failures }) => thousands(failures))],
    [`${words}: bytes of a state with \`since\``, of((one) => one.stateBytes / one.states)],
    [`${words}: hub CPU ms for each`, of((one) => (one.hub * 1_000) / one.states)],
    [`${words}: database CPU ms for each`, of((one) => (one.database * 1_000) / one.states)],
    [`${words}: clients that got \`behind\``, of(({ behind }) => thousands(behind))],
    [`${words}: ack of messages meanwhile, longest, s`, of(({ ack }) => ack.longest / 1_000)],
  ]
}

const rows: Row[] = [
  ['start of a process, s', ({ startSeconds }) => startSeconds],
  ['a process without clients, MB of PSS', ({ empty, processes }) => empty.hubPss / processes / mebibyte],
  ['a client, KB of PSS', (one) => (one.full.hubPss - one.empty.hubPss) / one.clients / kibibyte],
  ['a client, KB of RSS', (one) => (one.full.hubRss - one.empty.hubRss) / one.clients / kibibyte],
  ['all processes, GB of PSS', ({ full }) => full.hubPss / mebibyte / 1_024],
  ['database, GB of PSS', ({ full }) => full.database / mebibyte / 1_024],
  ['first visit: clients per second', (one) => one.clients / one.connect.seconds],
  ['first visit: bytes of a state', ({ connect }) => connect.stateBytes / connect.states],
  ['first visit: hub CPU ms for each', ({ connect }) => (connect.hub * 1_000) / connect.states],
  ['first visit: database CPU ms for each', ({ connect }) => (connect.database * 1_000) / connect.states],
  ['an idle client: hub CPU ms per minute', (one) => perMinute(one.idle.hub, one)],
  ['an idle client: database CPU ms per minute', (one) => perMinute(one.idle.database, one)],
  ...(['direct', 'group20', 'group200', 'group2000', 'everyone'] as const).flatMap((kind): Row[] => [
    [`${kind}: messages acknowledged of sent`, ofKind(kind, ({ sent, acked }) => `${acked} of ${sent}`)],
    [`${kind}: ack p50, p99, ms`, ofKind(kind, ({ ack }) => `${ack.p50.toFixed(0)}, ${ack.p99.toFixed(0)}`)],
    [`${kind}: deliveries of a message`, ofKind(kind, ({ entries, acked }) => entries / acked)],
    [`${kind}: hub CPU ms for each message`, ofKind(kind, ({ hub, acked }) => (hub * 1_000) / acked)],
    [
      `${kind}: database CPU ms for each message`,
      ofKind(kind, ({ database, acked }) => (database * 1_000) / acked),
    ],
  ]),
  ['CPU µs per delivery (group2000 less direct)', (one) => deliveryUs(one)],
  ['bytes per delivery', ofKind('group2000', ({ bytes, entries }) => bytes / entries)],
  ['change of presence: hints to clients', ({ presence }) => presence.presence / presence.changes],
  ['change of presence: hub CPU ms', ({ presence }) => (presence.hub * 1_000) / presence.changes],
  ...returnRows('drained', 'SIGTERM to one'),
  ...returnRows('killed', 'kill -9 of one'),
  ['messages sent, stored', ({ sent, stored }) => `${thousands(sent)}, ${thousands(stored)}`],
  ['streams that the sample follows', ({ check }) => thousands(check.streams)],
  ['entries that the sample lacks', ({ check }) => check.missing],
  ['entries that came twice', ({ doubled }) => doubled],
  ['entries that came before another', ({ skipped }) => skipped],
  ['entries that were read after a gap', ({ pulled }) => pulled],
]

const perMinute = (cpuSeconds: number, { idle, clients }: Figures): number =>
  ((cpuSeconds / idle.seconds) * 60 * 1_000) / clients

function deliveryUs({ messages }: Figures): number | undefined {
  const { direct, group2000: large } = messages
  if (!direct || !large) return undefined
  const more = large.hub / large.acked - direct.hub / direct.acked
  return (more * 1e6) / (large.entries / large.acked - direct.entries / direct.acked)
}

// --- arithmetic

const peopleOfTable = [5_000, 20_000, 100_000]
const busyHour = 0.15
const worstMinute = 3
const messagesPerPerson = 100
const entriesPerMessage = 2.4
const readers = 25
const clientsPerProcess = 5_000
/** Of each person in an hour. */
const presenceChanges = 6
const reconnectMinutes = 5

/** CPU in ms. */
interface Constants {
  message: number
  messageDatabase: number
  delivery: number
  heard: number
  idle: number
  presence: number
  back: number
  backDatabase: number
  clientBytes: number
  /** Of a process without clients, and what each user of the hub adds to it. */
  processBytes: number
  userBytes: number
}

function constantsOf(all: readonly Figures[]): Constants | undefined {
  const last = all.at(-1)
  const { direct } = last?.messages ?? {}
  const back = last?.returns.drained ?? last?.connect
  if (!last || !direct || !back) return undefined
  return {
    message: (direct.hub * 1_000) / direct.acked,
    messageDatabase: (direct.database * 1_000) / direct.acked,
    delivery: (deliveryUs(last) ?? 0) / 1_000,
    heard: heardMs(all),
    idle: perMinute(last.idle.hub, last),
    presence: (last.presence.hub * 1_000) / last.presence.changes / last.processes,
    back: (back.hub * 1_000) / back.states,
    backDatabase: (back.database * 1_000) / back.states,
    clientBytes: (last.full.hubPss - last.empty.hubPss) / last.clients,
    ...memoryOfProcess(all),
  }
}

/** Each process knows the chats of all users: by the smallest and the largest company. */
function memoryOfProcess(all: readonly Figures[]): { processBytes: number; userBytes: number } {
  const [small, large] = [all[0], all.at(-1)] as [Figures, Figures]
  const bytesOf = ({ empty, processes }: Figures): number => empty.hubPss / processes
  const userBytes =
    large.clients > small.clients ? (bytesOf(large) - bytesOf(small)) / (large.clients - small.clients) : 0
  return { processBytes: bytesOf(large) - userBytes * large.clients, userBytes }
}

/** What a message costs each process that did not take it: runs with the same clients differ by their processes. */
function heardMs(all: readonly Figures[]): number {
  const alone = all.find(({ processes }) => processes === 1)
  const several = all.findLast((one) => one.clients === alone?.clients && one.processes > 1)
  const cost = (one: Figures | undefined): number =>
    ((one?.messages.direct?.hub ?? 0) * 1_000) / (one?.messages.direct?.acked ?? 1)
  if (!alone || !several) return 0
  return Math.max(0, (cost(several) - cost(alone)) / (several.processes - 1))
}

function arithmetic(all: readonly Figures[]): string[] {
  const ms = constantsOf(all)
  if (!ms) return []
  const lines = peopleOfTable.map((people) => {
    const messages = (people * messagesPerPerson * busyHour * worstMinute) / 3_600
    const processes = people / clientsPerProcess + 1
    const own = ms.message - ms.heard * ((all.at(-1)?.processes ?? 1) - 1)
    const cores = {
      messages: (messages * own) / 1_000,
      deliveries: (messages * entriesPerMessage * readers * ms.delivery) / 1_000,
      bus: (messages * entriesPerMessage * (processes - 1) * ms.heard) / 1_000,
      idle: (people * ms.idle) / 60_000,
      presence: (((people * presenceChanges) / 3_600) * processes * ms.presence) / 1_000,
      database: (messages * ms.messageDatabase) / 1_000,
      back: (people * (ms.back + ms.backDatabase)) / 1_000 / (reconnectMinutes * 60),
    }
    const perProcess = ms.processBytes + people * ms.userBytes
    const memory = (processes * perProcess + people * ms.clientBytes) / mebibyte / 1_024
    const cells = [...Object.values(cores), memory].map((value) => value.toFixed(1))
    return `| ${[thousands(people), messages.toFixed(0), processes, ...cells].join(' | ')} |`
  })
  return [
    '## By arithmetic',
    '',
    `From the last column, and for the bus from those with the same clients. ${messagesPerPerson} messages of each person a day, the busy hour ${busyHour * 100} % of them, its worst`,
    `minute ${worstMinute} times that; ${entriesPerMessage} entries of a message, ${readers} connected readers each; ${clientsPerProcess} clients of a process, and one process more;`,
    `${presenceChanges} changes of presence of each person an hour. All columns but the first three and the last are cores.`,
    '',
    `Costs in ms: message ${ms.message.toFixed(2)} and ${ms.messageDatabase.toFixed(2)} of the database, delivery ${ms.delivery.toFixed(4)}, a message heard by another process ${ms.heard.toFixed(3)}, idle client per minute ${ms.idle.toFixed(2)}, change of presence per process ${ms.presence.toFixed(3)}, client that comes back ${ms.back.toFixed(2)} and ${ms.backDatabase.toFixed(2)} of the database. ${(ms.clientBytes / kibibyte).toFixed(0)} KB for each client; in each process ${(ms.processBytes / mebibyte).toFixed(0)} MB, and ${(ms.userBytes / kibibyte).toFixed(1)} KB for each user of the hub.`,
    '',
    `| people | messages/s at peak | processes | messages | deliveries | bus | idle clients | presence | database | all come back within ${reconnectMinutes} minutes | GB of memory, all processes |`,
    `| ${Array.from({ length: 11 }, () => '---').join(' | ')} |`,
    ...lines,
  ]
}

// --- formats

const thousands = (value: number): string => value.toLocaleString('en')
const seconds = (ms: number): string => (ms / 1_000).toFixed(1)

function format(value: number | string | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  if (Math.abs(value) >= 100 || value === 0) return thousands(Math.round(value))
  return value.toPrecision(3)
}
