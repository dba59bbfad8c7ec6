import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..', '..')
const sources = ['server', 'shared', 'renderer', 'main', 'scripts', 'package.json', 'vite.config.ts']
/** The build writes it last. */
const lastOutput = path.join(root, 'dist', 'THIRD-PARTY-NOTICES.txt')

/** The arguments of Node for the hub as users run it: it starts in half the time of its source. */
export const hubProgram: readonly string[] = [
  '--import',
  path.join(root, 'server', 'compile-cache.js'),
  path.join(root, 'dist', 'hub', 'server', 'cli.js'),
]

/** Before tests that run the built program: builds it if a source is newer than the build. */
export function setup(): void {
  const builtAt = statSync(lastOutput, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (sources.every((source) => newestChange(path.join(root, source)) < builtAt)) return
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: root, stdio: 'inherit' })
}

/** A folder changes when a file of it is deleted. Returns milliseconds since 1970. */
function newestChange(file: string): number {
  const stats = statSync(file)
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(stats.mtimeMs, ...readdirSync(file).map((name) => newestChange(path.join(file, name))))
}
