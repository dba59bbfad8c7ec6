import path from 'node:path'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { PasswordHasher } from './passwords/password-hasher.ts'
import { ownHealth } from './admin/storage.ts'
import { buildApp } from './app.ts'
import { expireDeletedGroups } from './chats/delete-group.ts'
import { ownBackups } from './backup/own-backups.ts'
import { addBackups, type BackupPlaces } from './backup/backups.ts'
import { listReferencedDigests } from './file-storage/queries.ts'
import { lockDataDir } from './db/data-dir-lock.ts'
import { DecodeMarks } from './file-storage/decode-marks.ts'
import { ExclusiveFiles } from './file-storage/exclusive-files.ts'
import { ImageResizer } from './file-storage/image-resizer.ts'
import { FileRemoval } from './file-storage/file-removal.ts'
import { type ReadDiskSpace, Uploads } from './file-storage/uploads.ts'
import { limits } from '../shared/contract/values.ts'
import type { HubContext } from './context.ts'
import { drain } from './drain.ts'
import { saveKnownTime } from './hub-clock.ts'
import { followOthers, joinCluster, openFiles } from './hub-cluster.ts'
import type { HubDatabase } from './hub-database.ts'
import { createClock, openHubDatabase } from './open-hub-database.ts'
import { addJobs, addLockJob, reportDamage } from './hub-jobs.ts'
import { prepareHub } from './prepare-hub.ts'
import { newId } from './ids.ts'
import { Jobs } from './jobs.ts'
import { createLive } from './hub-live.ts'
import { listen, type ListenOptions } from './listen.ts'
import { closeForRestart } from './live/farewell.ts'
import { Measurements } from './measurements.ts'
import { addActivity } from './ops/ops.ts'
import type { OpsOptions } from './ops/ops-server.ts'
import type { HubStanding } from './live/standing.ts'
import { RateLimiter } from './live/rate-limiter.ts'
import { isLoopback } from './addresses.ts'
import { Endpoint, type ReachableAddresses } from './net/endpoint.ts'
import type { Network } from './net/allowed-hosts.ts'
import { SearchHost } from './search-index/search-host.ts'
import { withIndexRepair } from './search/repair.ts'
import { programVersion } from './program-files.ts'
import type { BodyProgress } from './http/body-progress.ts'
import { UnsentResponses } from './unsent-responses.ts'
import { TextBudget } from './text-budget.ts'
import { loadTextBudget, saveTextBudget } from './text-budget-rows.ts'
import { Previews } from './previews/previews.ts'
import { setContinuity } from './standby/continuity-of.ts'
import { HubContinuity } from './standby/hub-continuity.ts'
import { SharedStanding } from './standby/shared-standing.ts'
import { Turns } from './turns.ts'
import { StartError } from './start-error.ts'
import type { CertificateFiles } from './tls/provided.ts'

export interface StartOptions extends ListenOptions {
  dataDir: string
  /** The address of a PostgreSQL database for the rows; files stay in the data directory. */
  database?: string | undefined
  /** Other processes serve the same hub, with the same database. */
  isCluster?: boolean | undefined
  /** With other processes: the key of the hub, or its folder, if it is not in the data directory. */
  identity?: string | undefined
  /** The address of a server that carries what the processes tell each other, instead of the database. */
  bus?: string
  /** With a database server: the folder or the bucket of the files, if it is not the data directory. Processes share it. */
  files?: string | undefined
  /** How long files that processes share, or in a bucket, are kept after their last message, if not as before. */
  keepRemovedMs?: number | undefined
  /** The public address of the hub, if a proxy provides a trusted certificate. */
  publicUrl?: URL
  /** Networks of proxies on other computers that report the addresses of their clients. */
  trustedProxies?: readonly string[]
  /** A provided certificate, for its names; read again when the files change. */
  tls?: CertificateFiles
  /** False: other computers get no page; only the app can connect. */
  browsers?: boolean
  /** Called when addresses or names of this computer change. */
  onAddresses?: (reachable: ReachableAddresses) => void
  /** See EndpointOptions. */
  commandFor?: (option: readonly string[]) => string
  loadTest: boolean
  /** The set-up code for the owner; generated if it is missing. */
  setupCode?: string | undefined
  log: FastifyBaseLogger
  /** scrypt's cost as a power of two; 15 unless a test makes it cheap. */
  logN?: number
  /** Wall time in ms. */
  clock?: () => number
  /** Tests: monotonic time in ms. */
  steady?: () => number
  /** The state of the file is in doubt: the process must end without a response to any request. */
  onFatal?: (error: unknown) => void
  pagesDir?: string
  /** Folders for backups, instead of those that the owner has set. */
  backups?: BackupPlaces
  /** Live sockets of this process. */
  maxConnections?: number
  /** How long sockets go to other processes when it is asked to end. */
  drainMs?: number
  /** A port for monitoring; without it there is none. */
  ops?: OpsOptions
  /** Tests: the place of this hub among its standbys. */
  standing?: HubStanding
  /** Another computer has become the hub: this one has stopped serving, and is to be closed. */
  onSteppedDown?: () => void
  /** What a user may store within a day. */
  textBytesPerDay?: number
  /** Tests: see AppOptions. */
  requestsPerMinute?: number
  /** Tests: see AppOptions. */
  bodyProgress?: BodyProgress
  /** Tests provide their own network. */
  network?: Network
  /** Tests set the free disk space. */
  room?: ReadDiskSpace
  /** Tests: see HubContext. */
  checkOutput?: boolean
  /** Tests: from this number of users on the hub is large. */
  largeHubUsers?: number
}

