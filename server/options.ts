import { homedir } from 'node:os'
import path from 'node:path'
import { isHubId } from '../shared/text/hub-id.ts'
import { parseStandbyLink, type StandbyLink } from '../shared/text/standby-link.ts'
import { readBusAddress } from './bus-address.ts'
import { readDatabaseAddress } from './database-address.ts'
import { readFilesAddress } from './files-address.ts'
import { parseConnections, parseDrain } from './process-options.ts'
import { readTrustedProxies } from './trusted-proxies.ts'
import { StartError } from './start-error.ts'

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

export type Command =
  | ({ name: 'serve' } & ServeOptions)
  | { name: 'backup'; dataDir: string; database?: string; to: string }
  | { name: 'restore'; dataDir: string; database?: string; files?: string; from: string }
  | { name: 'reset-owner'; dataDir: string; database?: string }
  | { name: 'doctor'; dataDir: string; database?: string; repair: boolean }
  | ({
      name: 'standby' | 'vote'
      join: JoinTarget | undefined
      computerName?: string
      isAgreed: boolean
    } & ServeOptions)
  | { name: 'status' | 'handover'; dataDir: string }
  | { name: 'promote'; dataDir: string; isForced: boolean }
  | { name: 'deciding-vote'; dataDir: string; to: VoteHolder | undefined }
  | { name: 'grant'; dataDir: string; isAgreed: boolean; kind: 'standby' | 'vote' }
  | { name: 'help' }
  | { name: 'version' }

/** Who can have the deciding vote. */
export type VoteHolder = 'hub' | 'standby' | 'third'
const voteHolders: readonly VoteHolder[] = ['hub', 'standby', 'third']

/** The hub that a standby is to follow. */
export type JoinTarget = Omit<StandbyLink, 'kind'>

/**
 * The environment that options are read from. It is passed in, so that this module does not depend on the machine.
 */
export interface CliEnvironment {
  env: Readonly<Record<string, string | undefined>>
  platform: NodeJS.Platform
  home: string
  cwd: string
}

const serveFlags = ['cluster', 'lan', 'no-browsers', 'allow-plain-http', 'load-test', 'help', 'version']
const flags = new Set([...serveFlags, 'repair', 'force', 'yes', 'vote'])
const serveNames = [
  ...[
    'data',
    'port',
    'host',
    'interfaces',
    'public-url',
    'trust-proxy',
    'tls-cert',
    'tls-key',
    'text-per-day',
    'connections',
    'backups',
    'log',
    'ops-port',
    'ops-host',
  ],
  ...['lan', 'no-browsers', 'allow-plain-http', 'load-test', 'help', 'version'],
]
const optionsByCommand = {
  serve: new Set([...serveNames, 'database', 'cluster', 'identity', 'files', 'bus', 'drain']),
  standby: new Set([...serveNames, 'of', 'fingerprint', 'code', 'name', 'yes']),
  vote: new Set(['data', 'of', 'fingerprint', 'code', 'name', 'yes', 'log', 'help', 'version']),
  status: new Set(['data', 'help', 'version']),
  handover: new Set(['data', 'help', 'version']),
  promote: new Set(['data', 'force', 'help', 'version']),
  grant: new Set(['data', 'vote', 'yes', 'help', 'version']),
  'deciding-vote': new Set(['data', 'to', 'help', 'version']),
  backup: new Set(['data', 'database', 'to', 'help', 'version']),
  restore: new Set(['data', 'database', 'files', 'from', 'help', 'version']),
  'reset-owner': new Set(['data', 'database', 'help', 'version']),
  doctor: new Set(['data', 'database', 'repair', 'help', 'version']),
}
type CommandName = keyof typeof optionsByCommand

