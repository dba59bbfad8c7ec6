/*
 * npm run bench [-- --only W1,W3 --quick]: Hubbub relative to the limit of the machine, next to the floors it has to
 * reach. See README.md. Exits with 1 if anything was lost or out of order, never for being slow.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { goalTable, Results } from './results.ts'
import { seedBaseline, seedEmptyBaseline, seedHub } from './seed.ts'
import { startLoad } from './servers.ts'
import { probeDisk } from './stats.ts'
import { type Bench, w1, w2, w3, w4, w5 } from './workloads.ts'

const workloads = { W1: w1, W2: w2, W3: w3, W4: w4, W5: w5 }

const { values } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
})
const selectedNames = (values.only ?? 'W1,W2,W3,W4,W5').split(',').map((name) => name.trim().toUpperCase())
const unknownNames = selectedNames.filter((name) => !Object.hasOwn(workloads, name))
if (unknownNames.length > 0) {
  process.stderr.write(
    `There is no ${unknownNames.join(', ')}: choose from ${Object.keys(workloads).join(', ')}.\n`,
  )
  process.exit(1)
}

const dir = mkdtempSync(join(tmpdir(), 'hubbub-bench-'))
const load = startLoad()
process.on('exit', () => {
  load.stop()
  rmSync(dir, { recursive: true, force: true })
})

const results = new Results()
const bench: Bench = {
  dir,
  load,
  results,
  repeats: values.quick ? 1 : 3,
  seconds: values.quick ? 1 : 3,
}
logProgress('seeding both databases')
seedBaseline(join(dir, 'bare'))
seedEmptyBaseline(join(dir, 'empty-bare'))
await seedHub(join(dir, 'hub'))
const diskBefore = probeDisk(dir)
for (const name of selectedNames) {
  logProgress(name)
  await workloads[name as keyof typeof workloads](bench)
}
const diskAfter = probeDisk(dir)

const date = new Date().toISOString().slice(0, 10)
const text = [
  `# Benchmark of ${date}`,
  '',
  `${selectedNames.join(', ')}${values.quick ? ', quick (one short repeat: for orientation, not for comparison)' : ''}; medians of ${bench.repeats}, in brackets the smallest and the largest.`,
  `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.versions.node}, ${process.platform}.`,
  `4 KiB write and fdatasync: p50 ${formatMs(diskBefore.p50)}, p99 ${formatMs(diskBefore.p99)} before; p50 ${formatMs(diskAfter.p50)}, p99 ${formatMs(diskAfter.p99)} after.`,
  'Nothing was lost, duplicated or out of order.',
  '',
  '## Goals',
  '',
  ...goalTable(results),
  '',
  '## Measured',
  '',
  ...results.table(),
  '',
  ...results.notes.map((note) => `- ${note}`),
  '',
].join('\n')
process.stdout.write(`${text}\n`)
if (!values.quick) {
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, `${date}${values.only === undefined ? '' : `-${selectedNames.join('-')}`}.md`),
    text,
  )
}
process.exit(0)

function logProgress(what: string): void {
  process.stderr.write(`bench: ${what}\n`)
}

function formatMs(value: number): string {
  return `${value.toFixed(2)} ms`
}
