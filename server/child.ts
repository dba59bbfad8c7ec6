// The hub as a child of the desktop app. It knows nothing of Electron: it speaks over `process.parentPort` where there is
// one, else over the channel that node's own fork makes, and ends when whoever started it is gone.
import { writeSync } from 'node:fs'
import type { Logger } from 'pino'
import type { BackupOrder, FromHostedHub, HubProblemCode, HubStart, ToHostedHub } from '../shared/hosting.ts'
import type { Hosted } from './hosted.ts'

interface ParentPort {
  on(event: 'message', heard: (event: { data: unknown }) => void): void
  postMessage(message: unknown): void
}

/** What the hub may take to end when nobody says otherwise. */
const endWithin = 4_500

const port = (process as { parentPort?: ParentPort }).parentPort
let log: Logger | undefined
let hosted: Hosted | undefined
let starting: Promise<void> | undefined
let ending = false

function tell(message: FromHostedHub): void {
  if (port) port.postMessage(message)
  else if (process.connected) process.send?.(message)
}

function listen(): void {
  process.umask(0o077)
  // utility processes only warn of these: a hub in doubt about itself stops, and the next start finds what is on the disk
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  process.on('disconnect', () => void end(endWithin))
  process.on('SIGTERM', () => void end(endWithin))
  // a Ctrl+C in the terminal goes to the app as well, which ends the hub in order
  process.on('SIGINT', () => {})
  if (port) port.on('message', ({ data }) => hear(data as ToHostedHub))
  else process.on('message', (message) => hear(message as ToHostedHub))
}

function hear(message: ToHostedHub): void {
  switch (message.t) {
    case 'start':
      starting ??= start(message)
      return
    case 'mine':
      return hosted?.setMine(message.userIds)
    case 'addresses':
      return hosted?.look()
    case 'prepare-sleep':
      return hosted?.prepareSleep()
    case 'invite':
      void invite(message)
      return
    case 'backup':
      void backUpTo(message)
      return
    case 'stop':
      void end(message.graceMs)
  }
}

async function start(options: HubStart): Promise<void> {
  const { openLogFile } = await import('./log-file.ts')
  try {
    log = openLogFile(options.logFile)
    if (options.restoreFrom !== undefined) {
      const { restore } = await import('./db/restore.ts')
      await restore(options.restoreFrom, options.dataDir)
      tell({ t: 'restored' })
    }
    const { hostHub } = await import('./hosted.ts')
    hosted = await hostHub(options, { log, tell, onFatal: crash })
    // asked to end while it was starting
    if (ending) await hosted.close()
  } catch (error) {
    await refuse(error, options)
  }
}

async function refuse(error: unknown, { dataDir }: { dataDir: string }): Promise<void> {
  const { codeOf, sentenceFor } = await import('./start-error.ts')
  const sentence = sentenceFor(error, dataDir)
  const code: HubProblemCode = sentence === undefined ? 'fault' : codeOf(error)
  log?.error({ err: error }, 'the hub did not do what it was started for')
  tell({
    t: 'problem',
    code,
    // the options of its command line mean nothing here
    sentence:
      sentence?.replace(/ with --\w+/g, '') ??
      'The hub did not start because of a fault of its own. Its log says more.',
  })
  leave(1)
}

async function backUpTo({ dataDir, to, logFile }: BackupOrder): Promise<void> {
  const { openLogFile } = await import('./log-file.ts')
  try {
    log = openLogFile(logFile)
    const { backUp } = await import('./db/backup.ts')
    await backUp(dataDir, to)
    tell({ t: 'backed-up' })
    leave(0)
  } catch (error) {
    await refuse(error, { dataDir })
  }
}

async function invite({ id, uses, days }: Extract<ToHostedHub, { t: 'invite' }>): Promise<void> {
  try {
    if (!hosted) throw new Error('asked for an invite before the hub listened')
    tell({ t: 'invited', id, code: await hosted.invite({ uses, days }) })
  } catch (error) {
    const { HubError } = await import('../shared/errors.ts')
    const known = error instanceof HubError
    if (!known) log?.error({ err: error }, 'no invite was made')
    tell({
      t: 'not-invited',
      id,
      sentence: known ? error.message : 'The hub could not make an invite. Try again in a moment.',
    })
  }
}

async function end(graceMs: number): Promise<void> {
  if (ending) return
  ending = true
  log?.info('ending')
  setTimeout(() => {
    log?.warn('not everything ended in time; cut off')
    leave(1)
  }, graceMs).unref()
  await starting
  await hosted?.close()
  tell({ t: 'stopped' })
  leave(0)
}

function crash(error: unknown): never {
  if (log) log.fatal({ err: error }, 'the hub stops after an error that it did not expect')
  else writeSync(2, `${error instanceof Error ? error.stack : String(error)}\n`)
  return process.exit(1)
}

/** Exit is synchronous, and what was told may still be on its way to the desktop. */
function leave(code: number): void {
  ending = true
  setTimeout(() => process.exit(code), 50)
}

listen()
