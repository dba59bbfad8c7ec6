import type { ServerKind } from './seed.ts'
import { median } from './stats.ts'

/** What was measured, by name, in the order in which it came. */
export class Results {
  readonly #values = new Map<string, Record<ServerKind, number[]>>()
  readonly notes: string[] = []

  add(name: string, kind: ServerKind, value: number): void {
    let row = this.#values.get(name)
    if (!row) this.#values.set(name, (row = { bare: [], hub: [] }))
    row[kind].push(value)
  }

  note(name: string, text: string): void {
    const line = `${name}: ${text}`
    if (!this.notes.includes(line)) this.notes.push(line)
  }

  /** The median, or undefined when it was not measured. */
  get(name: string, kind: ServerKind): number | undefined {
    const values = this.#values.get(name)?.[kind]
    return values && values.length > 0 ? median(values) : undefined
  }

  ratio(name: string): number | undefined {
    const hub = this.get(name, 'hub')
    const bare = this.get(name, 'bare')
    return hub === undefined || bare === undefined ? undefined : hub / bare
  }

  table(): string[] {
    const lines = ['| | limit | Hubbub | Hubbub : limit |', '|---|---|---|---|']
    for (const [name, { bare, hub }] of this.#values) {
      const ratio = this.ratio(name)
      lines.push(
        `| ${name} | ${spread(bare)} | ${spread(hub)} | ${ratio === undefined ? '' : short(ratio)} |`,
      )
    }
    return lines
  }
}

interface Goal {
  id: string
  what: string
  floor: string
  measured: (results: Results) => { value: string; isMet: boolean } | undefined
}

/** The floors of section 6 of the performance anchors. */
export const goals: Goal[] = [
  atMost('G1', 'CPU per delivery, R=200 at 50/s', 2, (r) =>
    r.ratio('W1 R=200 at 50/s, CPU s per 1,000 deliveries'),
  ),
  atLeast('G2', 'closed loop deliveries/s, R=200', 0.35, (r) =>
    r.ratio('W1 R=200 closed loop, deliveries/s'),
  ),
  atMost('G3', 'send to deliver p99, R=1000 at 20/s', 2.5, (r) =>
    r.ratio('W1 R=1000 at 20/s, deliver p99 ms'),
  ),
  atMost('G4', 'send to durable ack p99, R=200 at 50/s', 2, (r) => r.ratio('W1 R=200 at 50/s, ack p99 ms')),
  {
    id: 'G5',
    what: 'highest rate kept up with, R=200',
    floor: '≥ 500/s',
    measured: (r) =>
      plain(r.get('W1 R=200 highest rate kept up with, messages/s', 'hub'), '/s', (v) => v >= 500),
  },
  atLeast('G6', 'durable direct messages/s, 250 pairs', 0.3, (r) => r.ratio('W2 250 pairs, messages/s')),
  {
    id: 'G6',
    what: 'the same, absolute',
    floor: '≥ 5,000/s',
    measured: (r) => plain(r.get('W2 250 pairs, messages/s', 'hub'), '/s', (v) => v >= 5_000),
  },
  {
    id: 'G7',
    what: 'messages per commit: alone, and 40 in flight',
    floor: '1, and more',
    measured: (r) => {
      const alone = r.get('W1 lone message, commits per message', 'hub')
      const load = r.get('W1 R=200 closed loop, messages per commit', 'hub')
      if (alone === undefined || load === undefined) return undefined
      return {
        value: `${short(1 / alone)}, ${short(load)}`,
        isMet: alone <= 1.1 && alone >= 0.99 && load > 2,
      }
    },
  },
  {
    id: 'G7',
    what: 'lone message: ack p50 beyond the limit’s',
    floor: '< 1 ms (no timer)',
    measured: (r) => {
      const hub = r.get('W1 lone message, ack p50 ms', 'hub')
      const bare = r.get('W1 lone message, ack p50 ms', 'bare')
      return hub === undefined || bare === undefined ? undefined : plain(hub - bare, ' ms', (v) => v < 1)
    },
  },
  {
    id: 'G8',
    what: 'latest 50 of 100,000: socket, HTTP',
    floor: '≤ 5 ms',
    measured: (r) => {
      const socket = r.get('W3 latest 50 of 100,000, p50 ms', 'hub')
      const http = r.get('W3 latest 50 of 100,000 over HTTP, p50 ms', 'hub')
      if (socket === undefined || http === undefined) return undefined
      return { value: `${short(socket)}, ${short(http)} ms`, isMet: Math.max(socket, http) <= 5 }
    },
  },
  atMost('G8', 'the same against 1,000 messages', 1.5, (r) => {
    const long = r.get('W3 latest 50 of 100,000, p50 ms', 'hub')
    const few = r.get('W3 latest 50 of 1,000, p50 ms', 'hub')
    return long === undefined || few === undefined ? undefined : long / few
  }),
  atMost('G9', 'every page backwards, p99 : p50', 2, (r) =>
    r.get('W3 every page backwards, p99 : p50', 'hub'),
  ),
  atMost('G10', '1,000 clients back and in step', 5, (r) => r.ratio('W4 1000 clients back, ms')),
  {
    id: 'G10',
    what: '200 clients',
    floor: '≤ 290 ms',
    measured: (r) => plain(r.get('W4 200 clients back, ms', 'hub'), ' ms', (v) => v <= 290),
  },
  {
    id: 'G11',
    what: 'memory per idle connection at 1,000',
    floor: '≤ 36 KB',
    measured: (r) => plain(r.get('W5 idle connection at 1,000, KB', 'hub'), ' KB', (v) => v <= 36),
  },
  atMost('G12', 'empty server, RSS', 1.6, (r) => r.ratio('W5 empty server, MB')),
  atMost('G13', 'start to first login', 3, (r) => r.ratio('W5 start to first login, 100,000 messages, ms')),
  {
    id: 'G14',
    what: 'loss, order; growth for a slow reader',
    floor: '0, 0; ≤ 32 MB',
    measured: (r) => {
      const growth = r.get('W1 R=200 slow reader, growth of the hub in MB', 'hub')
      // a loss would have ended the run
      return growth === undefined ? undefined : { value: `0, 0; ${short(growth)} MB`, isMet: growth <= 32 }
    },
  },
]

export function goalTable(results: Results): string[] {
  const lines = ['| goal | what | measured | floor | |', '|---|---|---|---|---|']
  for (const { id, what, floor, measured } of goals) {
    const found = measured(results)
    if (found)
      lines.push(`| ${id} | ${what} | ${found.value} | ${floor} | ${found.isMet ? 'met' : '**not met**'} |`)
  }
  return lines
}

function atMost(id: string, what: string, floor: number, of: (results: Results) => number | undefined): Goal {
  return { id, what, floor: `≤ ${floor}x`, measured: (r) => plain(of(r), 'x', (value) => value <= floor) }
}

function atLeast(
  id: string,
  what: string,
  floor: number,
  of: (results: Results) => number | undefined,
): Goal {
  return { id, what, floor: `≥ ${floor}x`, measured: (r) => plain(of(r), 'x', (value) => value >= floor) }
}

function plain(value: number | undefined, unit: string, isMet: (value: number) => boolean) {
  return value === undefined ? undefined : { value: `${short(value)}${unit}`, isMet: isMet(value) }
}

function spread(values: number[]): string {
  if (values.length === 0) return ''
  if (values.length === 1) return short(median(values))
  return `${short(median(values))} (${short(Math.min(...values))}..${short(Math.max(...values))})`
}

function short(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en')
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return value.toPrecision(3)
}
