// `npm run conformance`: runs the desktop suite and prints which promises were kept, on the stand-in and on the real
// Electron. `--report` only prints, with what scripts/first-start.ts wrote. Results go to out/conformance/, a file for
// each driver, and together to out/conformance/table.txt and table.json.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { type ConformancePromise, promises } from '../test/desktop/promises.ts'
import { electronPath } from '../test/desktop/electron-path.ts'

const root = path.join(import.meta.dirname, '..')
const folder = path.join(root, 'out', 'conformance')
const recordedFile = path.join(root, 'test', 'desktop', 'conformance.json')

export type Driver = 'stand-in' | 'real'
/** `-`: not run on this driver. */
export type Result = 'kept' | 'broken' | '-' | 'by hand'
export type Results = Record<string, Result>
export interface SpecResult {
  name: string
  status: string
}

/** @throws Error if a promise names a spec that does not exist */
export function judge(specs: readonly SpecResult[], driver: Driver, list = promises): Results {
  const statuses = new Map<string, string>()
  // the same name in two files: the worse counts
  for (const { name, status } of specs) {
    if (statuses.get(name) !== 'failed') statuses.set(name, status)
  }
  return Object.fromEntries(
    list.flatMap(({ promise, specs: names, isRealOnly }) => {
      if (!names || (isRealOnly && driver !== 'real')) return []
      return [[promise, resultOf(names, statuses)]]
    }),
  )
}

function resultOf(names: readonly string[], statuses: ReadonlyMap<string, string>): Result {
  const found = names.map((name) => {
    const status = statuses.get(name)
    if (status === undefined) throw new Error(`promises.ts names a spec that does not exist: ${name}`)
    return status
  })
  if (found.includes('failed')) return 'broken'
  return found.every((status) => status === 'passed') ? 'kept' : '-'
}

/** What was seen of a packed app. `lines`: those of scripts/first-start.ts, which ends at the first failure. */
export function judgePacked(lines: readonly string[], list = promises): Results {
  const has = (text: string | undefined): boolean =>
    text !== undefined && lines.some((line) => line.includes(text))
  return Object.fromEntries(
    list.flatMap(({ promise, packed, unseen }) =>
      packed === undefined ? [] : [[promise, has(packed) ? 'kept' : has(unseen) ? '-' : 'broken']],
    ),
  )
}

export function renderTable(
  columns: Record<Driver, Results>,
  list: readonly ConformancePromise[] = promises,
): string {
  const rows = list.map(({ group, promise, byHand }) =>
    byHand === undefined
      ? [group, promise, columns['stand-in'][promise] ?? '-', columns.real[promise] ?? '-']
      : [group, `${promise}: ${byHand}`, 'by hand', 'by hand'],
  )
  const all = [['', 'promise', 'stand-in', 'real'], ...rows]
  const widths = [0, 1, 2, 3].map((at) => Math.max(...all.map((row) => (row[at] ?? '').length)))
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Returns the exit code of the suite. */
function runSuite(driver: Driver): number {
  const output = path.join(folder, 'suite.json')
  const vitest = path.join(
    path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
    'vitest.mjs',
  )
  const args = ['run', '--project', 'desktop', '--reporter', 'default', '--reporter', 'json']
  const summary = path.join(root, 'test', 'support', 'summary-reporter.ts')
  const { status } = spawnSync(
    process.execPath,
    [vitest, ...args, '--reporter', summary, `--outputFile.json=${output}`],
    { cwd: root, stdio: 'inherit' },
  )
  if (!existsSync(output)) throw new Error('the suite left no results')
  const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as {
    testResults: { assertionResults: { ancestorTitles: string[]; title: string; status: string }[] }[]
  }
  const specs = testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status: result }) => ({
      name: [...ancestorTitles, title].join(' > '),
      status: result,
    })),
  )
  save(`${driver}.json`, judge(specs, driver))
  return status ?? 1
}

function save(name: string, content: unknown): void {
  writeFileSync(path.join(folder, name), `${JSON.stringify(content, undefined, 2)}\n`)
}

function read(file: string): Results {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : {}
}

/** The results of the stand-in are recorded, so that the runners with the real Electron need not run both. */
function report(): void {
  const packed = path.join(folder, 'packed.txt')
  const columns: Record<Driver, Results> = {
    'stand-in': { ...read(recordedFile), ...read(path.join(folder, 'stand-in.json')) },
    real: {
      ...read(path.join(folder, 'real.json')),
      ...(existsSync(packed) && judgePacked(readFileSync(packed, 'utf8').split('\n'))),
    },
  }
  const table = renderTable(columns)
  writeFileSync(path.join(folder, 'table.txt'), `${table}\n`)
  save('table.json', { platform: process.platform, arch: process.arch, ...columns })
  process.stdout.write(`\n${table}\n`)
}

if (import.meta.main) {
  mkdirSync(folder, { recursive: true })
  const driver = electronPath() === undefined ? 'stand-in' : 'real'
  if (!process.argv.includes('--report')) process.exitCode = runSuite(driver)
  if (process.argv.includes('--record')) {
    writeFileSync(recordedFile, readFileSync(path.join(folder, 'stand-in.json')))
  }
  report()
}
