import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { HubHealth, HubStorage } from '../../shared/contract/admin-hub.ts'
import { readPackageFolder } from '../app-packages/folder.ts'
import { audit, findChainBreak } from '../audit/audit.ts'
import type { HubContext } from '../context.ts'
import type { ProcessHealth } from '../db/cluster-link.ts'
import type { Db } from '../db/schema.ts'
import { runOperation } from '../operation.ts'
import { maxReachedShown } from '../text-budget.ts'
import { backupsOf } from '../backup/backups.ts'
import { backupDueAfterMs, lowSpaceBytes } from '../ops/levels.ts'
import { activityOf } from '../ops/ops.ts'
import { readLastBackup } from '../backup/last-backup.ts'
import { SharedFiles } from '../file-storage/shared-files.ts'
import type { ReadContext, RequestContext } from '../define-handlers.ts'

export async function readStorage({
  db,
  hub: { dataDir, files, store },
}: ReadContext<'admin.storage'>): Promise<HubStorage> {
  const count = async (table: 'message' | 'user' | 'chat'): Promise<number> => {
    let query = db.selectFrom(table).select((eb) => eb.fn.countAll<number>().as('count'))
    if (table !== 'user') query = query.where('deletedAt', 'is', null)
    else query = query.where('pendingSince', 'is', null).where('deactivatedAt', 'is', null)
    return (await query.executeTakeFirstOrThrow()).count
  }
  return {
    ...(await store.measure()),
    files: await files.contents.measure(),
    backups: await measureFolder(join(dataDir, 'backups')),
    disk: await readDiskSpace(files.place.diskFolder),
    messages: await count('message'),
    users: await count('user'),
    chats: await count('chat'),
  }
}

/** What only this process knows. In a cluster it tells the others. */
export function ownHealth(hub: HubContext): ProcessHealth {
  const { live, time, damage, textBudget, clock, fileRemoval } = hub
  const lastSurvey = hub.isLeader() ? fileRemoval.lastSurvey : undefined
  const bucket = hub.files.place.store?.state
  const backupAt = readLastBackup(hub.dataDir)
  return {
    connections: live.connectionCount,
    clockDoubtMs: time.isTrusted ? 0 : time.doubtMs,
    isDamaged: damage.isFound,
    reached: textBudget?.listReached(clock()) ?? [],
    files: lastSurvey && { missing: lastSurvey.missing, unreferenced: lastSurvey.unreferenced },
    ...(bucket && {
      store: {
        works: bucket.works !== false,
        ...(bucket.lastFailure && { lastFailure: { ...bucket.lastFailure } }),
      },
    }),
    ...(backupAt !== undefined && { backupAt }),
  }
}

export async function readHealth({
  db,
  hub,
}: Pick<ReadContext<'admin.health'>, 'db' | 'hub'>): Promise<HubHealth> {
  const { free } = await readDiskSpace(hub.files.place.diskFolder)
  const brokenAt = await findChainBreak(db)
  const now = hub.clock()
  const processes = [ownHealth(hub), ...(hub.cluster?.peerHealth() ?? [])]
  const doubtMs = processes.reduce(
    (most, { clockDoubtMs }) => (Math.abs(clockDoubtMs) > Math.abs(most) ? clockDoubtMs : most),
    0,
  )
  return {
    version: hub.version,
    startedAt: hub.startedAt,
    now,
    connections: processes.reduce((sum, { connections }) => sum + connections, 0),
    disk: {
      state: free < lowSpaceBytes.bad ? 'bad' : free < lowSpaceBytes.attention ? 'attention' : 'good',
      free,
    },
    backup: await readBackupHealth(db, hub, processes),
    audit: brokenAt === undefined ? { state: 'good' } : { state: 'bad', brokenAt },
    clock: doubtMs === 0 ? { state: 'good' } : { state: 'attention', stepMs: Math.round(doubtMs) },
    textBudget: await readBudgetHealth(db, processes),
    database: {
      state: processes.some(({ isDamaged }) => isDamaged) ? 'bad' : 'good',
      ...(hub.database === undefined ? {} : { isServer: true }),
    },
    files: readFileHealth(processes),
    ...readBucketHealth(hub, processes),
    ...readClusterHealth(hub),
    activity: activityOf(hub).read(),
    ...(await readPackageHealth(hub.dataDir)),
  }
}

