import type { TestHub } from './hub.ts'

/** Turns the row log of a running hub on, as the first standby does. */
export function turnLogOn({ hub }: Pick<TestHub, 'hub'>): Promise<void> {
  return hub.store.writer.write((tx) => {
    tx.after(hub.rowLog.begin())
    return Promise.resolve()
  })
}
