import type { ObservedStore } from '../file-storage/store-state.ts'
import type { AddGauge, AddTotal } from './metric-kinds.ts'

/** The figures of the object store that has the files. */
export function addBucket(
  { state }: ObservedStore,
  { gauge, total }: { gauge: AddGauge; total: AddTotal },
): void {
  gauge('hubbub_bucket_up', '0 if the latest request to the bucket of the files failed.', (set) =>
    set(state.works === false ? 0 : 1),
  )
  gauge('hubbub_bucket_seconds', 'Time of the latest request to the bucket that worked.', (set) =>
    set((state.latencyMs ?? Number.NaN) / 1_000),
  )
  total(
    'hubbub_bucket_failures_total',
    'Requests to the bucket that failed, also when tried again.',
    () => state.failures,
  )
}
