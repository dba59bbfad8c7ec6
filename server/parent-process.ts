// A hub that npm started ends with it. npm puts a shell between itself and the program. A signal to npm ends that shell
// only, and a killed npm leaves the shell waiting, so the program gets no signal in either case and has to look.
//
// - Started without npm, a program ends by a signal only: its parent is a shell that may be closed, as with nohup.
// - On Windows there is no quick way to ask for the parent of a process, so nothing is watched.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'

/** A new start right after the kill of the old one should find the port and the directory free. */
const pollIntervalMs = 250

const parent = process.ppid
const script = process.env['npm_lifecycle_script']
/** Read on loading: the earlier, the fewer ends of npm are missed. */
const shell = script === undefined ? undefined : readProcess(parent)
/** A shell such as bash replaces itself with the program: then the parent is npm. */
const hasShell = script !== undefined && (shell?.command.includes(script) ?? false)

/** Calls `onGone` once when the npm that runs this program is gone. Returns a function that stops watching. */
export function watchParent(onGone: () => void): () => void {
  if (!hasShell && !isRunner(shell?.command ?? '') && !wasOrphaned()) return () => {}
  const timer = setInterval(() => {
    if (!wasOrphaned() && process.ppid === parent && (!hasShell || isParentOf(parent, shell?.ppid ?? 0)))
      return
    clearInterval(timer)
    onGone()
  }, pollIntervalMs).unref()
  return () => clearInterval(timer)
}

function isRunner(command: string): boolean {
  return /\b(npm|pnpm|yarn|bun)\b/.test(command)
}

/** True if npm had ended before this program ran: the first process of the system took it over. */
function wasOrphaned(): boolean {
  const program = path.basename(process.argv[1] ?? '')
  return (
    parent === 1 && program !== '' && (script?.includes(program) ?? false) && !isRunner(shell?.command ?? '')
  )
}

function isParentOf(pid: number, npm: number): boolean {
  // a killed process whose own parent did not wait for it still has its id, so Linux asks the shell
  if (process.platform === 'linux') return readProcess(pid)?.ppid === npm
  try {
    process.kill(npm, 0)
    return true
  } catch {
    return false
  }
}

interface ProcessInfo {
  ppid: number
  command: string
}

/** Returns undefined if the process is gone or cannot be asked. */
function readProcess(pid: number): ProcessInfo | undefined {
  if (process.platform === 'win32') return undefined
  try {
    return process.platform === 'linux' ? readProc(pid) : runPs(pid)
  } catch {
    return undefined
  }
}

function readProc(pid: number): ProcessInfo {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // the name in brackets may hold anything, brackets too
  const [, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { ppid: Number(ppid), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }
}

function runPs(pid: number): ProcessInfo {
  const line = execFileSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  return { ppid: Number.parseInt(line, 10), command: line.replace(/^\d+\s+/, '') }
}
