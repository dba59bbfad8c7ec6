import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { type RunningHub, type StartOptions, startHub } from '../../server/start.ts'
import { newDataDir } from './data-dir.ts'
import { type BackupResult, backUp } from '../../server/backup/backup.ts'
import { databaseFor, findDatabaseProblems } from './test-database.ts'
import { TestUser } from './test-user.ts'

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
  const running = await startHub({
    dataDir,
    database,
    host: '127.0.0.1',
    port: 0,
    allowPlainHttp: false,
    loadTest: false,
    logN: 4,
    setupCode,
    checkOutput: true,
    log: pino({ level: process.env['HUBBUB_LOG'] ?? 'silent' }),
    // a clock that the test sets moves both, unless it sets them apart
    ...(options.clock && { steady: options.clock }),
    ...options,
  })
  let open = true
  const close: RunningHub['close'] = async (how) => {
    if (!open) return
    open = false
    await running.close(how)
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
