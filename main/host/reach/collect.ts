// Finds out what `findings` judges. Everything only reads, in the rights the app has; what cannot be read is `unknown`.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import type { HubAddress } from '../../../shared/hosting.ts'
import type { ReachFacts } from './findings.ts'

const answersWithin = 2_000
const tellsWithin = 5_000

/** Runs a program of the system and answers what it printed, or nothing when it is not there or does not want to. */
export type Ask = (program: string, args: readonly string[]) => Promise<string | undefined>
export type Read = (file: string) => Promise<string | undefined>

export const askSystem: Ask = (program, args) =>
  new Promise((resolve) => {
    execFile(program, args, { timeout: tellsWithin, windowsHide: true, encoding: 'utf8' }, (error, printed) =>
      resolve(error ? undefined : printed),
    )
  })

export const readSystem: Read = (file) => readFile(file, 'utf8').catch(() => undefined)

/** How this computer's firewall stands to our port. */
export async function askFirewall(
  platform: ReachFacts['platform'],
  port: number,
  { ask, read }: { ask: Ask; read: Read },
): Promise<ReachFacts['firewall']> {
  if (platform === 'win32') return askWindows(ask)
  if (platform === 'darwin') return askMac(ask)
  return askLinux(port, { ask, read })
}

async function askWindows(ask: Ask): Promise<ReachFacts['firewall']> {
  const state = await ask('netsh', ['advfirewall', 'show', 'currentprofile', 'state'])
  // the words are in the system's language; only these two are the same in most of them
  if (state !== undefined && /\b(OFF|AUS|DÉSACTIVÉ)\b/i.test(state)) return { kind: 'windows', lets: 'yes' }
  return { kind: 'windows', lets: 'unknown' }
}

async function askMac(ask: Ask): Promise<ReachFacts['firewall']> {
  const tool = '/usr/libexec/ApplicationFirewall/socketfilterfw'
  const state = await ask(tool, ['--getglobalstate'])
  if (state === undefined) return { kind: 'macos', lets: 'unknown' }
  if (/disabled|State = 0/i.test(state)) return { kind: 'none', lets: 'yes' }
  const all = (await ask(tool, ['--getblockall'])) ?? ''
  return { kind: 'macos', lets: /State = 2|block all.*enabled/i.test(all) ? 'no' : 'unknown' }
}

async function askLinux(
  port: number,
  { ask, read }: { ask: Ask; read: Read },
): Promise<ReachFacts['firewall']> {
  const daemon = await ask('firewall-cmd', ['--state'])
  if (daemon?.trim() === 'running') {
    const open = await ask('firewall-cmd', [`--query-port=${port}/tcp`])
    // the query ends with an error for "no"; what it lets through by range or zone only the list shows
    const listed = (await ask('firewall-cmd', ['--list-ports'])) ?? ''
    const lets = open?.trim() === 'yes' || inPorts(listed, port)
    return { kind: 'firewalld', lets: lets ? 'yes' : 'no' }
  }
  // its rules are for root to read, whether it is on is not
  const ufw = await read('/etc/ufw/ufw.conf')
  if (ufw !== undefined && /^ENABLED=yes/m.test(ufw)) return { kind: 'ufw', lets: 'unknown' }
  return ufw !== undefined || daemon !== undefined
    ? { kind: 'none', lets: 'yes' }
    : { kind: 'unknown', lets: 'unknown' }
}

/** `7000-8000/tcp 443/tcp` */
function inPorts(listed: string, port: number): boolean {
  return [...listed.matchAll(/(\d+)(?:-(\d+))?\/tcp/g)].some(
    ([, from, to]) => port >= Number(from) && port <= Number(to ?? from),
  )
}

/** What Windows takes this network for: in a public one it lets nobody in. */
export async function askCategory(
  platform: ReachFacts['platform'],
  ask: Ask,
): Promise<ReachFacts['category']> {
  if (platform !== 'win32') return undefined
  const said = await ask('powershell.exe', [
    '-NoProfile',
    '-NonInteractive',
    '-Command',
    '[int[]](Get-NetConnectionProfile).NetworkCategory -join ","',
  ])
  const categories = /^[012](,[012])*$/.test(said?.trim() ?? '') ? (said?.trim().split(',') ?? []) : []
  if (categories.length === 0) return undefined
  return categories.includes('0') ? 'public' : 'private'
}

/** Calls each address of our own, as a neighbour would. */
export async function callOurselves(
  addresses: readonly HubAddress[],
  { port, isHub }: { port: number; isHub: (address: string, port: number) => Promise<boolean> },
): Promise<ReachFacts['self']> {
  const answers = await Promise.all(
    addresses.map(async ({ address }) => {
      if (!(await takesCalls(address, port))) return [address, 'nothing'] as const
      return [address, (await isHub(address, port)) ? 'hub' : 'other'] as const
    }),
  )
  return Object.fromEntries(answers)
}

function takesCalls(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: answersWithin })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
}
