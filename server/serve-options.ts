import path from 'node:path'
import { readBusAddress } from './bus-address.ts'
import { readDatabaseAddress } from './database-address.ts'
import { isBucket, readFilesAddress } from './files-address.ts'
import { parseConnections, parseDrain, parseKeepRemoved } from './process-options.ts'
import { readTrustedProxies } from './trusted-proxies.ts'
import { StartError } from './start-error.ts'

/* The values of the options with which a hub is served. options.ts knows which command takes which. */

export type LogFormat = 'text' | 'json'

export interface ServeOptions {
  dataDir: string
  /** The address of a PostgreSQL database; without it, the rows are in the data directory. */
  database?: string
  host: string
  isCluster?: boolean
  /** The key that the processes of a cluster share, or its folder. */
  identity?: string
  /** The address of a server that carries what the processes of a cluster tell each other. */
  bus?: string
  /** The folder or the bucket of the files of a hub with a database server, if it is not the data directory. */
  files?: string
  /** How long files that processes share, or in a bucket, are kept after their last message. */
  keepRemovedMs?: number
  lan?: true | { interfaces: readonly string[] }
  publicUrl?: URL
  /** Networks of proxies on other computers. */
  trustedProxies?: readonly string[]
  tls?: { cert: string; key: string }
  browsers: boolean
  port: number
  allowPlainHttp: boolean
  loadTest: boolean
  setupCode: string | undefined
  /** Folders for backups, if not those that the owner has set. */
  backups?: 'none' | readonly string[]
  /** Bytes that a user may store within a day, if not the default. */
  textBytesPerDay?: number
  /** Live sockets of this process, if not the default. */
  maxConnections?: number
  /** How long sockets go to other processes when it is asked to end. */
  drainMs?: number
  /** A port for monitoring; without it there is none. */
  ops?: { port: number; host: string; token?: string }
  /** Words or JSON. Without it the log is words at a terminal, and JSON elsewhere. */
  log?: LogFormat
}

/**
 * The environment that options are read from. It is passed in, so that this module does not depend on the machine.
 */
export interface CliEnvironment {
  env: Readonly<Record<string, string | undefined>>
  platform: NodeJS.Platform
  home: string
  cwd: string
}

export function serveOptions(given: Map<string, string>, environment: CliEnvironment): ServeOptions {
  const { env } = environment
  const database = readDatabaseAddress(given.get('database'), env)
  const place = parseFiles(given, environment, database)
  return {
    dataDir: resolveDataDir(given, environment),
    ...database,
    host: parseHost(given.get('host') ?? (env['HUBBUB_HOST'] || '127.0.0.1')),
    ...parseLan(given),
    ...parsePublicUrl(given),
    ...readTrustedProxies(given.get('trust-proxy'), given.has('public-url')),
    ...parseTls(given, environment.cwd),
    browsers: !given.has('no-browsers'),
    port: parsePort(given.get('port') ?? (env['HUBBUB_PORT'] || '7788')),
    allowPlainHttp: given.has('allow-plain-http'),
    loadTest: given.has('load-test'),
    ...parseCluster(given, environment.cwd),
    ...readBusAddress(given.get('bus'), env, given.has('cluster')),
    ...place,
    ...parseKeepRemoved(given, env, place.files !== undefined && isBucket(place.files)),
    ...parseDrain(given),
    setupCode: parseSetupCode(env['HUBBUB_SETUP_CODE']),
    ...parseTextPerDay(given.get('text-per-day') ?? env['HUBBUB_TEXT_PER_DAY']),
    ...parseConnections(given),
    ...parseBackups(given.get('backups') ?? env['HUBBUB_BACKUPS'], environment.cwd),
    ...parseLogFormat(given),
    ...parseOps(given, env),
  }
}

function parseCluster(given: Map<string, string>, cwd: string): Pick<ServeOptions, 'isCluster' | 'identity'> {
  const identity = given.get('identity')
  if (given.has('cluster')) {
    return { isCluster: true, ...(identity !== undefined && { identity: path.resolve(cwd, identity) }) }
  }
  if (identity === undefined) return {}
  throw new StartError(
    '--identity is for several processes: give --cluster too, or leave it out. One process has its key in its data directory.',
  )
}

export function parseFiles(
  given: Map<string, string>,
  { env, cwd }: CliEnvironment,
  { database }: { database?: string },
): Pick<ServeOptions, 'files'> {
  return readFilesAddress(given.get('files'), env, { cwd, hasDatabase: database !== undefined })
}

function parseLan(given: Map<string, string>): Pick<ServeOptions, 'lan'> {
  const listed = given.get('interfaces')
  if (listed === undefined && !given.has('lan')) return {}
  if (given.has('host')) {
    throw new StartError(
      '--host names one address, and --lan means all of the local network: leave one of them out.',
    )
  }
  if (listed === undefined) return { lan: true }
  const interfaces = listed.split(',').map((name) => name.trim())
  if (interfaces.every((name) => name !== '')) return { lan: { interfaces } }
  throw new StartError(`"${listed}" is not a list of network interfaces: give names such as eth0,wlan0.`)
}

