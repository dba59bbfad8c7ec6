// The hub as a child of the desktop app. It does not depend on Electron: it uses `process.parentPort` if there is
// one, else the channel of node's own fork. It ends when its parent is gone.
import { writeSync } from 'node:fs'
import type { Logger } from 'pino'
import type {
  BackupOptions,
  FromHubProcess,
  HubProblemCode,
  HubStartOptions,
  RestoreOptions,
  ToHubProcess,
} from '../shared/hub-process-messages.ts'
import type { HostedHub } from './desktop-hosting.ts'

interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): void
  postMessage(message: unknown): void
}

/** The default time limit of the shutdown. */
const shutdownTimeoutMs = 4_500

const parentPort = (process as { parentPort?: ParentPort }).parentPort
let log: Logger | undefined
let hostedHub: HostedHub | undefined
let startPromise: Promise<void> | undefined
let isEnding = false

function postToParent(message: FromHubProcess): void {
  if (parentPort) parentPort.postMessage(message)
  // a parent that is gone before it has read this is no error of the hub
  else if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

function listenToParent(): void {
  process.umask(0o077)
  // utility processes only warn of unhandled errors: a hub whose state is in doubt stops, and the next start reads the
  // state from the disk
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  process.on('disconnect', () => void shutDown(shutdownTimeoutMs))
  process.on('SIGTERM', () => void shutDown(shutdownTimeoutMs))
  // a Ctrl+C in the terminal goes to the app as well, which ends the hub in order
  process.on('SIGINT', () => {})
  if (parentPort) parentPort.on('message', ({ data }) => handleMessage(data as ToHubProcess))
  else process.on('message', (message) => handleMessage(message as ToHubProcess))
}

function handleMessage(message: ToHubProcess): void {
  switch (message.t) {
    case 'start':
      startPromise ??= startHosting(message)
      return
    case 'mine':
      return hostedHub?.setLocalUsers(message.userIds)
    case 'addresses':
      return hostedHub?.refreshAddresses()
    case 'power':
      return hostedHub?.setPower(message.power)
    case 'prepare-sleep':
      return hostedHub?.prepareSleep(message.doneFile)
    case 'hand-over':
      return hostedHub?.handOver(message.id, message.to)
    case 'take-over':
      return hostedHub?.takeOver(message.id)
    case 'heard':
      return hostedHub?.heard(message.address)
    case 'invite':
      void handleInvite(message)
      return
    case 'backup':
      void runBackup(message)
      return
    case 'restore':
      void runRestore(message)
      return
    case 'ping':
      return postToParent({ t: 'pong' })
    case 'stop':
      void shutDown(message.graceMs, message.isRestart)
  }
}

async function startHosting(options: HubStartOptions): Promise<void> {
  const { openLogFile } = await import('./log-file.ts')
  try {
    log = openLogFile(options.logFile)
    if (options.hadHub === true) {
      const { requireHubStill } = await import('./check-data-dir.ts')
      requireHubStill(options.dataDir)
    }
    if (options.standbyOf !== undefined) await joinByLink(options.standbyOf, options.dataDir)
    const { hostHub } = await import('./desktop-hosting.ts')
    hostedHub = await hostHub(options, { log, send: postToParent, onFatal: crash })
    // the app asked the hub to end while it was starting
    if (isEnding) await hostedHub.close()
  } catch (error) {
    await reportProblem(error, options)
  }
}

async function joinByLink(link: string, dataDir: string): Promise<void> {
  const [{ joinHub }, { parseStandbyLink }, { StartError }] = await Promise.all([
    import('./standby/join.ts'),
    import('../shared/text/standby-link.ts'),
    import('./start-error.ts'),
  ])
  const target = parseStandbyLink(link.trim())
  if (!target)
    throw new StartError(
      'This is not the link of a hub for another computer. The owner creates it under Administration, Standby computers.',
    )
  postToParent({ t: 'joined', words: await joinHub({ dataDir, ...target }) })
}

async function reportProblem(error: unknown, { dataDir }: { dataDir: string }): Promise<void> {
  const { problemCodeOf: codeOf, sentenceFor } = await import('./start-error.ts')
  const sentence = sentenceFor(error, dataDir)
  const code: HubProblemCode = sentence === undefined ? 'fault' : codeOf(error)
  log?.error({ err: error }, 'the hub process failed')
  postToParent({
    t: 'problem',
    code,
    // command-line options have no meaning here
    sentence:
      sentence?.replace(/ with --\w+/g, '') ??
      'The hub did not start because of an internal error. See its log.',
  })
  exitSoon(1)
}

async function runBackup({ dataDir, to, logFile }: BackupOptions): Promise<void> {
  const { backUp } = await import('./backup/backup.ts')
  await runTask({ dataDir, logFile, success: 'backed-up' }, () => backUp(dataDir, to))
}

async function runRestore({ from, dataDir, logFile }: RestoreOptions): Promise<void> {
  const { restore } = await import('./backup/restore.ts')
  await runTask({ dataDir, logFile, success: 'restored' }, () => restore(from, dataDir))
}

/** Runs what this process is for, and ends it. */
async function runTask(
  { dataDir, logFile, success }: { dataDir: string; logFile: string; success: 'backed-up' | 'restored' },
  run: () => Promise<unknown>,
): Promise<void> {
  const { openLogFile } = await import('./log-file.ts')
  try {
    log = openLogFile(logFile)
    await run()
    postToParent({ t: success })
    exitSoon(0)
  } catch (error) {
    await reportProblem(error, { dataDir })
  }
}

async function handleInvite({ id, t: _, ...invite }: Extract<ToHubProcess, { t: 'invite' }>): Promise<void> {
  try {
    if (!hostedHub) throw new Error('an invite was requested before the hub listened')
    postToParent({ t: 'invited', id, code: await hostedHub.invite(invite) })
  } catch (error) {
    const { HubError } = await import('../shared/errors.ts')
    const known = error instanceof HubError
    if (!known) log?.error({ err: error }, 'an invite could not be created')
    postToParent({
      t: 'not-invited',
      id,
      sentence: known ? error.message : 'The hub could not create an invite. Try again in a moment.',
    })
  }
}

async function shutDown(graceMs: number, isRestart = false): Promise<void> {
  if (isEnding) return
  isEnding = true
  log?.info('ending')
  setTimeout(() => {
    log?.warn('requests did not finish in time; aborted')
    exitSoon(1)
  }, graceMs).unref()
  await startPromise
  await hostedHub?.close({ isRestart })
  postToParent({ t: 'stopped' })
  exitSoon(0)
}

function crash(error: unknown): never {
  if (log) log.fatal({ err: error }, 'the hub stops after an unexpected error')
  else writeSync(2, `${error instanceof Error ? error.stack : String(error)}\n`)
  return process.exit(1)
}

/** Exit is synchronous, and messages may still be on their way to the desktop. */
function exitSoon(code: number): void {
  isEnding = true
  setTimeout(() => process.exit(code), 50)
}

listenToParent()