/** @throws StartError for an unknown command or option, with the known ones */
export function readOptions(args: readonly string[], surroundings = systemEnvironment()): Command {
  const { name, given } = parseArgs(args)
  if (given.has('help')) return { name: 'help' }
  if (given.has('version')) return { name: 'version' }
  if (name === 'serve') return { name, ...serveOptions(given, surroundings) }

  if (name === 'standby' || name === 'vote') return joinOptions(name, given, surroundings)
  if (isRunningCommand(name)) {
    requireOption(given, 'data', name, surroundings.env['HUBBUB_DATA'])
    const dataDir = resolveDataDir(given, surroundings)
    if (name === 'promote') return { name, dataDir, isForced: given.has('force') }
    if (name === 'grant')
      return { name, dataDir, isAgreed: given.has('yes'), kind: given.has('vote') ? 'vote' : 'standby' }
    if (name === 'deciding-vote') return { name, dataDir, to: readVoteHolder(given.get('to')) }
    return { name, dataDir }
  }
  const database = readDatabaseAddress(given.get('database'), surroundings.env)
  if (name === 'reset-owner' || name === 'doctor') {
    requireOption(given, 'data', name, surroundings.env['HUBBUB_DATA'])
    const places = { dataDir: resolveDataDir(given, surroundings), ...database }
    return name === 'doctor' ? { name, ...places, repair: given.has('repair') } : { name, ...places }
  }
  const file = requireOption(given, name === 'backup' ? 'to' : 'from', name)
  const inFull = path.resolve(surroundings.cwd, file)
  if (name === 'backup') {
    return { name, dataDir: resolveDataDir(given, surroundings), ...database, to: inFull }
  }
  requireOption(given, 'data', name, surroundings.env['HUBBUB_DATA'])
  const files = parseFiles(given, surroundings, database)
  return { name, dataDir: resolveDataDir(given, surroundings), ...database, ...files, from: inFull }
}

const runningCommands = ['status', 'handover', 'promote', 'grant', 'deciding-vote'] as const

/** True for a command that speaks to the running computer of a data directory. */
function isRunningCommand(name: CommandName): name is (typeof runningCommands)[number] {
  return (runningCommands as readonly string[]).includes(name)
}

function readVoteHolder(to: string | undefined): VoteHolder | undefined {
  const found = voteHolders.find((holder) => holder === to)
  if (to === undefined || found) return found
  throw new StartError(`--to is "${to}": give the vote to hub, standby or third.`)
}

function joinOptions(
  name: 'standby' | 'vote',
  given: Map<string, string>,
  surroundings: CliEnvironment,
): Command {
  requireOption(given, 'data', name, surroundings.env['HUBBUB_DATA'])
  const computerName = given.get('name')
  if (surroundings.env['HUBBUB_DATABASE']) {
    throw new StartError(
      'A computer that follows a hub has its rows in a file: leave HUBBUB_DATABASE out. A database server has standbys of its own.',
    )
  }
  return {
    name,
    join: parseJoinTarget(name, given),
    isAgreed: given.has('yes'),
    ...serveOptions(given, surroundings),
    ...(computerName === undefined ? {} : { computerName }),
  }
}

function parseJoinTarget(name: 'standby' | 'vote', given: Map<string, string>): JoinTarget | undefined {
  const of = given.get('of')
  if (of === undefined) return undefined
  const link = parseStandbyLink(of)
  if (link && link.kind !== name)
    throw new StartError(
      link.kind === 'vote'
        ? 'This link is for a third computer: use it with "vote" instead of "standby".'
        : 'This link is for a standby: use it with "standby", or create one for a third computer.',
    )
  if (link) return link
  const url = URL.canParse(of) ? new URL(of) : undefined
  const hubId = given.get('fingerprint') ?? ''
  const code = given.get('code') ?? ''
  if (url?.protocol !== 'https:') {
    throw new StartError(
      `"${of}" is no link of a hub: give the link that "grant" prints, or https:// with its address and port.`,
    )
  }
  if (!isHubId(hubId) || code === '')
    throw new StartError('An address needs --fingerprint and --code too: "grant" on the hub prints both.')
  return { addresses: [url.host], hubId, code, hubName: '' }
}

/** Options that decide who can connect: one replaces the others. */
const reachOptions = new Set(['lan', 'interfaces', 'host', 'load-test'])

