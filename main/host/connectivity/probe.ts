// Collects the facts that `diagnose` judges. Everything only reads, with the rights the app has; `unknown` means that
// it may not read the fact.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import type { HubAddress } from '../../../shared/hub-process-messages.ts'
import type { ConnectivityFacts } from './diagnose.ts'

const connectTimeoutMs = 2_000
const commandTimeoutMs = 5_000

/** Runs a system program and returns its output, or undefined if the program is missing or fails. */
export type RunCommand = (program: string, args: readonly string[]) => Promise<string | undefined>
export type ReadTextFile = (file: string) => Promise<string | undefined>

export const runCommand: RunCommand = (program, args) =>
  new Promise((resolve) => {
    execFile(
      program,
      args,
      { timeout: commandTimeoutMs, windowsHide: true, encoding: 'utf8' },
      (error, output) => resolve(error ? undefined : output),
    )
  })

export const readTextFile: ReadTextFile = (file) => readFile(file, 'utf8').catch(() => undefined)

/** Reads whether this computer's firewall allows our port. */
export async function probeFirewall(
  platform: ConnectivityFacts['platform'],
  port: number,
  { run, readText }: { run: RunCommand; readText: ReadTextFile },
): Promise<ConnectivityFacts['firewall']> {
  if (platform === 'win32') return probeWindowsFirewall(run)
  if (platform === 'darwin') return probeMacFirewall(run)
  return probeLinuxFirewall(port, { run, readText })
}

async function probeWindowsFirewall(run: RunCommand): Promise<ConnectivityFacts['firewall']> {
  const state = await run('netsh', ['advfirewall', 'show', 'currentprofile', 'state'])
  // the output is in the system's language; only these words are the same in most of them
  if (state !== undefined && /\b(OFF|AUS|DÉSACTIVÉ)\b/i.test(state))
    return { kind: 'windows', allowsPort: 'yes' }
  return { kind: 'windows', allowsPort: 'unknown' }
}

async function probeMacFirewall(run: RunCommand): Promise<ConnectivityFacts['firewall']> {
  const tool = '/usr/libexec/ApplicationFirewall/socketfilterfw'
  const state = await run(tool, ['--getglobalstate'])
  if (state === undefined) return { kind: 'macos', allowsPort: 'unknown' }
  if (/disabled|State = 0/i.test(state)) return { kind: 'none', allowsPort: 'yes' }
  const blockAll = (await run(tool, ['--getblockall'])) ?? ''
  return { kind: 'macos', allowsPort: /State = 2|block all.*enabled/i.test(blockAll) ? 'no' : 'unknown' }
}

async function probeLinuxFirewall(
  port: number,
  { run, readText }: { run: RunCommand; readText: ReadTextFile },
): Promise<ConnectivityFacts['firewall']> {
  const daemon = await run('firewall-cmd', ['--state'])
  if (daemon?.trim() === 'running') {
    const query = await run('firewall-cmd', [`--query-port=${port}/tcp`])
    // the query exits with an error for "no"; ports allowed by range or zone appear only in the list
    const listed = (await run('firewall-cmd', ['--list-ports'])) ?? ''
    const isAllowed = query?.trim() === 'yes' || includesPort(listed, port)
    return { kind: 'firewalld', allowsPort: isAllowed ? 'yes' : 'no' }
  }
  // only root may read its rules, but anyone may read whether it is on
  const ufw = await readText('/etc/ufw/ufw.conf')
  if (ufw !== undefined && /^ENABLED=yes/m.test(ufw)) return { kind: 'ufw', allowsPort: 'unknown' }
  return ufw !== undefined || daemon !== undefined
    ? { kind: 'none', allowsPort: 'yes' }
    : { kind: 'unknown', allowsPort: 'unknown' }
}

/** `7000-8000/tcp 443/tcp` */
function includesPort(listed: string, port: number): boolean {
  return [...listed.matchAll(/(\d+)(?:-(\d+))?\/tcp/g)].some(
    ([, from, to]) => port >= Number(from) && port <= Number(to ?? from),
  )
}

/** Reads the category of the network. Windows blocks incoming connections in a public one. */
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

/** Connects to each of our own addresses, as another computer would. */
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
    const finish = (accepts: boolean) => {
      socket.destroy()
      resolve(accepts)
    }
    socket.once('connect', () => finish(true))
    socket.once('timeout', () => finish(false))
    socket.once('error', () => finish(false))
  })
}
