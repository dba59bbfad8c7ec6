// `node scripts/check-installer.ts OUT`, on Windows as an administrator: installs the app for all users without a question,
// looks for its program and its rule of the firewall, and removes both. Only CI runs it: it changes the computer.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const removalTimeoutMs = 120_000

/** Runs a program and returns its exit code and output. */
export type Run = (program: string, args: string[]) => { status: number | null; output: string }

export interface Computer {
  run: Run
  exists: (file: string) => boolean
  programFiles: string
}

/** Returns what was seen, a line each. @throws Error with what is wrong */
export async function checkInstaller(
  installer: string,
  { run, exists, programFiles }: Computer,
): Promise<string[]> {
  const folder = path.win32.join(programFiles, 'Hubbub')
  const program = path.win32.join(folder, 'Hubbub.exe')
  const rule = (): string | undefined => {
    const { status, output } = run('netsh', [
      ...['advfirewall', 'firewall', 'show', 'rule', 'name=Hubbub hub', 'verbose'],
    ])
    return status === 0 ? output : undefined
  }
  const { status } = run(installer, ['/S', '/allusers'])
  if (status !== 0) throw new Error(`the installer ended with ${String(status)}`)
  if (!exists(program)) throw new Error(`${program} is missing`)
  const written = rule()?.toLowerCase()
  if (written === undefined) throw new Error('the installer wrote no rule of the firewall')
  if (!written.includes(program.toLowerCase())) throw new Error(`the rule is not for ${program}:\n${written}`)
  if (written.includes('public')) throw new Error(`the rule holds on public networks:\n${written}`)

  run(path.win32.join(folder, 'Uninstall Hubbub.exe'), ['/S', '/allusers'])
  // the uninstaller goes on as a copy of itself
  for (const until = performance.now() + removalTimeoutMs; exists(program); await sleep(500)) {
    if (performance.now() > until) throw new Error(`${program} was not removed`)
  }
  if (rule() !== undefined) throw new Error('the uninstaller left the rule of the firewall')
  return ['installed for all users: program and rule of the firewall are there', 'removed: both are gone']
}

if (import.meta.main) {
  const out = process.argv[2]
  const found = out === undefined ? [] : readdirSync(out).filter((name) => /-win-.+\.exe$/.test(name))
  if (out === undefined || found.length === 0) {
    throw new Error('usage: node scripts/check-installer.ts OUT, with an installer in OUT')
  }
  const computer: Computer = {
    run: (program, args) => {
      const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
      if (error) throw error
      return { status, output: `${stdout}${stderr}` }
    },
    exists: existsSync,
    programFiles: process.env['ProgramFiles'] ?? 'C:\\Program Files',
  }
  for (const name of found) {
    for (const line of await checkInstaller(path.resolve(out, name), computer)) {
      process.stdout.write(`${name}: ${line}\n`)
    }
  }
}
