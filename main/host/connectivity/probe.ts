// Finds out what `findings` judges. Everything only reads, in the rights the app has; what cannot be read is `unknown`.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import type { HubAddress } from '../../../shared/hub-process-messages.ts'
import type { ConnectivityFacts } from './diagnose.ts'

const connectTimeoutMs = 2_000
const commandTimeoutMs = 5_000

/** Runs a program of the system and answers what it printed, or nothing when it is not there or does not want to. */
export type RunCommand = (program: string, args: readonly string[]) => Promise<string | undefined>
export type ReadTextFile = (file: string) => Promise<string | undefined>

export const runCommand: RunCommand = (program, args) =>
  new Promise((resolve) => {
    execFile(
      program,
      args,
      { timeout: commandTimeoutMs, windowsHide: true, encoding: 'utf8' },
      (error, printed) => resolve(error ? undefined : printed),
    )
  })

export const readTextFile: ReadTextFile = (file) => readFile(file, 'utf8').catch(() => undefined)

/** How this computer's firewall stands to our port. */
export async function probeFirewall(
  platform: ConnectivityFacts['platform'],
  port: number,
  { ask, read }: { ask: RunCommand; read: ReadTextFile },
): Promise<ConnectivityFacts['firewall']> {
  if (platform === 'win32') return probeWindowsFirewall(ask)
  if (platform === 'darwin') return probeMacFirewall(ask)
  return probeLinuxFirewall(port, { ask, read })
}

async function probeWindowsFirewall(run: RunCommand): Promise<ConnectivityFacts['firewall']> {
  const state = await run('netsh', ['advfirewall', 'show', 'currentprofile', 'state'])
  // the words are in the system's language; only these two are the same in most of them
  if (state !== undefined && /\b(OFF|AUS|DÉSACTIVÉ)\b/i.test(state)) return { kind: 'windows', lets: 'yes' }
  return { kind: 'windows', lets: 'unknown' }
}

async function probeMacFirewall(run: RunCommand): Promise<ConnectivityFacts['firewall']> {
  const tool = '/usr/libexec/ApplicationFirewall/socketfilterfw'
  const state = await run(tool, ['--getglobalstate'])
  if (state === undefined) return { kind: 'macos', lets: 'unknown' }
  if (/disabled|State = 0/i.test(state)) return { kind: 'none', lets: 'yes' }
  const all = (await run(tool, ['--getblockall'])) ?? ''
  return { kind: 'macos', lets: /State = 2|block all.*enabled/i.test(all) ? 'no' : 'unknown' }
}

async function probeLinuxFirewall(
  port: number,
  { ask, read }: { ask: RunCommand; read: ReadTextFile },
): Promise<ConnectivityFacts['firewall']> {
  const daemon = await ask('firewall-cmd', ['--state'])
  if (daemon?.trim() === 'running') {
    const open = await ask('firewall-cmd', [`--query-port=${port}/tcp`])
    // the query ends with an error for "no"; what it lets through by range or zone only the list shows
    const listed = (await ask('firewall-cmd', ['--list-ports'])) ?? ''
    const lets = open?.trim() === 'yes' || includesPort(listed, port)
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
function includesPort(listed: string, port: number): boolean {
  return [...listed.matchAll(/(\d+)(?:-(\d+))?\/tcp/g)].some(
    ([, from, to]) => port >= Number(from) && port <= Number(to ?? from),
  )
}

/** What Windows takes this network for: in a public one it lets nobody in. */
export async function probeNetworkCategory(
  platform: ConnectivityFacts['platform'],
  run: RunCommand,
): Promise<ConnectivityFacts['category']> {
  if (platform !== 'win32') return undefined
  const output = await run('powershell.exe', [
    '-NoProfile',
    '-NonInteractive',
    '-Command',
    '[int[]](Get-NetConnectionProfile).NetworkCategory -join ","',
  ])
  const categories = /^[012](,[012])*$/.test(output?.trim() ?? '') ? (output?.trim().split(',') ?? []) : []
  if (categories.length === 0) return undefined
  return categories.includes('0') ? 'public' : 'private'
}

/** Calls each address of our own, as a neighbour would. */
export async function probeOwnAddresses(
  addresses: readonly HubAddress[],
  { port, isHub }: { port: number; isHub: (address: string, port: number) => Promise<boolean> },
): Promise<ConnectivityFacts['self']> {
  const results = await Promise.all(
    addresses.map(async ({ address }) => {
      if (!(await acceptsConnections(address, port))) return [address, 'nothing'] as const
      return [address, (await isHub(address, port)) ? 'hub' : 'other'] as const
    }),
  )
  return Object.fromEntries(results)
}

function acceptsConnections(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectTimeoutMs })
    const finish = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => finish(true))
    socket.once('timeout', () => finish(false))
    socket.once('error', () => finish(false))
  })
}
