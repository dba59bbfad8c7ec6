import { describe, expect, test } from 'vitest'
import { runHistory, settings } from './history.ts'
import { mutants } from './mutants.ts'

const seedsPerSetting = 2_000
/** Each mistake shows within so many seeds of each setting. */
const seedsPerMutant = 3_000

describe('the rules of continuity', () => {
  test.for(settings)('lose, double and move nothing in $name', (setting) => {
    for (let seed = 1; seed <= seedsPerSetting; seed += 1) {
      const { problems } = runHistory(setting, seed)
      if (problems.length === 0) continue
      const { history } = runHistory(setting, seed, { isTracing: true })
      expect.fail(`seed ${seed}: ${problems.join('; ')}\n${history.join('\n')}`)
    }
  })

  test('acknowledge, hand over and take over in most histories, so that the test means something', () => {
    const counts = { acknowledged: 0, promotions: 0, forced: 0 }
    for (const setting of settings) {
      for (let seed = 1; seed <= 200; seed += 1) {
        const outcome = runHistory(setting, seed)
        for (const key of ['acknowledged', 'promotions', 'forced'] as const)
          counts[key] += outcome.counts[key]
      }
    }
    expect(counts.acknowledged).toBeGreaterThan(12_000)
    expect(counts.forced).toBeGreaterThan(300)
    expect(counts.promotions).toBeGreaterThan(counts.forced + 50)
  })
})

describe('the simulation finds out when', () => {
  test.for(mutants)('$name', (mutant) => {
    for (let seed = 1; seed <= seedsPerMutant; seed += 1) {
      for (const setting of settings) {
        if (runHistory(setting, seed, { mutant }).problems.length > 0) return
      }
    }
    expect.fail(`not found within ${seedsPerMutant} seeds of each setting`)
  })
})
