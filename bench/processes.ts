/* What processes of this machine have used, from /proc: also of those that have no line to the benchmark. */
import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** CPU of a process in seconds; of one that has ended, 0. */
export function cpuSecondsOf(pid: number): number {
  const { user, system } = readTicks(String(pid))
  return (user + system) / ticksPerSecond
}

/** Bytes: `pss` counts memory that processes share by the part of each. */
export function memoryOf(pid: number): { rss: number; pss: number } {
  const rollup = readProc(String(pid), 'smaps_rollup')
  const bytesOf = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0) * 1_024
  return { rss: bytesOf('Rss'), pss: bytesOf('Pss') }
}

/** The sockets and files that one process of this user may have open. */
export function maxOpenFiles(): number {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(readProc('self', 'limits')) ?? []
  return Number(soft ?? Infinity)
}

/** CPU of all processes of this server, in seconds, also of those that have ended. */
export function postgresSeconds(url: string): number {
  const { main, others } = findPostgres(url)
  const ticks = [...main].reduce((sum, pid) => sum + sumOf(readTicks(pid)), 0)
  return (
    others.reduce((sum, pid) => sum + readTicks(pid).user + readTicks(pid).system, ticks) / ticksPerSecond
  )
}

/** Memory of all processes of this server, in bytes. */
export function postgresMemory(url: string): number {
  const { main, others } = findPostgres(url)
  return [...main, ...others].reduce((sum, pid) => sum + memoryOf(Number(pid)).pss, 0)
}

/** `main`: the one that listens, if it runs. */
function findPostgres(url: string): { main: string[]; others: string[] } {
  const { port } = new URL(url)
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const main = pids.filter((pid) => {
    const words = readProc(pid, 'cmdline').split('\0')
    return words[0]?.endsWith('/postgres') && words.some((word, i) => word === '-p' && words[i + 1] === port)
  })
  return { main, others: pids.filter((pid) => main.includes(readTicks(pid).parent)) }
}

interface Ticks {
  parent: string
  user: number
  system: number
  endedUser: number
  endedSystem: number
}

const sumOf = ({ user, system, endedUser, endedSystem }: Ticks): number =>
  user + system + endedUser + endedSystem

function readTicks(pid: string): Ticks {
  const fields = readProc(pid, 'stat').split(') ').at(-1)?.split(' ') ?? []
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15).map(Number)
  return { parent: fields[1] ?? '', user, system, endedUser, endedSystem }
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return '' // it has ended
  }
}
