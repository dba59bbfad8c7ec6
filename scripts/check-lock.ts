// Keeps package-lock.json installable everywhere; `--fix` restores what `npm install` drops.
//
// - better-sqlite3 ships prebuilds and a binding.gyp. npm 10 runs node-gyp for it, which needs a compiler, unless its
// lock entry says "gypfile": false. Every `npm install` drops that line, so the prepare script restores it.
// - No host name: every user installs from the registry of their own configuration.
// - npm silently omits optional platform packages that its registry did not show; `npm ci` rejects such a lock.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

interface LockEntry {
  version?: string
  resolved?: string
  gypfile?: boolean
  optional?: boolean
  optionalDependencies?: Record<string, string>
}

export interface PackageLock {
  packages: Record<string, LockEntry>
}

export function findLockProblems(lock: PackageLock): string[] {
  return [...gypfileProblems(lock), ...hostProblems(lock), ...platformProblems(lock)]
}

export function fixLock(lock: PackageLock): void {
  const sqlite = lock.packages['node_modules/better-sqlite3']
  if (sqlite) sqlite.gypfile = false
  for (const entry of Object.values(lock.packages)) delete entry.resolved
}

function gypfileProblems({ packages }: PackageLock): string[] {
  const sqlite = packages['node_modules/better-sqlite3']
  if (!sqlite) return ['better-sqlite3 is not in the lock']
  if (sqlite.gypfile === false) return []
  return ['better-sqlite3 needs "gypfile": false, or npm 10 needs a compiler']
}

function hostProblems({ packages }: PackageLock): string[] {
  return Object.entries(packages)
    .filter(([, entry]) => entry.resolved !== undefined)
    .map(([path, entry]) => `${path} names its registry: ${entry.resolved}`)
}

function platformProblems({ packages }: PackageLock): string[] {
  return Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !canResolve(packages, path, name))
      .map((name) => `${path || 'the root'} lists the optional ${name}, which is missing in the lock`),
  )
}

/** Returns true if node's walk up the node_modules folders finds `name` from `path`. */
function canResolve(packages: PackageLock['packages'], path: string, name: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at ? `${at}/` : ''}node_modules/${name}`]) return true
    if (!at.includes('/node_modules/')) return Boolean(packages[`node_modules/${name}`])
  }
}

if (import.meta.main) {
  const file = fileURLToPath(new URL('../package-lock.json', import.meta.url))
  const before = readFileSync(file, 'utf8')
  const lock = JSON.parse(before) as PackageLock
  if (process.argv.includes('--fix')) {
    fixLock(lock)
    const after = JSON.stringify(lock, null, 2) + '\n'
    if (after !== before) writeFileSync(file, after)
  }
  const problems = findLockProblems(lock)
  for (const problem of problems) process.stderr.write(`package-lock.json: ${problem}\n`)
  if (problems.length > 0) {
    process.stderr.write(
      'Run `node scripts/check-lock.ts --fix`. Problems that remain need another version.\n',
    )
    process.exitCode = 1
  }
}
