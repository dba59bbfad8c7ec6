import { homedir } from 'node:os'
import path from 'node:path'
import { isHubId } from '../shared/text/hub-id.ts'
import { parseStandbyLink, type StandbyLink } from '../shared/text/standby-link.ts'
import { readDatabaseAddress } from './database-address.ts'
import {
  type CliEnvironment,
  parseFiles,
  resolveDataDir,
  type ServeOptions,
  serveOptions,
} from './serve-options.ts'
import { StartError } from './start-error.ts'

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
  | { name: 'promote'; dataDir: string; database?: string; isForced: boolean }
  | { name: 'deciding-vote'; dataDir: string; to: VoteHolder | undefined }
  | { name: 'grant'; dataDir: string; isAgreed: boolean; kind: 'standby' | 'vote' }
  | { name: 'help' }
  | { name: 'version' }

/** Who can have the deciding vote. */
export type VoteHolder = 'hub' | 'standby' | 'third'
const voteHolders: readonly VoteHolder[] = ['hub', 'standby', 'third']

/** The hub that a standby is to follow. */
export type JoinTarget = Omit<StandbyLink, 'kind'>

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
  serve: new Set([...serveNames, 'database', 'cluster', 'identity', 'files', 'keep-removed', 'bus', 'drain']),
  standby: new Set([...serveNames, 'of', 'fingerprint', 'code', 'name', 'yes']),
  vote: new Set(['data', 'of', 'fingerprint', 'code', 'name', 'yes', 'log', 'help', 'version']),
  status: new Set(['data', 'help', 'version']),
  handover: new Set(['data', 'help', 'version']),
  promote: new Set(['data', 'database', 'force', 'help', 'version']),
  grant: new Set(['data', 'vote', 'yes', 'help', 'version']),
  'deciding-vote': new Set(['data', 'to', 'help', 'version']),
  backup: new Set(['data', 'database', 'to', 'help', 'version']),
  restore: new Set(['data', 'database', 'files', 'from', 'help', 'version']),
  'reset-owner': new Set(['data', 'database', 'help', 'version']),
  doctor: new Set(['data', 'database', 'repair', 'help', 'version']),
}
type CommandName = keyof typeof optionsByCommand

/** @throws StartError for an unknown command or option, with the known ones */
export function readOptions(args: readonly string[], environment = systemEnvironment()): Command {
  const { name, given } = parseArgs(args)
  if (given.has('help')) return { name: 'help' }
  if (given.has('version')) return { name: 'version' }
  if (name === 'serve') return { name, ...serveOptions(given, environment) }

  if (name === 'standby' || name === 'vote') return joinOptions(name, given, environment)
  if (isRunningCommand(name)) {
    requireOption(given, 'data', name, environment.env['HUBBUB_DATA'])
    const dataDir = resolveDataDir(given, environment)
    if (name === 'promote') {
      const database = readDatabaseAddress(given.get('database'), environment.env)
      return { name, dataDir, ...database, isForced: given.has('force') }
    }
    if (name === 'grant')
      return { name, dataDir, isAgreed: given.has('yes'), kind: given.has('vote') ? 'vote' : 'standby' }
    if (name === 'deciding-vote') return { name, dataDir, to: readVoteHolder(given.get('to')) }
    return { name, dataDir }
  }
  const database = readDatabaseAddress(given.get('database'), environment.env)
  if (name === 'reset-owner' || name === 'doctor') {
    requireOption(given, 'data', name, environment.env['HUBBUB_DATA'])
    const places = { dataDir: resolveDataDir(given, environment), ...database }
    return name === 'doctor' ? { name, ...places, repair: given.has('repair') } : { name, ...places }
  }
  const file = requireOption(given, name === 'backup' ? 'to' : 'from', name)
  const inFull = path.resolve(environment.cwd, file)
  if (name === 'backup') {
    return { name, dataDir: resolveDataDir(given, environment), ...database, to: inFull }
  }
  requireOption(given, 'data', name, environment.env['HUBBUB_DATA'])
  const files = parseFiles(given, environment, database)
  return { name, dataDir: resolveDataDir(given, environment), ...database, ...files, from: inFull }
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
  environment: CliEnvironment,
): Command {
  requireOption(given, 'data', name, environment.env['HUBBUB_DATA'])
  const computerName = given.get('name')
  if (environment.env['HUBBUB_DATABASE']) {
    throw new StartError(
      'A computer that follows a hub has its rows in a file: leave HUBBUB_DATABASE out. A database server has standbys of its own.',
    )
  }
  return {
    name,
    join: parseJoinTarget(name, given),
    isAgreed: given.has('yes'),
    ...serveOptions(given, environment),
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
    throw new StartError(
      'An address needs --fingerprint and --code too. The link that "grant" prints on the hub has all of them.',
    )
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
