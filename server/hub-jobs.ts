import { purgeOldActivity } from './activity/activity.ts'
import { purgeExpiredGroups } from './chats/delete-group.ts'
import type { HubContext } from './context.ts'
import type { HubLock } from './db/data-dir-lock.ts'
import { DatabaseCheck } from './db/database-check.ts'
import { databaseFile } from './db/sqlite/store.ts'
import { purgeClearedDrafts } from './drafts/drafts.ts'
import { saveKnownTime } from './hub-clock.ts'
import type { Jobs } from './jobs.ts'
import { purgeDeleted } from './messages/delete.ts'
import { deleteExpiredMessages } from './messages/retention.ts'
import { clearEndedStatuses } from './status/status.ts'
import { buildIndex } from './search/build-index.ts'
import { saveTextBudget } from './text-budget-rows.ts'
import { repairIndex, reportIndexDamage, withIndexRepair } from './search/repair.ts'

const databaseCheck = { firstMs: 10 * 60_000, everyMs: 24 * 60 * 60_000 }

/** The job `database.check`: finds damage before a user meets it. */
async function checkDatabase(hub: HubContext, check: DatabaseCheck): Promise<void> {
  for (const { table, problem } of await check.findProblems()) {
    // the index can be built again
    reportDamage(hub, new Error(`${table}: ${problem}`), /^search(_|$)/.test(table) ? 'derived' : 'data')
  }
}

const cleanupIntervalMs = 60 * 60_000
const lockCheckIntervalMs = 5_000
const statusCheckIntervalMs = 30_000
/** While nobody uses files. A request of this kind costs a fraction of a cent in a month. */
const storeProbeIntervalMs = 60_000
/** What a killed hub forgets. */
const budgetSaveIntervalMs = 60_000

/** What a hub that closes leaves undone, its next start or the next period does. */
export function addJobs(hub: HubContext): void {
  const { jobs } = hub
  jobs.add('messages.expire', { everyMs: cleanupIntervalMs, run: led(hub, () => deleteExpiredMessages(hub)) })
  jobs.add('clock.save', { everyMs: cleanupIntervalMs, run: () => saveKnownTime(hub.dataDir, hub.time) })
  // of several processes one may have ended before it purged what it deleted
  const purgeEveryMs = hub.uploads.writer === '' ? {} : { everyMs: cleanupIntervalMs }
  jobs.add('messages.purge', { ...purgeEveryMs, run: () => purgeDeleted(hub) })
  jobs.add('groups.purge', { everyMs: cleanupIntervalMs, run: led(hub, () => purgeExpiredGroups(hub)) })
  jobs.add('activity.purge', { everyMs: cleanupIntervalMs, run: led(hub, () => purgeOldActivity(hub)) })
  jobs.add('drafts.purge', { everyMs: cleanupIntervalMs, run: led(hub, () => purgeClearedDrafts(hub)) })
  jobs.add('uploads.expire', { everyMs: cleanupIntervalMs, run: led(hub, () => removeExpiredUploads(hub)) })
  jobs.add('status.expire', { everyMs: statusCheckIntervalMs, run: led(hub, () => clearEndedStatuses(hub)) })
  jobs.add('budget.save', { everyMs: budgetSaveIntervalMs, run: () => saveTextBudget(hub) })
  jobs.add('files.survey', { everyMs: cleanupIntervalMs, run: led(hub, () => surveyFiles(hub)) })
  const { store } = hub.files.place
  if (store) jobs.add('files.probe', { everyMs: storeProbeIntervalMs, run: () => store.probe() })
  jobs.add('search.build', { run: () => withIndexRepair(hub, () => buildIndex(hub)) })
  jobs.add('search.repair', { run: () => repairIndex(hub) })
}

/** One process of a cluster runs it. */
function led(hub: HubContext, run: () => Promise<void>): () => Promise<void> {
  return () => (hub.isLeader() ? run() : Promise.resolve())
}

/** Two hubs on one directory would not see each other's changes: the one that lost its lock ends. */
export function addLockJob(jobs: Jobs, lock: HubLock, onFatal: (error: unknown) => void): void {
  const run = (): void => {
    try {
      lock.renew()
    } catch (error) {
      onFatal(error)
    }
  }
  jobs.add('lock.renew', { everyMs: lockCheckIntervalMs, run })
}

async function surveyFiles({ fileRemoval, uploads, files, clock, time }: HubContext): Promise<void> {
  await fileRemoval.survey(clock())
  await uploads.setLeftoversAside()
  if (time.isTrusted) files.place.quarantine?.removeOld(clock())
}

async function removeExpiredUploads({ uploads, time }: HubContext): Promise<void> {
  if (time.isTrusted) await uploads.removeExpired()
}

/** A request, or the check, has met damage: Health says it, and what is derived is built again. */
export function reportDamage(hub: HubContext, error: unknown, kind: 'data' | 'derived'): void {
  if (kind === 'derived') {
    reportIndexDamage(hub, error)
    return
  }
  hub.damage.isFound = true
  hub.log.error({ err: error }, 'the database is damaged')
}

/** Returns what ends the check. */
export function addDatabaseCheck(hub: HubContext): () => Promise<void> {
  const check = new DatabaseCheck(databaseFile(hub.dataDir))
  hub.jobs.add('database.check', { everyMs: databaseCheck.everyMs, run: () => checkDatabase(hub, check) })
  hub.jobs.runSoon('database.check', databaseCheck.firstMs)
  return () => check.close()
}
