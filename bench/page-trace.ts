// What the page's main thread did in each frame, from a trace of the browser. Time of the thread and not of the clock: other
// programs on the machine change it little.
import type { CDPSession, Page } from 'playwright-core'
import { median, percentile } from './stats.ts'

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** Microseconds, as all times of a trace. */
  readonly ts: number
  readonly dur?: number
  readonly tdur?: number
}

const parts: readonly { name: string; events: ReadonlySet<string> }[] = [
  { name: 'style', events: new Set(['UpdateLayoutTree']) },
  { name: 'layout', events: new Set(['Layout']) },
  {
    name: 'paint',
    events: new Set(['Paint', 'PrePaint', 'Layerize', 'Commit', 'UpdateLayer', 'ScrollLayer']),
  },
  { name: 'hit test', events: new Set(['HitTest']) },
  { name: 'garbage', events: new Set(['MinorGC', 'MajorGC']) },
]

/** The main thread's own time in each frame: of all of it, and of the parts that have a name, in ms. */
export type TracedFrame = ReadonlyMap<string, number>

/** Records what the main thread does while `run` runs. A frame begins with its animation callbacks. */
export async function traceFrames(page: Page, run: () => Promise<void>): Promise<TracedFrame[]> {
  const browser = page.context().browser()
  if (!browser) throw new Error('The page has no browser')
  const cdp = await browser.newBrowserCDPSession()
  const events: TraceEvent[] = []
  cdp.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  await cdp.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: {
      recordMode: 'recordUntilFull',
      traceBufferSizeInKb: 400_000,
      includedCategories: ['toplevel', 'devtools.timeline'],
      excludedCategories: ['*'],
    },
  })
  await run()
  await endTrace(cdp)
  return framesOf(ofMainThread(events))
}

async function endTrace(cdp: CDPSession): Promise<void> {
  const complete = new Promise<void>((resolve) => cdp.on('Tracing.tracingComplete', () => resolve()))
  await cdp.send('Tracing.end')
  await complete
  await cdp.detach()
}

/** The thread with the most animation callbacks: other pages and workers have few or none. */
function ofMainThread(events: readonly TraceEvent[]): TraceEvent[] {
  const callbacks = new Map<number, number>()
  for (const { name, tid } of events)
    if (name === 'FireAnimationFrame') callbacks.set(tid, (callbacks.get(tid) ?? 0) + 1)
  const [main] = [...callbacks].sort(([, a], [, b]) => b - a)[0] ?? []
  return events
    .filter(({ tid, ph }) => tid === main && ph === 'X')
    .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0))
}

type Times = Map<string, number>

function framesOf(events: readonly TraceEvent[]): Times[] {
  const frames: Times[] = []
  const open: { event: TraceEvent; end: number }[] = []
  for (const event of events) {
    if (event.name === 'FireAnimationFrame') frames.push(new Map())
    const frame = frames.at(-1)
    while (open.length > 0 && (open.at(-1)?.end ?? 0) <= event.ts) open.pop()
    const took = event.tdur ?? event.dur ?? 0
    if (frame) {
      // Each event's own time: what it contains is counted under the name of that.
      add(frame, partOf(event), took)
      const outer = open.at(-1)
      if (outer) add(frame, partOf(outer.event), -took)
    }
    open.push({ event, end: event.ts + (event.dur ?? 0) })
  }
  return frames
}

function partOf({ name }: TraceEvent): string {
  return parts.find(({ events }) => events.has(name))?.name ?? 'script and rest'
}

/** All frames, and the mean of each part in them and in the longest tenth. */
export function describeFrames(frames: readonly TracedFrame[]): string {
  const cpuMs = frames.map((frame) => sum(frame.values()))
  const limit = percentile(cpuMs, 90)
  const longest = frames.filter((_, at) => (cpuMs[at] ?? 0) >= limit)
  const meanOf = (of: readonly TracedFrame[], name: string): string =>
    (sum(of.map((frame) => frame.get(name) ?? 0)) / of.length).toFixed(1)
  const names = [...parts.map(({ name }) => name), 'script and rest']
  const shares = names.map((name) => `${name} ${meanOf(frames, name)} (${meanOf(longest, name)})`)
  return `  main thread: median ${median(cpuMs).toFixed(1)} ms, p95 ${percentile(cpuMs, 95).toFixed(1)} ms, longest ${Math.max(...cpuMs).toFixed(0)} ms; mean of all (and of the longest tenth): ${shares.join(', ')}`
}

function add(times: Times, name: string, microseconds: number): void {
  times.set(name, (times.get(name) ?? 0) + microseconds / 1000)
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