/** The steps to close the hub, in the order they run: the part that was opened last closes first. */
type Closing = (() => void | Promise<void>)[]

export interface RunningHub {
  url: string
  /** Of the ops port, if there is one. */
  opsUrl: string | undefined
  /** Empty once the hub has an owner. */
  setupCode: string
  /** Returns the current addresses for other computers, and the fingerprint to compare. */
  reachable: () => ReachableAddresses
  /** Reads addresses and certificates again at once, after sleep for example; the hub does it every 30 s. */
  refreshAddresses: () => void
  /**
   * Responds to accepted requests, sends closing frames, and closes everything.
   * @param isSpread sockets go to other processes one after the other before that, if the hub was started so
   */
  close: (options?: { isSpread?: boolean }) => Promise<void>
  hub: HubContext
  app: FastifyInstance
}

/** Assembles a hub and starts to listen. @throws StartError with a message that says what to do */
export async function startHub(options: StartOptions): Promise<RunningHub> {
  checkOptions(options)
  const lock = lockDataDir(options.dataDir)
  const closing: Closing = [() => lock.release()]
  try {
    const bootId = newId()
    const onFatal = fatalHandlerOf(options)
    const { log, onSteppedDown } = options
    const { database, continuity } = await openIdentified(options, { bootId, onFatal })
    closing.unshift(() => database.close())
    closing.unshift(() => database.files.place.close())
    const { identity, isFirstStart } = database
    const { terms } = database
    const shared = terms && new SharedStanding({ identity, terms, log, onSteppedDown })
    const endpoint = new Endpoint(identity, options, { clock: options.clock ?? Date.now, log })
    const jobs = new Jobs(options.log)
    closing.unshift(() => jobs.close())
    const hub = await assembleHub(options, {
      bootId,
      standing: options.standing ?? (shared ?? continuity).standing,
      endpoint,
      database,
      closing,
      jobs,
    })
    closing.unshift(() => continuity.close())
    if (shared) closing.unshift(() => shared.close())
    setContinuity(hub, continuity)
    shared?.attach(hub.live)
    await continuity.attach(hub)
    addLockJob(jobs, lock, onFatal)
    if (isFirstStart) await database.finishFirstStart()
    closing.unshift(() => hub.uploads.close())
    closing.unshift(() => hub.search.close())
    closing.unshift(database.addMaintenance(hub))
    closing.unshift(addActivity(hub))
    const backups = addBackups(hub, ownBackups(options), options.room)
    closing.unshift(() => backups.close())
    const previews = new Previews(hub)
    closing.unshift(() => previews.close())
    await catchUp(hub)
    if (hub.cluster) hub.cluster.ownHealth = () => ownHealth(hub)
    const app = await buildApp(hub, {
      browsers: options.browsers ?? true,
      requestsPerMinute: options.requestsPerMinute,
      bodyProgress: options.bodyProgress,
      ...(options.pagesDir === undefined ? {} : { pagesDir: options.pagesDir }),
    })
    endpoint.attachTo(app.server)
    app.addHook('preClose', async () => endpoint.close())
    const opsUrl = await openOpsPort(hub, options.ops, closing)
    const url = await listen(app, options, endpoint)
    jobs.add('endpoint.refresh', { everyMs: endpointRefreshIntervalMs, run: () => endpoint.refresh() })
    jobs.runSoon('search.build')
    hub.indexing.schedule()
    return {
      url,
      opsUrl,
      setupCode: hub.setupCode,
      reachable: () => endpoint.reachable,
      refreshAddresses: () => endpoint.refresh(),
      hub,
      app,
      close: async ({ isSpread = false } = {}) => {
        if (isSpread && options.drainMs) await drain(hub, app.server, options.drainMs)
        await shutDown(hub, app, closing)
      },
    }
  } catch (error) {
    for (const close of closing) await close()
    throw error
  }
}