async function readBackupHealth(
  db: Db,
  hub: HubContext,
  processes: readonly ProcessHealth[],
): Promise<HubHealth['backup']> {
  const now = hub.clock()
  // by the hub or by a command, which notes it in the data directory of one process
  const times = processes.flatMap(({ backupAt }) => backupAt ?? [])
  const made = times.length === 0 ? undefined : Math.max(...times)
  const { access } = hub.files
  const { record, elsewhereAt } = backupsOf(hub)
  const { isOn, places, rehearsal } = record
  const wrong = places.filter(({ problem }) => problem !== undefined)
  const lost = Math.max(0, ...places.map((place) => place.lost ?? 0))
  const isGood = rehearsal?.problem === undefined
  const isRecent = made !== undefined && now - made < backupDueAfterMs
  const isBad = !isGood || (wrong.length > 0 && !isRecent)
  return {
    state: isBad ? 'bad' : isRecent && wrong.length === 0 && lost === 0 ? 'good' : 'attention',
    ...(made === undefined ? {} : { at: made }),
    ...(elsewhereAt === undefined ? {} : { elsewhereAt }),
    isScheduled: isOn && places.length > 0,
    places: wrong.map(({ path, problem, at }) => ({
      ...{ path, state: problem?.kind ?? 'failed' },
      ...(at === undefined ? {} : { at }),
    })),
    lost,
    ...(hub.cluster || hub.files.place.store ? { isByCommand: true } : {}),
    ...(access instanceof SharedFiles ? { keptMs: await access.readKept(db) } : {}),
    ...(rehearsal ? { rehearsal: { at: rehearsal.at, isGood } } : {}),
  }
}

async function readBudgetHealth(
  db: Db,
  processes: readonly ProcessHealth[],
): Promise<HubHealth['textBudget']> {
  const latest = new Map<string, number>()
  for (const { userId, at } of processes.flatMap(({ reached }) => reached))
    latest.set(userId, Math.max(at, latest.get(userId) ?? 0))
  const reached = [...latest]
    .map(([userId, at]) => ({ userId, at }))
    .toSorted((a, b) => b.at - a.at)
    .slice(0, maxReachedShown)
  if (reached.length === 0) return { state: 'good', reached: [] }
  const ids = reached.map(({ userId }) => userId)
  const users = await db.selectFrom('user').where('id', 'in', ids).select(['id', 'displayName']).execute()
  const names = new Map(users.map(({ id, displayName }) => [id, displayName]))
  return {
    state: 'attention',
    reached: reached.map(({ userId, at }) => ({ userId, name: names.get(userId) ?? '', at })),
  }
}

/** What the owner put into the folder, or tried to. Packages of systems that nobody uses may be left out. */
async function readPackageHealth(dataDir: string): Promise<Pick<HubHealth, 'appPackages'>> {
  const { list, packages, problem } = await readPackageFolder(dataDir)
  if (!list && problem === undefined) return {}
  return {
    appPackages: {
      state: packages.length > 0 ? 'good' : 'attention',
      ...(list && { version: list.version }),
      files: packages.map(({ file }) => file),
      missing: (list?.packages.length ?? 0) - packages.length,
    },
  }
}

/** One process looks for lost files: the others know what it has told. */
function readFileHealth(processes: readonly ProcessHealth[]): HubHealth['files'] {
  const { missing = 0, unreferenced = 0 } = processes.find(({ files }) => files)?.files ?? {}
  const state = missing > 0 ? 'bad' : unreferenced > 0 ? 'attention' : 'good'
  return { state, missing, unknown: unreferenced }
}

/** The owner has looked at the clock: see HubClock. */
export async function confirmClock({
  hub,
  viewer,
}: RequestContext<'admin.clock.confirm'>): Promise<HubHealth> {
  await runOperation(hub, { locks: [] }, (op) => {
    op.tell({ f: 'clockConfirmed' })
    audit(op, { action: 'clock.confirmed', by: viewer.userId })
    return Promise.resolve()
  })
  return hub.store.read((db) => readHealth({ db, hub }))
}

function readClusterHealth({ cluster }: HubContext): Pick<HubHealth, 'cluster'> {
  if (!cluster) return {}
  return {
    cluster: { state: cluster.isBusOpen ? 'good' : 'attention', processes: cluster.peerCount + 1 },
  }
}

/** As any process has met it. */
function readBucketHealth(
  { files }: HubContext,
  processes: readonly ProcessHealth[],
): Pick<HubHealth, 'bucket'> {
  const stores = processes.flatMap(({ store }) => store ?? [])
  const found = stores.find(({ works }) => !works) ?? stores[0]
  if (!found) return {}
  const { works, lastFailure } = found
  const latencyMs = files.place.store?.state.latencyMs
  return {
    bucket: {
      state: works ? 'good' : 'bad',
      ...(latencyMs !== undefined && { latencyMs: Math.round(latencyMs) }),
      ...(lastFailure && { failedAt: lastFailure.at, failure: lastFailure.code }),
    },
  }
}

async function readDiskSpace(dataDir: string): Promise<{ free: number; total: number }> {
  const { bavail, blocks, bsize } = await statfs(dataDir)
  return { free: bavail * bsize, total: blocks * bsize }
}

/** Returns 0 for a file that does not exist. */
async function fileSizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

async function measureFolder(folder: string): Promise<{ count: number; bytes: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  let bytes = 0
  let count = 0
  for (const entry of entries) {
    if (!entry.isFile()) continue
    count += 1
    bytes += await fileSizeOf(join(entry.parentPath, entry.name))
  }
  return { count, bytes }
}
