import type { FastifyBaseLogger } from 'fastify'
import { Cluster } from './cluster/cluster.ts'
import { createWire } from './cluster/create-wire.ts'
import type { Store } from './db/store.ts'
import { ExclusiveFiles } from './file-storage/exclusive-files.ts'
import { FolderPlace } from './file-storage/files-place.ts'
import { SharedFiles } from './file-storage/shared-files.ts'
import { FileStore } from './file-storage/store.ts'
import type { HubDatabase } from './hub-database.ts'
import type { Live } from './live/live.ts'

/** Returns nothing for a hub of one process. */
export function joinCluster(
  { link }: HubDatabase,
  live: Live,
  { log, clock }: { log: FastifyBaseLogger; clock: () => number },
  closing: (() => void | Promise<void>)[],
): Cluster | undefined {
  if (!link) return undefined
  const cluster = new Cluster(link, live, log, clock)
  closing.unshift(() => cluster.close())
  return cluster
}

/** @throws StartError if its bus never works with this address */
export async function followOthers(
  cluster: Cluster,
  store: Store,
  { bus, hubId, log }: { bus?: string; hubId: string; log: FastifyBaseLogger },
): Promise<void> {
  if (bus === undefined) return cluster.start(store)
  const { epoch } = await store.read((db) => db.selectFrom('hub').select('epoch').executeTakeFirstOrThrow())
  await cluster.start(store, createWire(bus, { hubId, epoch }, log))
}

/** Of several processes, only those with a shared place take files. */
export function openFiles(dataDir: string, { link, filesLink, files }: HubDatabase, store: Store): FileStore {
  const { place, nonce } = files
  if (!link && place instanceof FolderPlace) return new FileStore(place, new ExclusiveFiles(place, dataDir))
  const isShared = filesLink !== undefined && nonce !== undefined
  return new FileStore(place, isShared ? new SharedFiles(filesLink, store, place.mark, nonce) : 'none')
}