/** What this computer may be is known before the database is changed: that of another computer's hub is not to be. */
async function openIdentified(
  options: StartOptions,
  { bootId, onFatal }: { bootId: string; onFatal: (error: unknown) => void },
): Promise<{ database: HubDatabase; continuity: HubContinuity }> {
  const { dataDir, database: server, isCluster, identity, files, keepRemovedMs, log, onSteppedDown } = options
  const made: { continuity?: HubContinuity } = {}
  const database = await openHubDatabase({
    ...{ dataDir, database: server, isCluster, identity, files, keepRemovedMs, bootId, log, onFatal },
    onIdentity: (found) => {
      const hasServer = server !== undefined
      made.continuity = new HubContinuity({
        dataDir,
        identity: found,
        hasServer,
        log,
        onSteppedDown,
        onFatal,
      })
    },
  })
  const { continuity } = made
  if (!continuity) throw new Error('a hub without an identity')
  return { database, continuity }
}

/** Does what came due while the hub was off, so that no request finds it undone. */
async function catchUp(hub: HubContext): Promise<void> {
  const { jobs, uploads, rowLog } = hub
  for (const job of ['messages.purge', 'uploads.expire'] as const) {
    // what a hub with a standby writes waits for it, and a standby can connect only once the port is open
    if (rowLog.isOn) jobs.runSoon(job)
    else await jobs.run(job)
  }
  // of files that others use, the leader does it
  if (hub.files.access instanceof ExclusiveFiles) await uploads.setLeftoversAside()
  if (!rowLog.isOn) await expireDeletedGroups(hub)
  jobs.runSoon('groups.purge')
  jobs.runSoon('previews.make')
}

/** Its library is loaded only for a hub that has the port. Returns its address. */
async function openOpsPort(
  hub: HubContext,
  options: OpsOptions | undefined,
  closing: Closing,
): Promise<string | undefined> {
  if (!options) return undefined
  const { startOpsServer } = await import('./ops/ops-server.ts')
  const server = await startOpsServer(hub, options)
  closing.unshift(() => server.close())
  return server.url
}

/** One process of several is there for many users. */
const defaultConnections = { alone: 2_000, cluster: 5_000 }
/** Upper limit for noticing changed addresses, even if the system sends no event. */
const endpointRefreshIntervalMs = 30_000

function checkOptions(options: StartOptions): void {
  const { host, lan, loadTest } = options
  ownBackups(options)
  if (loadTest && (lan !== undefined || !isLoopback(host)))
    throw new StartError('--load-test turns protection off, so it works on 127.0.0.1 only. Leave out --host.')
}

function fatalHandlerOf({ onFatal, log }: StartOptions): (error: unknown) => void {
  return onFatal ?? ((error) => log.fatal({ err: error }, 'the hub must stop'))
}

interface HubParts {
  bootId: string
  standing: HubStanding
  endpoint: Endpoint
  database: HubDatabase
  closing: Closing
  jobs: Jobs
}

function limitsOf({ loadTest, isCluster, checkOutput = false, maxConnections, ...options }: StartOptions) {
  return {
    largeHubUsers: options.largeHubUsers ?? limits.largeHubUsers,
    maxConnections: maxConnections ?? defaultConnections[isCluster ? 'cluster' : 'alone'],
    unlimited: loadTest,
    checkOutput,
  }
}

