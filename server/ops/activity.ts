import type { HubActivity } from '../../shared/contract/admin-hub.ts'
import type { Measurements } from '../measurements.ts'

/*
 * The curve of the last day that Health shows. In memory only: a restart begins an empty one. A timer of a second measures how late
 * the loop is; each point holds the highest values of its ten minutes. Nothing of it runs within a request.
 */

const tickMs = 1_000
/** Reading the memory and looking at each socket costs more than a tick should. */
const ticksPerLook = 10
const pointMs = 10 * 60_000
const maxPoints = 144
/** From here on Health says that the hub was slow. Shorter pauses are logged. */
const attentionMs = 2_000
/** A computer that slept was not slow. */
const sleepMs = 30_000

export type ActivityPoint = HubActivity['points'][number]

/** What the parts of a hub know at this moment. */
export interface ActivityLevels {
  connections: number
  /** Connections whose client does not read as fast as the hub sends. */
  slow: number
  /** Operations and requests that wait. */
  waiting: number
  deliveries: number
  /** Bytes. */
  memory: number
}

export interface ActivityOptions {
  measurements: Measurements
  readLevels: () => ActivityLevels
  /** Wall time in ms. */
  clock: () => number
  /** Monotonic time in ms. */
  now?: () => number
}

export class Activity {
  readonly #options: ActivityOptions
  readonly #now: () => number
  readonly #points: ActivityPoint[] = []
  #timer: NodeJS.Timeout | undefined
  #tickedAt: number
  #ticks = 0
  #pointStartedAt: number
  #current: ActivityPoint
  /** Totals at the start of the point. */
  #base = { operations: 0, deliveries: 0 }

  constructor(options: ActivityOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#tickedAt = this.#pointStartedAt = this.#now()
    this.#current = emptyPoint(options.clock())
  }

  start(): void {
    this.#tickedAt = this.#now()
    this.#timer = setInterval(() => this.tick(), tickMs)
    this.#timer.unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** Called each second. */
  tick(): void {
    const now = this.#now()
    const lateMs = now - this.#tickedAt - tickMs
    this.#tickedAt = now
    if (lateMs > 0 && lateMs < sleepMs) this.#options.measurements.noteTime('loop', '', lateMs)
    if (this.#ticks % ticksPerLook === 0) this.#look()
    this.#ticks += 1
    if (now - this.#pointStartedAt >= pointMs) this.#endPoint(now)
  }

  /** Returns the points of the last day, the oldest first; the last one is not over yet. */
  read(): HubActivity {
    this.#look()
    const points = [...this.#points, this.#current]
    const recent = points.slice(-2)
    const loopMs = Math.max(...recent.map((point) => point.loopMs))
    const commitMs = Math.max(...recent.map((point) => point.commitMs))
    const isSlow = loopMs >= attentionMs || commitMs >= attentionMs
    return {
      ...{ state: isSlow ? 'attention' : 'good', loopMs, commitMs, slow: this.#options.readLevels().slow },
      pointMs,
      points: points.map((point) => ({ ...point })),
    }
  }

  #look(): void {
    const { measurements, readLevels } = this.#options
    const { connections, slow, waiting, deliveries, memory } = readLevels()
    const point = this.#current
    point.connections = Math.max(point.connections, connections)
    point.slow = Math.max(point.slow, slow)
    point.waiting = Math.max(point.waiting, waiting)
    point.memory = Math.max(point.memory, memory)
    point.operations = measurements.operations - this.#base.operations
    point.deliveries = deliveries - this.#base.deliveries
    point.loopMs = Math.max(point.loopMs, Math.round(measurements.takeLongestMs('loop')))
    point.commitMs = Math.max(point.commitMs, Math.round(measurements.takeLongestMs('commit')))
  }

  #endPoint(now: number): void {
    this.#look()
    this.#points.push(this.#current)
    if (this.#points.length >= maxPoints) this.#points.shift()
    this.#base = {
      operations: this.#base.operations + this.#current.operations,
      deliveries: this.#base.deliveries + this.#current.deliveries,
    }
    this.#pointStartedAt = now
    this.#current = emptyPoint(this.#options.clock())
  }
}

function emptyPoint(at: number): ActivityPoint {
  return {
    ...{ at, connections: 0, slow: 0, waiting: 0, operations: 0, deliveries: 0 },
    ...{ loopMs: 0, commitMs: 0, memory: 0 },
  }
}
