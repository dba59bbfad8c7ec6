// The hub as a program. Everything but the parser of options is imported only after the check of Node's version: on
// an old version the database driver ends the process with a segmentation fault and no message.
import { writeSync } from 'node:fs'
import type { Logger } from 'pino'
import type { ReachableAddresses } from './net/endpoint.ts'
import type { RunningHub } from './start.ts'
import { readOptions, startCommand, type Command, type JoinTarget } from './options.ts'
import type { LogFormat, ServeOptions } from './serve-options.ts'
import { watchParent } from './parent-process.ts'
import { usage } from './usage.ts'
import { programVersion } from './program-files.ts'
import { sentenceFor, StartError } from './start-error.ts'

/** Time limit of the shutdown, after the sockets have gone elsewhere; pending work is aborted then. Every acknowledged change is on the disk already. */
const shutdownTimeoutMs = 4_500
/** Nobody waits for a process whose sockets have gone elsewhere. */
const lastResponsesMs = 5_000
/** npm passes on the signal that the terminal sent to the whole group, so a single Ctrl+C arrives twice. */
const repeatedSignalMs = 500

async function main(): Promise<void> {
  // messages, keys and password hashes are readable by this account only
  process.umask(0o077)
  process.stdout.on('error', ignoreClosedPipe)
  process.stderr.on('error', ignoreClosedPipe)
  let dataDir = ''
  try {
    requireNodeVersion(process.versions.node)
    const command = readOptions(process.argv.slice(2))
    if ('dataDir' in command) dataDir = command.dataDir
    await run(command)
  } catch (error) {
    exitWithError(error, dataDir)
  }
}

async function run(command: Command): Promise<void> {
  switch (command.name) {
    case 'help':
      return print(usage.trimEnd())
    case 'version':
      return print(`hubbub ${programVersion()}`)
    case 'backup': {
      exitOnSignal()
      const { backUp } = await import('./backup/backup.ts')
      const made = await backUp(command.dataDir, command.to, command.database)
      return print(`backup written and verified: ${command.to} (${made.files} files, ${made.bytes} bytes)`)
    }
    case 'restore': {
      exitOnSignal()
      const { restore } = await import('./backup/restore.ts')
      const restored = await restore(command.from, command.dataDir, command)
      return print(`backup of ${new Date(restored.madeAt).toISOString()} restored into ${command.dataDir}`)
    }
    case 'reset-owner': {
      const { resetOwner } = await import('./recovery/reset-owner.ts')
      const { username, token } = await resetOwner(command.dataDir, Date.now, command.database)
      return print(
        [
          `A new password for ${username}, the owner of this hub, can be set once within the next 60 minutes:`,
          '1. Start the hub again.',
          '2. Open its address in a browser, with this behind it:',
          `/reset#${token}`,
          'Anyone with this line can become the owner: keep it secret.',
        ].join('\n'),
      )
    }
    case 'doctor': {
      exitOnSignal()
      const { examine } = await import('./ops/doctor.ts')
      const { describeExamination } = await import('./ops/findings.ts')
      const examination = await examine(command.dataDir, command)
      // for scripts and timers
      if (examination.findings.some(({ state }) => state === 'bad')) process.exitCode = 1
      return print(describeExamination(command.dataDir, examination))
    }
    case 'standby':
    case 'vote':
      if (command.join) await join(command, command.join)
      await requireJoined(command)
      return serve(command)
    case 'status':
    case 'handover':
    case 'promote':
    case 'grant':
    case 'deciding-vote': {
      const { runContinuityCommand } = await import('./standby/commands.ts')
      return runContinuityCommand(command, print)
    }
    case 'serve':
      return serve(command)
  }
}

/** Asks the user of this computer, and then the hub, whose owner approves it there. @throws StartError */
async function join(
  { name: kind, dataDir, computerName, isAgreed }: Extract<Command, { name: 'standby' | 'vote' }>,
  target: JoinTarget,
): Promise<void> {
  const { joinHub } = await import('./standby/join.ts')
  const { requireConsent, terminalQuestion } = await import('./standby/consent.ts')
  await requireConsent({ ...target, kind, isAgreed, ask: terminalQuestion() }, print)
  const words = await joinHub({ dataDir, ...target, kind, name: computerName })
  print(`words of this computer: ${words.join(' ')}`)
  print(`It ${kind === 'vote' ? 'votes' : 'follows the hub'} once its owner has approved these words there.`)
}

/** Without a link, the directory must be one that has joined before: `standby` must not begin a new hub. @throws StartError */
async function requireJoined({
  name,
  dataDir,
}: Extract<Command, { name: 'standby' | 'vote' }>): Promise<void> {
  const { isVoteFolder } = await import('./continuity/voter-file.ts')
  const { readState } = await import('./continuity/state-file.ts')
  const { readHubFile } = await import('./standby/hub-file.ts')
  const isStandby = (): boolean => (readHubFile(dataDir) ?? readState(dataDir)) !== undefined
  if (name === 'vote' ? isVoteFolder(dataDir) : isStandby()) return
  throw new StartError(`${dataDir} has not joined a hub yet: give --of and the link of the hub.`)
}

/** Exits by `process.exit`, so that exit handlers remove temporary files. */
function exitOnSignal(): void {
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
}

