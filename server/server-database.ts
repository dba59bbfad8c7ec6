import { existsSync } from 'node:fs'
import { otherHub, ownDatabase } from './database-address.ts'
import { finishFirstStart, requireReadableFolders } from './check-data-dir.ts'
import { RowLog } from './continuity/row-log.ts'
import { noteFilesPlace, prepareFilesPlace } from './db/files-mark.ts'
import { openPostgres } from './db/postgres/open.ts'
import { openInMemory } from './db/open-in-memory.ts'
import { databaseFile } from './db/sqlite/store.ts'
import type { DatabaseOptions, HubDatabase } from './hub-database.ts'
import { openFilesPlace } from './file-storage/open-files-place.ts'
import { firstStartFile, keyFile, loadIdentity, loadSharedIdentity, sharedKeyFile } from './identity.ts'
import { DirectIndexing } from './search-index/indexing.ts'
import { MessageIndex } from './search-index/message-index.ts'
import { PostgresSearch } from './search-index/postgres-search.ts'
import { termMaker } from './standby/shared-standing.ts'
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
  identity: identityPlace,
  files,
  keepRemovedMs,
}: DatabaseOptions & { database: string }): Promise<HubDatabase> {
  requireReadableFolders(dataDir)
  if (existsSync(databaseFile(dataDir))) throw ownDatabase(dataDir)
  const opened = await openPostgres({ url: database, processName: bootId, isCluster, log, onFatal })
  try {
    const { hasHub } = opened
    const key = identityPlace === undefined ? keyFile(dataDir) : sharedKeyFile(identityPlace)
    const isUnfinished = existsSync(firstStartFile(key))
    requireBoth({ hasHub, hasKey: existsSync(key), isUnfinished }, { dataDir, key })
    if (isCluster && !hasHub && identityPlace === undefined) throw needsSharedKey()
    const identity =
      identityPlace === undefined ? loadIdentity(dataDir) : loadSharedIdentity(key, dataDir, !hasHub)
    onIdentity(identity)
    if (!(await opened.claim(identity.hubId))) throw otherHub(dataDir)
    await opened.terms.renew(termMaker(identity, dataDir))
    const place = await openFilesPlace(dataDir, files, log)
    const hub = { dataDir, hubId: identity.hubId, onAway: (text: string) => log.warn(text) }
    const mark = files === undefined ? undefined : place.mark
    const nonce = await prepareFilesPlace(hub, mark, await opened.readKnownPlace())
    noteFilesPlace(dataDir, files)
    if (keepRemovedMs !== undefined) await opened.keepRemoved(keepRemovedMs)
    if (hasHub) await opened.admitOthers()
    return {
      identity,
      rowLog: new RowLog(await openInMemory()),
      isFirstStart: !hasHub || isUnfinished,
      files: { place, nonce },
      finishFirstStart: async () => {
        finishFirstStart(key)
        if (!hasHub) await opened.admitOthers()
      },
      messageIndex: new MessageIndex({ remembersTerms: false }),
      latestStoredTime: () => opened.latestStoredTime(),
      createStore: (options) => opened.createStore(options),
      createSearchQueue: (store) => new PostgresSearch(store),
      createIndexing: ({ index }) => new DirectIndexing(index),
      addMaintenance: () => () => Promise.resolve(),
      link: opened.link,
      filesLink: opened.filesLink,
      terms: opened.terms,
      close: () => opened.close(),
    }
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** @throws StartError if only one of the two is there, though a start has finished */
function requireBoth(
  { hasHub, hasKey, isUnfinished }: { hasHub: boolean; hasKey: boolean; isUnfinished: boolean },
  { dataDir, key }: { dataDir: string; key: string },
): void {
  if (hasHub && !hasKey) {
    throw new StartError(
      key === keyFile(dataDir)
        ? `The database has a hub, but ${dataDir} does not have its key, so nothing was changed: give the directory of that hub with --data, or put its folders "identity" and "files" there.`
        : `The database has a hub, but its key ${key} is missing, so nothing was changed: give the key of that hub with --identity.`,
    )
  }
  if (!hasHub && hasKey && !isUnfinished) {
    throw new StartError(
      `The key ${key} belongs to a hub, but the database has none, so nothing was changed: check the address of the database, or restore the database from a backup.`,
    )
  }
}

function needsSharedKey(): StartError {
  return new StartError(
    'The processes of a new hub need one key: give each of them the same folder with --identity. The first one makes the key there.',
  )
}
