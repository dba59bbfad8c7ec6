import { Histogram, type Registry } from 'prom-client'
import type { ClusterState } from '../live/cluster-state.ts'
import type { AddGauge, AddTotal } from './metric-kinds.ts'

const lagBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 2.5]

/** The figures of a process that shares its hub with others. Returns what ends the measuring. */
export function addCluster(
  cluster: ClusterState,
  { registry, gauge, total }: { registry: Registry; gauge: AddGauge; total: AddTotal },
): () => void {
  gauge('hubbub_cluster_processes', 'Processes of the hub that this one knows, with itself.', (set) =>
    set(cluster.peerCount + 1),
  )
  gauge('hubbub_bus_open', '0 while the bus is away.', (set) => set(cluster.isBusOpen ? 1 : 0))
  total('hubbub_bus_reconnects_total', 'How often the bus was opened again.', () => cluster.reconnects)
  total(
    'hubbub_bus_resyncs_total',
    'How often memory was read again because something was missed.',
    () => cluster.resyncs,
  )
  total(
    'hubbub_feed_holds_total',
    'Operations that came before what they follow, and waited for it.',
    () => cluster.holds,
  )
  gauge('hubbub_feed_held', 'Operations that wait for what they follow.', (set) => set(cluster.heldNow))
  const lag = new Histogram({
    name: 'hubbub_bus_lag_seconds',
    help: 'Time of a turn through the bus and back to the process that sent it.',
    buckets: lagBuckets,
    registers: [registry],
  })
  cluster.onLag = (ms) => lag.observe(ms / 1_000)
  return () => (cluster.onLag = undefined)
}