/** Returns the command that was used to start the hub, with another option for who can connect. */
export function startCommand(
  args: readonly string[],
  option: readonly string[],
  { env, platform } = { env: process.env, platform: process.platform },
): string {
  const { given } = parseArgs(args)
  const script = env['npm_lifecycle_event'] === 'start' ? 'start' : 'run hub'
  const others = [...given].filter(([name]) => !reachOptions.has(name))
  const rest = others.flatMap(([name, value]) => (flags.has(name) ? [`--${name}`] : [`--${name}`, value]))
  return `npm ${script} -- ${[...rest, ...option].map((word) => quoteWord(word, platform)).join(' ')}`
}

function quoteWord(word: string, platform: NodeJS.Platform): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  return platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", `'\\''`)}'`
}

function systemEnvironment(): CliEnvironment {
  return { env: process.env, platform: process.platform, home: homedir(), cwd: process.cwd() }
}

function parseArgs(args: readonly string[]): { name: CommandName; given: Map<string, string> } {
  const [first = ''] = args
  const name = first !== 'serve' && Object.hasOwn(optionsByCommand, first) ? (first as CommandName) : 'serve'
  const given = new Map<string, string>()
  const rest = [...(name === 'serve' ? args : args.slice(1))]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [, option = '', , inline] = /^--([a-z-]+)(=(.*))?$/s.exec(arg) ?? []
    if (!optionsByCommand[name].has(option)) throw unknownOption(arg)
    if (given.has(option)) throw new StartError(`--${option} is given twice: leave one of them out.`)
    given.set(option, flags.has(option) ? flagValue(option, inline) : valueOf(option, inline ?? rest.shift()))
  }
  return { name, given }
}

function unknownOption(arg: string): StartError {
  const hint = arg.startsWith('-')
    ? ''
    : ' It knows the commands backup, restore, reset-owner, doctor, grant, standby, vote, deciding-vote, status, handover and promote.'
  return new StartError(`Unknown argument "${arg}": --help lists all options.${hint}`)
}

function flagValue(option: string, inline: string | undefined): string {
  if (inline !== undefined) throw new StartError(`--${option} takes no value: leave out "=${inline}".`)
  return ''
}

function valueOf(option: string, value: string | undefined): string {
  if (value === undefined || value === '' || value.startsWith('--')) {
    throw new StartError(`--${option} needs a value after it: --help shows which.`)
  }
  return value
}

function requireOption(
  given: Map<string, string>,
  option: string,
  command: string,
  otherwise?: string,
): string {
  const value = given.get(option) ?? (otherwise === '' ? undefined : otherwise)
  if (value !== undefined) return value
  throw new StartError(`${command} needs --${option}: --help shows how it is used.`)
}

function serveOptions(given: Map<string, string>, surroundings: CliEnvironment): ServeOptions {
  const { env } = surroundings
  const database = readDatabaseAddress(given.get('database'), env)
  return {
    dataDir: resolveDataDir(given, surroundings),
    ...database,
    host: parseHost(given.get('host') ?? (env['HUBBUB_HOST'] || '127.0.0.1')),
    ...parseLan(given),
    ...parsePublicUrl(given),
    ...readTrustedProxies(given.get('trust-proxy'), given.has('public-url')),
    ...parseTls(given, surroundings.cwd),
    browsers: !given.has('no-browsers'),
    port: parsePort(given.get('port') ?? (env['HUBBUB_PORT'] || '7788')),
    allowPlainHttp: given.has('allow-plain-http'),
    loadTest: given.has('load-test'),
    ...parseCluster(given, surroundings.cwd),
    ...readBusAddress(given.get('bus'), env, given.has('cluster')),
    ...parseFiles(given, surroundings, database),
    ...parseDrain(given),
    setupCode: parseSetupCode(env['HUBBUB_SETUP_CODE']),
    ...parseTextPerDay(given.get('text-per-day') ?? env['HUBBUB_TEXT_PER_DAY']),
    ...parseConnections(given),
    ...parseBackups(given.get('backups') ?? env['HUBBUB_BACKUPS'], surroundings.cwd),
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

function parseFiles(
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

function resolveDataDir(given: Map<string, string>, surroundings: CliEnvironment): string {
  const named = given.get('data') ?? surroundings.env['HUBBUB_DATA']
  return named ? path.resolve(surroundings.cwd, named) : defaultDataDir(surroundings)
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
