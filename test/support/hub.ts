import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished } from 'vitest'
import { type RunningHub, type StartOptions, startHub } from '../../server/start.ts'
import { newDataDir } from './data-dir.ts'
import { type BackupResult, backUp } from '../../server/backup/backup.ts'
import { addPeer } from './peers.ts'
import { databaseFor, findDatabaseProblems, usesCluster } from './test-database.ts'
import { TestUser } from './test-user.ts'
import { waitFor } from './wait-for.ts'

export const setupCode = 'test-code-1'

export interface TestHub extends RunningHub {
  dataDir: string
  /** The address of its database, in the world of PostgreSQL. */
  database: string | undefined
  /** Makes a backup of it. */
  backUp: (to: string) => Promise<BackupResult>
  /** Returns what is wrong with its rows: see server/backup/verify.ts. */
  findProblems: () => Promise<string[]>
  /** Resolves when every write that was begun is committed, also those that no response waits for. */
  whenWritten: () => Promise<void>
  /** Resolves when each process knows who is connected to the other: up to a second later. */
  whenPresenceTold: () => Promise<void>
  /** Restarts on the same data at another port, as after a restart of the computer. */
  restart: (options?: Partial<StartOptions>) => Promise<TestHub>
  /** Creates the owner with the set-up code. */
  setUp: (name?: string) => Promise<TestUser>
  /** Registers a user and returns them with a token, using open registration or an invite. */
  registerUser: (username: string) => Promise<TestUser>
}

/** A new hub on its own directory, closed and removed after the test. */
export async function startTestHub(options: Partial<StartOptions> = {}): Promise<TestHub> {
  const dataDir = options.dataDir ?? newDataDir()
  const database = options.database ?? (await databaseFor(dataDir))
  const all: StartOptions = {
    dataDir,
    database,
    host: '127.0.0.1',
    port: 0,
    allowPlainHttp: false,
    loadTest: false,
    logN: 4,
    setupCode,
    checkOutput: true,
    log: pino({ level: process.env['HUBBUB_LOG'] ?? 'fatal' }),
    // a clock that the test sets moves both, unless it sets them apart
    ...(options.clock && { steady: options.clock }),
    ...options,
  }
  const { running, closeAll, peer } = await startProcesses(all, options)
  let open = true
  const close: RunningHub['close'] = async (how) => {
    if (!open) return
    open = false
    await closeAll(how)
  }
  onTestFinished(() => close())
  let owner: TestUser | undefined
  const setUp = async (name = 'olga'): Promise<TestUser> => {
    owner = await TestUser.setUp(running.url, { code: setupCode, username: name })
    return owner
  }
  return {
    ...running,
    dataDir,
    database,
    backUp: (to) => backUp(dataDir, to, database),
    whenWritten: () => running.hub.store.writer.write(async () => {}, { locks: 'hub' }),
    whenPresenceTold: async () => {
      if (peer)
        await waitFor(() => expect([knows(peer, running), knows(running, peer)]).toEqual([true, true]))
    },
    findProblems: () => findDatabaseProblems(dataDir),
    close,
    setUp,
    registerUser: async (username) => {
      const host = owner ?? (await setUp())
      const { invite } = await host.request('admin.invites.create', {})
      return TestUser.register(running.url, { username, invite })
    },
    restart: async (changes = {}) => {
      await close()
      return startTestHub({ ...options, dataDir, ...changes })
    },
  }
}

/** True if a process knows the users who are present at another. */
function knows({ hub: { live } }: RunningHub, other: RunningHub): boolean {
  const leases = Object.entries(other.hub.live.leasesOf())
  return leases.every(([userId, { state }]) => state === 'offline' || live.presence.stateOf(userId) === state)
}

/** Starts a hub; in the world of two processes also the second one, unless the test is about processes itself. */
async function startProcesses(
  all: StartOptions,
  { database, backups, opensPort = true }: Partial<StartOptions>,
): Promise<{ running: RunningHub; closeAll: RunningHub['close']; peer?: RunningHub }> {
  const isOne = all.isCluster !== undefined || database !== undefined || backups !== undefined || !opensPort
  if (!usesCluster() || all.database === undefined || isOne) {
    const running = await startHub(all)
    return { running, closeAll: (how) => running.close(how) }
  }
  const { dataDir } = all
  const shared = {
    isCluster: true,
    identity: path.join(dataDir, 'identity'),
    files: path.join(dataDir, 'shared'),
  }
  mkdirSync(shared.files, { recursive: true, mode: 0o700 })
  const running = await startHub({ ...all, ...shared })
  const peer = await startHub({ ...all, ...shared, dataDir: newDataDir(), port: 0 })
  addPeer(running.url, peer.url)
  const closeAll: RunningHub['close'] = async (how) =>
    void (await Promise.all([running.close(how), peer.close(how)]))
  return { running, closeAll, peer }
}
