import { checkDataDir, finishFirstStart } from './check-data-dir.ts'
import { RowLog } from './continuity/row-log.ts'
import { databaseFile, SqliteStore } from './db/sqlite/store.ts'
import { FolderPlace } from './file-storage/files-place.ts'
import type { DatabaseOptions, HubDatabase } from './hub-database.ts'
import { addDatabaseCheck } from './hub-jobs.ts'
import { keyFile, loadIdentity } from './identity.ts'
import { openDatabase } from './open-database.ts'
import { latestStoredTime } from './db/latest-time.ts'
import { IndexQueue } from './search-index/index-queue.ts'
import { MessageIndex } from './search-index/message-index.ts'
import { createSearchWorker } from './search-index/search-host.ts'

/** Opens the database file of a data directory. Called under the lock of the directory. @throws StartError */
export async function openFileDatabase({ dataDir, log, onIdentity }: DatabaseOptions): Promise<HubDatabase> {
  const isFirstStart = checkDataDir(dataDir)
  const identity = loadIdentity(dataDir)
  onIdentity(identity)
  const connection = await openDatabase(dataDir, log)
  const rowLog = new RowLog(connection)
  return {
    identity,
    isFirstStart,
    files: { place: new FolderPlace(dataDir) },
    finishFirstStart: () => finishFirstStart(keyFile(dataDir)),
    messageIndex: new MessageIndex(),
    rowLog,
    latestStoredTime: () => Promise.resolve(latestStoredTime(connection.raw)),
    createStore: (options) => new SqliteStore(dataDir, connection, { ...options, log: rowLog }),
    createSearchQueue: () =>
      createSearchWorker({
        file: databaseFile(dataDir),
        onError: (error) => log.error({ err: error }, 'the search worker failed'),
      }),
    createIndexing: ({ store, index, jobs, guarded }) => new IndexQueue(store.writer, index, jobs, guarded),
    addMaintenance: addDatabaseCheck,
    close: () => void connection.raw.close(),
  }
}
