import { uptime } from 'node:os'
import { openFileDatabase } from './file-database.ts'
import { HubClock, readKnownTime } from './hub-clock.ts'
import type { DatabaseOptions, HubDatabase } from './hub-database.ts'
import { StartError } from './start-error.ts'

/** Opens the database and brings it to the latest schema. @throws StartError with what to do */
export async function openHubDatabase(options: DatabaseOptions): Promise<HubDatabase> {
  if (options.database === undefined) {
    if (options.isCluster) throw new StartError(needsServer)
    return openFileDatabase(options)
  }
  // a hub with a database in its directory never loads the driver of a server
  const { openServerDatabase } = await import('./server-database.ts')
  return openServerDatabase({ ...options, database: options.database })
}

const needsServer =
  'Several processes need a database server: give its address with --database or HUBBUB_DATABASE, or leave out --cluster.'

interface ClockOptions extends Pick<DatabaseOptions, 'dataDir' | 'log'> {
  /** Wall time in ms. */
  clock?: (() => number) | undefined
  /** Monotonic time in ms, of tests. */
  steady?: (() => number) | undefined
}

/** The clock of a hub: it begins with the latest time that is known of it. */
export async function createClock(
  { clock, steady, dataDir, log }: ClockOptions,
  database: HubDatabase,
): Promise<HubClock> {
  const time = new HubClock(
    {
      wall: clock ?? Date.now,
      monotonic: steady ?? (() => performance.now()),
      uptime: steady ?? (() => uptime() * 1000),
    },
    readKnownTime(dataDir) ?? (await database.latestStoredTime()),
  )
  if (!time.isTrusted) log.warn({ ms: time.doubtMs }, 'the clock is in doubt: nothing is deleted by age')
  return time
}
