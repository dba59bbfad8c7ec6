import { existsSync } from 'node:fs'
import { otherHub, ownDatabase } from './database-address.ts'
import { requireReadableFolders } from './check-data-dir.ts'
import { RowLog } from './continuity/row-log.ts'
import { openPostgres } from './db/postgres/open.ts'
import { openInMemory } from './db/open-in-memory.ts'
import { databaseFile } from './db/sqlite/store.ts'
import type { DatabaseOptions, HubDatabase } from './hub-database.ts'
import { firstStartFile, keyFile, loadIdentity } from './identity.ts'
import { DirectIndexing } from './search-index/indexing.ts'
import { MessageIndex } from './search-index/message-index.ts'
import { PostgresSearch } from './search-index/postgres-search.ts'
import { StartError } from './start-error.ts'

/**
 * Opens a PostgreSQL database for a hub. The data directory keeps the key of the hub and the files of its users.
 * @throws StartError if the two do not belong together, or another process serves the hub
 */
export async function openServerDatabase({
  dataDir,
  database,
  bootId,
  log,
  onFatal,
  onIdentity,
  isCluster = false,
}: DatabaseOptions & { database: string }): Promise<HubDatabase> {
  requireReadableFolders(dataDir)
  if (existsSync(databaseFile(dataDir))) throw ownDatabase(dataDir)
  const opened = await openPostgres({ url: database, processName: bootId, isCluster, log, onFatal })
  try {
    const { hasHub } = opened
    const hasKey = existsSync(keyFile(dataDir))
    const isUnfinished = existsSync(firstStartFile(dataDir))
    if (hasHub && !hasKey) {
      throw new StartError(
        `The database has a hub, but ${dataDir} does not have its key, so nothing was changed: give the directory of that hub with --data, or put its folders "identity" and "files" there.`,
      )
    }
    if (!hasHub && hasKey && !isUnfinished) {
      throw new StartError(
        `${dataDir} belongs to a hub, but the database has none, so nothing was changed: check the address of the database, or restore the database from a backup.`,
      )
    }
    if (isCluster && !hasHub) {
      throw new StartError(
        'A hub of several processes begins with one: start it without --cluster, set it up, and end it. Then start each process with --cluster, and with a copy of the folder "identity" in its directory.',
      )
    }
    const identity = loadIdentity(dataDir)
    onIdentity(identity)
    if (!(await opened.claim(identity.hubId))) throw otherHub(dataDir)
    return {
      identity,
      rowLog: new RowLog(await openInMemory()),
      isFirstStart: !hasHub || isUnfinished,
      messageIndex: new MessageIndex({ remembersTerms: false }),
      latestStoredTime: () => opened.latestStoredTime(),
      createStore: (options) => opened.createStore(options),
      createSearchQueue: (store) => new PostgresSearch(store),
      createIndexing: ({ index }) => new DirectIndexing(index),
      addMaintenance: () => () => Promise.resolve(),
      link: opened.link,
      close: () => opened.close(),
    }
  } catch (error) {
    await opened.close()
    throw error
  }
}
