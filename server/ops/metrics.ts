import { statfs } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { HubContext } from '../context.ts'
import type { Store } from '../db/store.ts'
import { addBucket } from './bucket-metrics.ts'
import { addCluster } from './cluster-metrics.ts'
import type { AddGauge, AddTotal } from './metric-kinds.ts'
import { countBuffered, countSlow } from './levels.ts'

/*
 * The figures of a hub for Prometheus. Nearly all are read when they are asked for; while nobody asks they cost nothing. No
 * label names a user, a chat or an address.
 */

export interface Metrics {
  contentType: string
  read: () => Promise<string>
  close: () => void
}

const nanosecondsPerSecond = 1e9
const loopResolutionMs = 20
const commitBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const requestBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

export function createMetrics(hub: HubContext): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const gauge = (
    name: string,
    help: string,
    collect: (set: (value: number) => void) => void | Promise<void>,
  ) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        return collect((value) => this.set(value))
      },
    })
  /** For a total that a part of the hub counts itself. */
  const total = (name: string, help: string, read: () => number) =>
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  addProcess(gauge, total)
  addHub(hub, gauge, total)
  const closing = [addTimes(hub, registry, gauge)]
  const bucket = hub.files.place.store
  if (bucket) addBucket(bucket, { gauge, total })
  if (hub.cluster) closing.push(addCluster(hub.cluster, { registry, gauge, total }))
  return {
    contentType: registry.contentType,
    read: () => registry.metrics(),
    close: () => closing.forEach((close) => close()),
  }
}

/** With the names that other programs of Node use, so that their dashboards fit. */
function addProcess(gauge: AddGauge, total: AddTotal): void {
  const microsecondsPerSecond = 1e6
  const startedAt = Date.now() / 1_000 - process.uptime()
  total('process_cpu_seconds_total', 'CPU time of the process, workers included.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / microsecondsPerSecond
  })
  gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.', (set) =>
    set(startedAt),
  )
  gauge('process_resident_memory_bytes', 'Memory of the process.', (set) => set(process.memoryUsage.rss()))
  gauge('nodejs_heap_size_used_bytes', 'Used part of the heap.', (set) => set(process.memoryUsage().heapUsed))
}

function addHub(hub: HubContext, gauge: AddGauge, total: AddTotal): void {
  const { measurements, live, store, turns } = hub
  gauge('hubbub_connections', 'Open live sockets.', (set) => set(live.connectionCount))
  gauge('hubbub_slow_consumers', 'Sockets whose client does not read as fast as the hub sends.', (set) =>
    set(countSlow(live)),
  )
  gauge('hubbub_buffered_bytes', 'Bytes that wait in the buffers of all sockets.', (set) =>
    set(countBuffered(live)),
  )
  total('hubbub_deliveries_total', 'Entries that were passed to sockets.', () => live.deliveryCount)
  gauge('hubbub_queued_operations', 'Operations that wait for the writer.', (set) =>
    set(store.writer.queuedCount ?? 0),
  )
  gauge('hubbub_waiting_requests', 'Requests that wait for a turn of the event loop.', (set) =>
    set(turns.waitingCount),
  )
  total('hubbub_commits_total', 'Commits of the database.', () => measurements.commits)
  total('hubbub_operations_total', 'Committed operations.', () => measurements.operations)
  total('hubbub_requests_total', 'Requests over both transports.', () => measurements.requests)
  total('hubbub_failures_total', 'Requests that ended with a fault of the hub.', () => measurements.failures)
  gauge('hubbub_damaged', '1 if damage of the database was met since the start.', (set) =>
    set(hub.damage.isFound ? 1 : 0),
  )
  gauge('hubbub_clock_trusted', '0 while the clock is in doubt and nothing is deleted by age.', (set) =>
    set(hub.time.isTrusted ? 1 : 0),
  )
  gauge('hubbub_database_bytes', 'Size of the database.', async (set) => set((await measure(store)).database))
  gauge('hubbub_wal_bytes', 'Size of the write-ahead log.', async (set) =>
    set((await measure(store)).journal),
  )
  gauge('hubbub_disk_free_bytes', 'Free space on the disk of the files.', async (set) => {
    const { bavail, bsize } = await statfs(hub.files.place.diskFolder)
    set(bavail * bsize)
  })
}

/** Returns what ends the measuring. */
function addTimes({ measurements, version }: HubContext, registry: Registry, gauge: AddGauge): () => void {
  const registers = [registry]
  new Gauge({ name: 'hubbub_info', help: 'The version of the hub.', labelNames: ['version'], registers }).set(
    { version },
    1,
  )
  const commits = new Histogram({
    ...{ name: 'hubbub_commit_seconds', help: 'Time of a batch with its COMMIT.' },
    ...{ buckets: commitBuckets, registers },
  })
  const requests = new Histogram({
    ...{ name: 'hubbub_request_seconds', help: 'Time from the arrival of a request to its result.' },
    ...{ labelNames: ['request'], buckets: requestBuckets, registers },
  })
  measurements.onCommit = (_operations, ms) => commits.observe(ms / 1_000)
  measurements.onRequest = (request, ms) => requests.observe({ request }, ms / 1_000)
  const delay = monitorEventLoopDelay({ resolution: loopResolutionMs })
  delay.enable()
  // the measured time includes the timer's own period
  const seconds = (nanoseconds: number): number =>
    Math.max(0, nanoseconds / nanosecondsPerSecond - loopResolutionMs / 1_000)
  gauge('nodejs_eventloop_lag_mean_seconds', 'Mean delay of the event loop since the last reading.', (set) =>
    set(Number.isNaN(delay.mean) ? 0 : seconds(delay.mean)),
  )
  gauge('nodejs_eventloop_lag_p99_seconds', 'The delay that 1 % of the measurements exceed.', (set) =>
    set(seconds(delay.percentile(99))),
  )
  // registered last: it begins the next period
  gauge('nodejs_eventloop_lag_max_seconds', 'Longest delay since the last reading.', (set) => {
    set(seconds(delay.max))
    delay.reset()
  })
  return () => {
    delay.disable()
    measurements.onCommit = measurements.onRequest = undefined
  }
}

/** A server that is away must not hide the other figures. */
async function measure(store: Store): Promise<{ database: number; journal: number }> {
  return store.measure().catch(() => ({ database: Number.NaN, journal: Number.NaN }))
}