function parsePublicUrl(given: Map<string, string>): Pick<ServeOptions, 'publicUrl'> {
  const text = given.get('public-url')
  if (text === undefined) return {}
  const publicUrl = URL.canParse(text) ? new URL(text) : undefined
  const { protocol, pathname, search, hash, username, password } = publicUrl ?? {}
  if (publicUrl && protocol === 'https:' && pathname === '/' && !search && !hash && !username && !password) {
    return { publicUrl }
  }
  throw new StartError(
    `"${text}" is not an address for --public-url: give https:// and the public name, without a path, such as https://chat.example.com.`,
  )
}

function parseTls(given: Map<string, string>, cwd: string): Pick<ServeOptions, 'tls'> {
  const [cert, key] = [given.get('tls-cert'), given.get('tls-key')]
  if (cert === undefined && key === undefined) return {}
  if (cert === undefined || key === undefined) {
    throw new StartError('--tls-cert and --tls-key belong together: give both.')
  }
  return { tls: { cert: path.resolve(cwd, cert), key: path.resolve(cwd, key) } }
}

function parseHost(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  if (/^[a-z0-9._:%-]+$/.test(host)) return host
  throw new StartError(`"${text}" is not a host: give an address of this machine, such as 127.0.0.1.`)
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new StartError(`"${text}" is not a port: give a number from 0 (any free one) to 65535.`)
}

function parseTextPerDay(text: string | undefined): Pick<ServeOptions, 'textBytesPerDay'> {
  if (!text) return {}
  const mebibytes = Number(text)
  if (/^\d{1,6}$/.test(text) && mebibytes > 0) return { textBytesPerDay: mebibytes * 1024 * 1024 }
  throw new StartError(
    `"${text}" is not a number of MiB for --text-per-day: give a whole one from 1 to 999999.`,
  )
}

function parseBackups(text: string | undefined, cwd: string): Pick<ServeOptions, 'backups'> {
  if (!text) return {}
  if (text === 'none') return { backups: 'none' }
  const folders = text.split(',').map((folder) => folder.trim())
  if (folders.every((folder) => folder !== '') && folders.length <= 4) {
    return { backups: folders.map((folder) => path.resolve(cwd, folder)) }
  }
  throw new StartError(
    `"${text}" is no list for --backups: give up to four folders, with commas between them.`,
  )
}

function parseOps(given: Map<string, string>, env: CliEnvironment['env']): Pick<ServeOptions, 'ops'> {
  const text = given.get('ops-port') ?? env['HUBBUB_OPS_PORT']
  const host = given.get('ops-host')
  if (!text) {
    if (host === undefined) return {}
    throw new StartError('--ops-host is the address of the port for monitoring: give --ops-port too.')
  }
  const token = env['HUBBUB_OPS_TOKEN']
  if (token && !/^[\x21-\x7e]{16,}$/.test(token)) {
    throw new StartError(
      'HUBBUB_OPS_TOKEN cannot be used: give it 16 or more letters, digits or signs, without spaces.',
    )
  }
  return {
    ops: { port: parsePort(text), host: parseHost(host ?? '127.0.0.1'), ...(token && { token }) },
  }
}

function parseLogFormat(given: Map<string, string>): Pick<ServeOptions, 'log'> {
  const log = given.get('log')
  if (log === undefined) return {}
  if (log === 'text' || log === 'json') return { log }
  throw new StartError(`"${log}" is not a log format: give text or json.`)
}

function parseSetupCode(text: string | undefined): string | undefined {
  if (!text) return undefined
  if ([...text].length < 8)
    throw new StartError('HUBBUB_SETUP_CODE is too short: give it 8 characters or more.')
  // it is printed on one line, and typed into a field of one line
  if (/\p{Cc}/u.test(text) || text !== text.trim()) {
    throw new StartError('HUBBUB_SETUP_CODE has line breaks or spaces around it: leave those out.')
  }
  return text
}

/** @param given the options of any command */
export function resolveDataDir(given: Map<string, string>, environment: CliEnvironment): string {
  const named = given.get('data') ?? environment.env['HUBBUB_DATA']
  return named ? path.resolve(environment.cwd, named) : defaultDataDir(environment)
}

/** Returns the platform's directory for the data that an application stores for a user. */
function defaultDataDir({ env, platform, home }: CliEnvironment): string {
  if (platform === 'win32') {
    return path.join(env['LOCALAPPDATA'] || path.join(home, 'AppData', 'Local'), 'Hubbub')
  }
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Hubbub')
  // a relative XDG_DATA_HOME is invalid and to be ignored, says its specification
  const xdg = env['XDG_DATA_HOME']
  return path.join(xdg && path.isAbsolute(xdg) ? xdg : path.join(home, '.local', 'share'), 'hubbub')
}
