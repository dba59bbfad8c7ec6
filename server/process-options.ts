import { StartError } from './start-error.ts'

const defaultDrainSeconds = 30
const maxDrainSeconds = 3_600
const msPerDay = 24 * 60 * 60_000

/** Alone, a process has nowhere to send its sockets. */
export function parseDrain(given: ReadonlyMap<string, string>): { drainMs?: number } {
  const text = given.get('drain')
  if (text === undefined) return given.has('cluster') ? { drainMs: defaultDrainSeconds * 1_000 } : {}
  if (!given.has('cluster')) {
    throw new StartError('--drain sends sockets to other processes: give --cluster too, or leave it out.')
  }
  const seconds = Number(text)
  if (/^\d{1,4}$/.test(text) && seconds <= maxDrainSeconds) return { drainMs: seconds * 1_000 }
  throw new StartError(`"${text}" is no time for --drain: give seconds from 0 to ${maxDrainSeconds}.`)
}

/** Files of a hub of one process with a folder go at once: its own backups have them. */
export function parseKeepRemoved(
  given: ReadonlyMap<string, string>,
  env: Readonly<Record<string, string | undefined>>,
  hasBucket: boolean,
): { keepRemovedMs?: number } {
  const text = given.get('keep-removed') ?? env['HUBBUB_KEEP_REMOVED']
  if (!text) return {}
  if (!given.has('cluster') && !hasBucket) {
    throw new StartError(
      '--keep-removed is for files that processes share, or that are in a bucket: give --cluster or a bucket with --files too, or leave it out.',
    )
  }
  const days = Number(text)
  if (/^\d{1,4}$/.test(text)) return { keepRemovedMs: days * msPerDay }
  throw new StartError(`"${text}" is no number of days for --keep-removed: give a whole one from 0 to 9999.`)
}

export function parseConnections(given: ReadonlyMap<string, string>): { maxConnections?: number } {
  const text = given.get('connections')
  if (text === undefined) return {}
  if (/^[1-9]\d{0,5}$/.test(text)) return { maxConnections: Number(text) }
  throw new StartError(`"${text}" is no number for --connections: give a whole one from 1 to 999999.`)
}
