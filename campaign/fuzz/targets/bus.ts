import { pino } from 'pino'
import { Cluster } from '../../../server/cluster/cluster.ts'
import type { ClusterLink, LineEvents } from '../../../server/db/cluster-link.ts'
import type { Store } from '../../../server/db/store.ts'
import { Live } from '../../../server/live/live.ts'
import type { Memory } from '../../../server/live/memory.ts'
import type { Random } from '../../../test/simulation/random.ts'
import { bendValue, nestedLists, pick, Texts } from '../bend.ts'
import { type Target, firstProblem } from '../target.ts'

/*
 * Texts that a process of a hub gets by its bus: NOTIFY, Redis or NATS. None ends the process or stays in its memory half, and the
 * next turn of a healthy process is taken as if they had not been there.
 */

const user = '0198aaaa-bbbb-7ccc-8ddd-eeeeffff0000'
const lease = { state: 'active', connections: 2, sessions: ['s1'], zone: 'Europe/Berlin' }
const health = {
  ...{ connections: 3, clockDoubtMs: 0, isDamaged: false, reached: [{ userId: user, at: 1 }], backupAt: 5 },
  ...{ files: { missing: 0, unreferenced: 1 }, store: { works: false, lastFailure: { at: 1, code: 'x' } } },
}
const entries = [
  { stream: 'chat:c1', seq: 1, at: 1, by: user, type: 'message.sent', message: { id: 'm1', text: 'boat' } },
  { stream: `user:${user}`, seq: 1, at: 1, type: 'chat.added', chat: { id: 'c1', head: 1 } },
]
const facts = [
  ...entries.map((entry) => ({ f: 'entry', entry })),
  ...['joined', 'left', 'typing'].map((f) => ({ f, chat: 'c1', user })),
  ...['read', 'delivered'].map((f) => ({ f, chat: 'c1', user, no: 3 })),
  ...[
    { f: 'chatGone', chat: 'c1' },
    { f: 'sessionEnded', id: 's1' },
    { f: 'hidesLastSeen', user, hides: true },
  ],
  ...[
    { f: 'tell', user, message: { t: 'activity' } },
    { f: 'owned' },
    { f: 'clockConfirmed' },
    { f: 'later' },
  ],
]
const notices = [
  ...facts.map((fact) => ({ t: 'facts', facts: [fact] })),
  ...[
    { t: 'facts', facts },
    { t: 'present', users: { [user]: lease }, isAll: true },
    { t: 'health', health },
  ],
  ...[
    { t: 'present', users: { [user]: { ...lease, connections: 0 } }, isAll: false },
    { t: 'hello' },
    { t: 'bye' },
  ],
]
const ownName = 'process-a'
const headers = new Texts(
  [
    ownName,
    'process-b',
    ' ',
    '1',
    '2',
    '0',
    '-1',
    '1e3',
    '9007199254740993',
    'first',
    'next',
    'last',
    'more',
    '[',
  ],
  ['process-b 1 first last ', `${ownName} 1 first last `, 'process-b 2 next more '],
)
const healthyName = 'process-healthy'
const healthyTurn = [{ t: 'present', users: { healthy: lease }, isAll: true }]
const maxTurns = 4

export function openBusTarget(): Target<string[]> {
  const subject = { deliver: (events: LineEvents, text: string) => events.onText(text) }
  return {
    inputsPerRound: 4_000,
    make: makeTexts,
    check: (texts) => checkTexts(texts, subject.deliver),
    faults: {
      'trusted-turn': () => {
        subject.deliver = (events, text) => {
          events.onText(text)
          for (const notice of readAny(text)) void notice.t.length
        }
      },
    },
  }
}

/** Imitates a reader that takes what is JSON for a turn. */
function readAny(text: string): { t: string }[] {
  const at = text.indexOf('[')
  try {
    return JSON.parse(text.slice(at)) as { t: string }[]
  } catch {
    return []
  }
}

