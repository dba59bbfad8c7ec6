import type { ServerKind } from './seed.ts'
import { median } from './stats.ts'

/** The measurements by name, in the order they were made. */
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

  /** Returns the median, or undefined if it was not measured. */
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
        `| ${name} | ${formatSpread(bare)} | ${formatSpread(hub)} | ${ratio === undefined ? '' : formatNumber(ratio)} |`,
      )
    }
    return lines
  }
}

interface Goal {
  id: string
  description: string
  floor: string
  measured: (results: Results) => { value: string; isMet: boolean } | undefined
}

/** The floors of section 6 of the performance anchors. */
export const goals: Goal[] = [
  ratioAtMost('G1', 'CPU per delivery, R=200 at 50/s', 2, (r) =>
    r.ratio('W1 R=200 at 50/s, CPU s per 1,000 deliveries'),
  ),
  ratioAtLeast('G2', 'closed loop deliveries/s, R=200', 0.35, (r) =>
    r.ratio('W1 R=200 closed loop, deliveries/s'),
  ),
  ratioAtMost('G3', 'send to deliver p99, R=1000 at 20/s', 2.5, (r) =>
    r.ratio('W1 R=1000 at 20/s, deliver p99 ms'),
  ),
  ratioAtMost('G4', 'send to durable ack p99, R=200 at 50/s', 2, (r) =>
    r.ratio('W1 R=200 at 50/s, ack p99 ms'),
  ),
  {
    id: 'G5',
    description: 'highest sustained rate, R=200',
    floor: '≥ 500/s',
    measured: (r) =>
      formatMeasurement(r.get('W1 R=200 highest sustained rate, messages/s', 'hub'), '/s', (v) => v >= 500),
  },
  ratioAtLeast('G6', 'durable direct messages/s, 250 pairs', 0.3, (r) => r.ratio('W2 250 pairs, messages/s')),
  {
    id: 'G6',
    description: 'the same, absolute',
    floor: '≥ 5,000/s',
    measured: (r) => formatMeasurement(r.get('W2 250 pairs, messages/s', 'hub'), '/s', (v) => v >= 5_000),
  },
  {
    id: 'G7',
    description: 'messages per commit: alone, and 40 in flight',
    floor: '1, and more',
    measured: (r) => {
      const alone = r.get('W1 lone message, commits per message', 'hub')
      const load = r.get('W1 R=200 closed loop, messages per commit', 'hub')
      if (alone === undefined || load === undefined) return undefined
      return {
        value: `${formatNumber(1 / alone)}, ${formatNumber(load)}`,
        isMet: alone <= 1.1 && alone >= 0.99 && load > 2,
      }
    },
  },
  {
    id: 'G7',
    description: 'lone message: ack p50 beyond the limit’s',
    floor: '< 1 ms (no timer)',
    measured: (r) => {
      const hub = r.get('W1 lone message, ack p50 ms', 'hub')
      const bare = r.get('W1 lone message, ack p50 ms', 'bare')
      return hub === undefined || bare === undefined
        ? undefined
        : formatMeasurement(hub - bare, ' ms', (v) => v < 1)
    },
  },
  {
    id: 'G8',
    description: 'latest 50 of 100,000: socket, HTTP',
    floor: '≤ 5 ms',
    measured: (r) => {
      const socket = r.get('W3 latest 50 of 100,000, p50 ms', 'hub')
      const http = r.get('W3 latest 50 of 100,000 over HTTP, p50 ms', 'hub')
      if (socket === undefined || http === undefined) return undefined
      return {
        value: `${formatNumber(socket)}, ${formatNumber(http)} ms`,
        isMet: Math.max(socket, http) <= 5,
      }
    },
  },
  ratioAtMost('G8', 'the same against 1,000 messages', 1.5, (r) => {
    const long = r.get('W3 latest 50 of 100,000, p50 ms', 'hub')
    const few = r.get('W3 latest 50 of 1,000, p50 ms', 'hub')
    return long === undefined || few === undefined ? undefined : long / few
  }),
  ratioAtMost('G9', 'every page backwards, p99 : p50', 2, (r) =>
    r.get('W3 every page backwards, p99 : p50', 'hub'),
  ),
  ratioAtMost('G10', '1,000 clients reconnected and up to date', 5, (r) =>
    r.ratio('W4 1000 clients reconnected, ms'),
  ),
  {
    id: 'G10',
    description: '200 clients',
    floor: '≤ 290 ms',
    measured: (r) =>
      formatMeasurement(r.get('W4 200 clients reconnected, ms', 'hub'), ' ms', (v) => v <= 290),
  },
  {
    id: 'G11',
    description: 'memory per idle connection at 1,000',
    floor: '≤ 36 KB',
    measured: (r) =>
      formatMeasurement(r.get('W5 idle connection at 1,000, KB', 'hub'), ' KB', (v) => v <= 36),
  },
  ratioAtMost('G12', 'empty server, RSS', 1.6, (r) => r.ratio('W5 empty server, MB')),
  ratioAtMost('G13', 'start to first login', 3, (r) =>
    r.ratio('W5 start to first login, 100,000 messages, ms'),
  ),
  {
    id: 'G14',
    description: 'loss, order; growth for a slow consumer',
    floor: '0, 0; ≤ 32 MB',
    measured: (r) => {
      const growth = r.get('W1 R=200 slow consumer, growth of the hub in MB', 'hub')
      // a loss would have ended the run
      return growth === undefined
        ? undefined
        : { value: `0, 0; ${formatNumber(growth)} MB`, isMet: growth <= 32 }
    },
  },
]

export function goalTable(results: Results): string[] {
  const lines = ['| goal | what | measured | floor | |', '|---|---|---|---|---|']
  for (const { id, description, floor, measured } of goals) {
    const measurement = measured(results)
    if (measurement)
      lines.push(
        `| ${id} | ${description} | ${measurement.value} | ${floor} | ${measurement.isMet ? 'met' : '**not met**'} |`,
      )
  }
  return lines
}

function ratioAtMost(
  id: string,
  what: string,
  floor: number,
  measure: (results: Results) => number | undefined,
): Goal {
  return {
    id,
    description: what,
    floor: `≤ ${floor}x`,
    measured: (r) => formatMeasurement(measure(r), 'x', (value) => value <= floor),
  }
}

function ratioAtLeast(
  id: string,
  what: string,
  floor: number,
  measure: (results: Results) => number | undefined,
): Goal {
  return {
    id,
    description: what,
    floor: `≥ ${floor}x`,
    measured: (r) => formatMeasurement(measure(r), 'x', (value) => value >= floor),
  }
}

function formatMeasurement(value: number | undefined, unit: string, isMet: (value: number) => boolean) {
  return value === undefined ? undefined : { value: `${formatNumber(value)}${unit}`, isMet: isMet(value) }
}

function formatSpread(values: number[]): string {
  if (values.length === 0) return ''
  if (values.length === 1) return formatNumber(median(values))
  return `${formatNumber(median(values))} (${formatNumber(Math.min(...values))}..${formatNumber(Math.max(...values))})`
}

function formatNumber(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en')
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return value.toPrecision(3)
}