async function serve(options: ServeOptions): Promise<void> {
  const format = options.log ?? (process.stderr.isTTY ? 'text' : 'json')
  const log = await openLog(format)
  process.on('uncaughtException', (error) => crash(log, error))
  process.on('unhandledRejection', (error) => crash(log, error))
  // as a line of the log instead of plain text between them
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    log[warning.name === 'DeprecationWarning' ? 'debug' : 'warn'](
      { err: warning },
      'a warning of the runtime',
    )
  })

  // ending during the start is as safe as before it: nothing was acknowledged yet
  let end = (_signal?: NodeJS.Signals): Promise<void> => Promise.resolve()
  let asked: number | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now()
    if (asked === undefined) {
      asked = now
      // at a terminal nobody wants to wait for it
      const drainMs = signal === 'SIGTERM' ? (options.drainMs ?? 0) : 0
      void shutDown(log, { signal }, () => end(signal), drainMs)
    } else if (now - asked > repeatedSignalMs) {
      process.exit(1)
    }
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  watchParent(() => {
    if (asked !== undefined) return
    asked = performance.now()
    void shutDown(log, { reason: 'npm ended' }, () => end())
  })

  const { Computer } = await import('./run-computer.ts')
  const { log: _format, ...hubOptions } = options
  const commandFor = (option: readonly string[]): string => startCommand(process.argv.slice(2), option)
  const computer = new Computer({
    ...hubOptions,
    commandFor,
    log,
    onFatal: (error) => crash(log, error),
    onRole: (role, { hub, port }) => {
      if (hub) describeHub(hub, options, format, log)
      else if (role === 'vote') print('third computer: it connects to the hub and its standby')
      else print(`standby on port ${port}: it follows the hub`)
    },
  })
  end = (signal) => computer.close({ isSpread: signal === 'SIGTERM' })
  await computer.start()
}

function describeHub(hub: RunningHub, options: ServeOptions, format: LogFormat, log: Logger): void {
  // at a terminal the lines below print this
  if (format === 'json') log.info({ dataDir: options.dataDir, url: hub.url }, 'ready')
  const lines = [`hub listening at ${hub.url}`]
  lines.push(...describeAddresses(hub.reachable()))
  for (const { address, network } of hub.reachable().closed) {
    lines.push(
      `closed: ${address}, which is not a private address; to open it, start the hub with: ${startCommand(process.argv.slice(2), ['--interfaces', network])}`,
    )
  }
  if (hub.opsUrl !== undefined) lines.push(`monitoring at ${hub.opsUrl}/metrics`)
  if (hub.setupCode !== '') lines.push(`set-up code: ${hub.setupCode}`)
  if (options.loadTest) {
    lines.push('load test: rate limits are off and password hashing is cheap, so do not store real data')
  }
  print(lines.join('\n'))
}

/** Describes the addresses for others to use, and the fingerprint that they compare. */
function describeAddresses({
  outside,
  addresses,
  names,
  fingerprintWords: words,
  acceptsPlainHttp: insecure,
}: ReachableAddresses): string[] {
  const local = [...addresses, ...names.filter((name) => name.includes('.local:'))]
  if (outside === undefined && local.length === 0) return []
  const lines = [outside, ...local.map((address) => `https://${address}`)].filter(
    (line) => line !== undefined,
  )
  const warning =
    'other computers can connect without encryption: everybody on the network can read their traffic'
  return [
    `for others: ${lines.join('  ')}`,
    `words of this hub: ${words.join(' ')}`,
    ...(insecure ? [warning] : []),
  ]
}

async function shutDown(log: Logger, cause: object, end: () => Promise<void>, drainMs = 0): Promise<void> {
  log.info(cause, 'ending')
  const timeoutMs = shutdownTimeoutMs + (drainMs > 0 ? drainMs + lastResponsesMs : 0)
  setTimeout(() => {
    log.warn('requests did not finish in time; aborted')
    process.exit(1)
  }, timeoutMs).unref()
  try {
    await end()
  } catch (error) {
    crash(log, error)
  }
  process.exit(0)
}

/** Crash-only: a hub whose state is in doubt stops, and the next start reads the state from the disk. */
function crash(log: Logger, error: unknown): never {
  log.fatal({ err: error }, 'the hub stops after an unexpected error')
  process.exit(1)
}

/** Ends the program with the message of a StartError. Any other error is a bug, so its stack is shown. */
function exitWithError(error: unknown, dataDir: string): never {
  const fault = error instanceof Error ? (error.stack ?? error.message) : String(error)
  writeSync(2, `${sentenceFor(error, dataDir) ?? fault}\n`)
  process.exit(1)
}

function requireNodeVersion(running: string): void {
  if (Number.parseInt(running, 10) >= 24) return
  throw new StartError(
    `The hub needs Node 24 or newer, and this is ${running}: start it with "npm run hub", which uses its own.`,
  )
}

async function openLog(format: LogFormat): Promise<Logger> {
  const { pino } = await import('pino')
  const level = process.env['HUBBUB_LOG'] || 'info'
  if (level !== 'silent' && !Object.hasOwn(pino.levels.values, level)) {
    const levels = [...Object.keys(pino.levels.values), 'silent'].join(', ')
    throw new StartError(`HUBBUB_LOG is "${level}": choose one of ${levels}.`)
  }
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  const destination = pino.destination({ fd: 2, sync: true })
  if (format === 'json') return pino(options, destination)
  const { terminalLog, wantsColour } = await import('./terminal-log.ts')
  const write = (text: string): void => void destination.write(text)
  return pino(options, terminalLog(write, { hasColour: wantsColour(process.stderr) }))
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** The program that started the hub may stop reading its output; that is no reason to end. */
function ignoreClosedPipe(error: Error): void {
  if ((error as { code?: unknown }).code !== 'EPIPE') throw error
}

await main()