function makeTexts(random: Random): string[] {
  let number = 0
  return Array.from({ length: 1 + random.below(maxTurns) }, () => {
    const json = makeTurn(random)
    const cut = random.chance(0.2) ? random.below(json.length + 1) : json.length
    const parts = cut === json.length ? [json] : [json.slice(0, cut), json.slice(cut)]
    return parts.map((part, at) => {
      number += random.chance(0.05) ? random.below(3) : 1
      if (random.chance(0.1)) return headers.make(random, 6, 200) + part
      const last = at === parts.length - 1 ? 'last' : 'more'
      return `process-b ${number} ${at === 0 ? 'first' : 'next'} ${last} ${part}`
    })
  }).flat()
}

function makeTurn(random: Random): string {
  if (random.chance(0.02)) return nestedLists(random)
  let turn: unknown = Array.from({ length: random.below(4) }, () => pick(random, notices))
  for (let times = random.below(4); times > 0; times -= 1) turn = bendValue(random, turn)
  return JSON.stringify(turn) ?? ''
}

async function checkTexts(
  texts: readonly string[],
  deliver: (events: LineEvents, text: string) => void,
): Promise<string | undefined> {
  const { cluster, live, events } = await openProcess()
  try {
    for (const text of texts) deliver(events, text)
    live.flush()
    deliver(events, `${healthyName} 1 first last ${JSON.stringify(healthyTurn)}`)
    const states = [user, 'healthy'].map((id) => live.presence.stateOf(id))
    return firstProblem(
      [live.connectionCountOf('healthy') === lease.connections, 'a healthy turn was not taken'],
      [live.sessionsOf('healthy').has('s1'), 'sessions of a healthy turn'],
      [states.every((state) => ['active', 'idle', 'offline'].includes(state)), 'a state of a user'],
      [cluster.peerHealth().every(isHealth), 'a health that cannot be added up'],
      [Number.isSafeInteger(live.connectionCountOf(user)), 'a number of connections'],
    )
  } finally {
    await cluster.close()
    live.shutdown()
  }
}

function isHealth({
  connections,
  clockDoubtMs,
  reached,
}: ReturnType<Cluster['peerHealth']>[number]): boolean {
  return (
    Number.isSafeInteger(connections) && clockDoubtMs >= 0 && reached.every(({ at }) => at > 0 || at <= 0)
  )
}

/** A process whose database is empty. */
async function openProcess(): Promise<{ cluster: Cluster; live: Live; events: LineEvents }> {
  const live = new Live({
    ...{ clock: () => 1, readHeads: () => Promise.resolve({}), saveLastSeen: () => undefined },
    ...{ storeRead: () => Promise.resolve([]), storeDelivered: () => Promise.resolve([]) },
    ...{ renewSessions: () => undefined, onOwned: () => undefined, onClockConfirmed: () => undefined },
    ...{ chargeUser: () => undefined, onError: () => undefined },
  })
  let events: LineEvents | undefined
  const line = { send: () => undefined, close: () => Promise.resolve() }
  const wire: ClusterLink['wire'] = {
    ...{ name: 'test', maxLength: 8_000 },
    open: (given) => {
      events = given
      return Promise.resolve(line)
    },
  }
  const link: ClusterLink = {
    ...{ processName: ownName, wire, isLeader: () => false },
    findMoved: () => Promise.resolve(new Map()),
  }
  const memory: Memory = {
    ...{ heads: new Map(), userIds: undefined, members: [] },
    ...{ hidesLastSeen: new Set<string>(), endedSessionIds: [] },
  }
  const store = { read: () => Promise.resolve(memory) } as unknown as Store
  const cluster = new Cluster(link, live, pino({ level: 'silent' }), () => 1)
  await cluster.start(store)
  if (!events) throw new Error('the bus opened no line')
  return { cluster, live, events }
}
