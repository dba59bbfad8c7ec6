import { homedir } from 'node:os'
import path from 'node:path'
import { StartError } from './start-error.ts'

export interface ServeOptions {
  dataDir: string
  host: string
  lan?: true | { interfaces: readonly string[] }
  publicUrl?: URL
  tls?: { cert: string; key: string }
  browsers: boolean
  port: number
  allowPlainHttp: boolean
  loadTest: boolean
  setupCode: string | undefined
}

export type Command =
  | ({ name: 'serve' } & ServeOptions)
  | { name: 'backup'; dataDir: string; to: string }
  | { name: 'restore'; dataDir: string; from: string }
  | { name: 'reset-owner'; dataDir: string }
  | { name: 'help' }
  | { name: 'version' }

/** What the options are read from: passed in, so that nothing here depends on the machine. */
export interface CliEnvironment {
  env: Readonly<Record<string, string | undefined>>
  platform: NodeJS.Platform
  home: string
  cwd: string
}

export const usage = `Usage: npm run hub -- [options]
       npm run hub -- backup --to FILE [--data DIR]
       npm run hub -- restore --from FILE --data DIR
       npm run hub -- reset-owner --data DIR

Starts a hub and serves its page, until it is ended with Ctrl+C.

  --data DIR          where everything is kept             (HUBBUB_DATA)
  --port N            default 7788; 0 takes any free one   (HUBBUB_PORT)
  --lan               lets others on the home or office network come in, over TLS
  --interfaces A,B    the same, on these network interfaces only
  --host H            the one address to listen on instead (HUBBUB_HOST)
                      default 127.0.0.1, this machine only
  --public-url URL    what the hub is called outside, https://chat.example.com for
                      example: where a proxy on this machine brings the certificate
  --tls-cert FILE     a certificate of your own for that name, with those it was
  --tls-key FILE      issued by behind it, and its key, both PEM; read anew when changed
  --no-browsers       other machines get no page: only the app comes in
  --allow-plain-http  lets others in without encryption too: everyone on the network
                      can read what is sent, and every page says so
  --load-test         no rate limits and cheap password hashing, on this machine only
  --help, --version

  backup       writes database, files and identity into one verified file, also while the hub runs
  restore      puts a backup into an empty directory
  reset-owner  makes a link by which the owner sets a new password; the hub must be ended first

HUBBUB_SETUP_CODE   the set-up code, 8 or more characters; made up otherwise
HUBBUB_LOG          what is logged to stderr: trace, debug, info (default), warn, error, fatal, silent
`

const flags = new Set(['lan', 'no-browsers', 'allow-plain-http', 'load-test', 'help', 'version'])
const optionsByCommand = {
  serve: new Set(['data', 'port', 'host', 'interfaces', 'public-url', 'tls-cert', 'tls-key', ...flags]),
  backup: new Set(['data', 'to', 'help', 'version']),
  restore: new Set(['data', 'from', 'help', 'version']),
  'reset-owner': new Set(['data', 'help', 'version']),
}
type CommandName = keyof typeof optionsByCommand

/** @throws StartError for what is not known here, with what is */
export function readOptions(args: readonly string[], surroundings = systemEnvironment()): Command {
  const { name, given } = parseArgs(args)
  if (given.has('help')) return { name: 'help' }
  if (given.has('version')) return { name: 'version' }
  if (name === 'serve') return { name, ...serveOptions(given, surroundings) }

  if (name === 'reset-owner') {
    requireOption(given, 'data', name, surroundings.env['HUBBUB_DATA'])
    return { name, dataDir: resolveDataDir(given, surroundings) }
  }
  const file = requireOption(given, name === 'backup' ? 'to' : 'from', name)
  const inFull = path.resolve(surroundings.cwd, file)
  if (name === 'backup') return { name, dataDir: resolveDataDir(given, surroundings), to: inFull }
  requireOption(given, 'data', name, surroundings.env['HUBBUB_DATA'])
  return { name, dataDir: resolveDataDir(given, surroundings), from: inFull }
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
  const hint = arg.startsWith('-') ? '' : ' It knows the commands backup, restore and reset-owner.'
  return new StartError(`The hub does not know "${arg}" here: --help lists what it knows.${hint}`)
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
  return {
    dataDir: resolveDataDir(given, surroundings),
    host: parseHost(given.get('host') ?? (env['HUBBUB_HOST'] || '127.0.0.1')),
    ...parseLan(given),
    ...parsePublicUrl(given),
    ...parseTls(given, surroundings.cwd),
    browsers: !given.has('no-browsers'),
    port: parsePort(given.get('port') ?? (env['HUBBUB_PORT'] || '7788')),
    allowPlainHttp: given.has('allow-plain-http'),
    loadTest: given.has('load-test'),
    setupCode: parseSetupCode(env['HUBBUB_SETUP_CODE']),
  }
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
    `"${text}" is not an address for --public-url: give https:// and the name that people type, without a path, such as https://chat.example.com.`,
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

function parseSetupCode(text: string | undefined): string | undefined {
  if (!text) return undefined
  if ([...text].length < 8)
    throw new StartError('HUBBUB_SETUP_CODE is too short: give it 8 characters or more.')
  // it is printed as one line, and typed into a field that holds one
  if (/\p{Cc}/u.test(text) || text !== text.trim()) {
    throw new StartError('HUBBUB_SETUP_CODE has line breaks or spaces around it: leave those out.')
  }
  return text
}

function resolveDataDir(given: Map<string, string>, surroundings: CliEnvironment): string {
  const named = given.get('data') ?? surroundings.env['HUBBUB_DATA']
  return named ? path.resolve(surroundings.cwd, named) : defaultDataDir(surroundings)
}

/** Where the platform puts what an application keeps for a user. */
function defaultDataDir({ env, platform, home }: CliEnvironment): string {
  if (platform === 'win32') {
    return path.join(env['LOCALAPPDATA'] || path.join(home, 'AppData', 'Local'), 'Hubbub')
  }
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Hubbub')
  // a relative XDG_DATA_HOME is invalid and to be ignored, says its specification
  const xdg = env['XDG_DATA_HOME']
  return path.join(xdg && path.isAbsolute(xdg) ? xdg : path.join(home, '.local', 'share'), 'hubbub')
}