async function assembleHub(
  options: StartOptions,
  { bootId, standing, endpoint, database, closing, jobs }: HubParts,
): Promise<HubContext> {
  const { log, dataDir } = options
  const time = await createClock(options, database)
  const clock = time.now
  const textBudget = options.loadTest ? undefined : new TextBudget(options.textBytesPerDay)
  const turns = new Turns((error) => log.error({ err: error }, 'work of a user failed'))
  const measurements = new Measurements()
  const assembled: { hub?: HubContext } = {}
  const live = createLive({ clock, log }, () => hub)
  turns.onExhausted = (userId) => live.pauseUser(userId)
  const cluster = joinCluster(database, live, { log, clock }, closing)
  const store = database.createStore({
    clock,
    applyFacts: (facts) => (cluster ? cluster.applyLocal(facts) : live.apply(facts)),
    onCommit: (operations, ms) => measurements.noteCommit(operations, ms),
    onBatch: () => live.endBatch(),
    onFatal: fatalHandlerOf(options),
    // damage that the start itself meets ends it
    onDamage: (error, kind) => assembled.hub && reportDamage(assembled.hub, error, kind),
  })
  closing.unshift(() => store.close())
  const files = openFiles(dataDir, database, store)
  const imageResizer = new ImageResizer(new DecodeMarks(path.join(dataDir, 'decoding')))
  const setupCode = await prepareHub({ store, live, database }, options)
  if (cluster) await followOthers(cluster, store, { ...options, hubId: database.identity.hubId })
  if (textBudget) await loadTextBudget(store, textBudget)
  const fileRemoval = new FileRemoval({ ...{ files, store, jobs, log }, isLeader: () => hub.isLeader() })
  await fileRemoval.survey(clock(), await store.read(listReferencedDigests))
  const hub: HubContext = {
    store,
    rowLog: database.rowLog,
    live,
    standing,
    files,
    fileRemoval,
    imageResizer,
    uploads: new Uploads({
      ...{ store, files, imageResizer, clock, writer: cluster ? bootId : '' },
      place: files.place.openUploads(cluster !== undefined),
      removal: fileRemoval,
      onPreviewOwed: () => jobs.runSoon('previews.make'),
      room: options.room,
    }),
    messageIndex: database.messageIndex,
    indexing: database.createIndexing({
      ...{ store, index: database.messageIndex, jobs },
      guarded: (work) => withIndexRepair(hub, work),
    }),
    search: new SearchHost(database.createSearchQueue(store)),
    passwords: new PasswordHasher({ logN: options.logN ?? (options.loadTest ? 4 : 15) }),
    jobs,
    textBudget,
    turns,
    measurements,
    unsent: new UnsentResponses(),
    rateLimiter: options.loadTest ? undefined : new RateLimiter(() => performance.now()),
    log,
    hubId: database.identity.hubId,
    endpoint,
    bootId,
    isLeader: () => cluster?.isLeader ?? true,
    cluster,
    version: programVersion(),
    startedAt: clock(),
    dataDir,
    database: options.database,
    clock,
    time,
    draining: { isOn: false, hasStoppedListening: false },
    damage: { isFound: false },
    setupCode,
    ...limitsOf(options),
  }
  assembled.hub = hub
  addJobs(hub)
  return hub
}

async function shutDown(hub: HubContext, app: FastifyInstance, closing: Closing): Promise<void> {
  const jobsDone = hub.jobs.close()
  await hub.uploads.close()
  // queued operations are committed and acknowledged first; then the sockets learn it, then the endpoint closes
  await hub.live.receipts
    .flush()
    .catch((error: unknown) => hub.log.warn({ err: error }, 'receipts were not saved'))
  hub.live.presence.saveLastSeen()
  await saveTextBudget(hub).catch((error: unknown) =>
    hub.log.warn({ err: error }, 'the text budget was not saved'),
  )
  saveKnownTime(hub.dataDir, hub.time)
  await hub.store.writer.close()
  await jobsDone
  await new Promise((resolve) => setImmediate(resolve))
  closeForRestart(hub.live, Math.random)
  hub.live.shutdown()
  await app.close()
  await hub.imageResizer.close()
  for (const close of closing) await close()
}
