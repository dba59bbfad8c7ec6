// Runs many histories of the simulation of continuity:
//   node scripts/simulate-continuity.ts --seeds 50000 --from 1
//   node scripts/simulate-continuity.ts --seeds 1 --from 1874 --setting 5    prints the history
import { parseArgs } from 'node:util'
import { runHistory, settings } from '../test/simulation/history.ts'

const { values } = parseArgs({
  options: { seeds: { type: 'string' }, from: { type: 'string' }, setting: { type: 'string' } },
})
const seeds = Number(values.seeds ?? 2_000)
const from = Number(values.from ?? 1)
const chosen = values.setting === undefined ? settings : settings.slice(Number(values.setting)).slice(0, 1)

let failed = 0
for (const setting of chosen) {
  const before = process.cpuUsage()
  const counts = { acknowledged: 0, promotions: 0, forced: 0 }
  const wrong: string[] = []
  for (let seed = from; seed < from + seeds; seed += 1) {
    const isTracing = seeds === 1 && values.setting !== undefined
    const outcome = runHistory(setting, seed, { isTracing })
    if (isTracing) print(outcome.history.join('\n'))
    for (const key of ['acknowledged', 'promotions', 'forced'] as const) counts[key] += outcome.counts[key]
    if (outcome.problems.length > 0) wrong.push(`  seed ${seed}: ${outcome.problems.join('; ')}`)
  }
  failed += wrong.length
  const { user, system } = process.cpuUsage(before)
  const seconds = ((user + system) / 1_000_000).toFixed(1)
  const { acknowledged, promotions, forced } = counts
  print(
    `${setting.name}: ${seeds} histories, ${acknowledged} acknowledged, ${promotions} took over (${forced} forced), ${wrong.length} wrong, ${seconds} s of CPU`,
  )
  for (const line of wrong) print(line)
}
process.exitCode = failed > 0 ? 1 : 0

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
