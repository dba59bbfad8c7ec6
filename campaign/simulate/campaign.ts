import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runInFolder } from '../in-folder.ts'
import { type CampaignOptions, type CampaignResult, parseFault } from '../result.ts'
import { type SimulateFault, simulateFaults } from './faults.ts'
import { ProcessPool } from './process-pool.ts'
import { Runner } from './runner.ts'
import { type Outcome, shrinkHistory } from './shrink.ts'
import { type History, makeHistory } from './steps.ts'

/*
 * Random histories of a whole hub and the pages of four browsers, in one process under a virtual clock. Round 5 of seed 1 is
 * round 1 of seed 5. The same seed is the same history, so a failing one is run again, and shortened.
 */

/** One round of so many runs twice, and its frames must be the same. */
const defaultRoundsPerReplay = 50
const maxShrinkRuns = 60

export interface SimulateOptions extends CampaignOptions {
  roundsPerReplay?: number
}

export async function runSimulateCampaign(options: SimulateOptions): Promise<CampaignResult> {
  const fault = parseFault(options, simulateFaults)
  return runInFolder('simulate', options, (dir) => new SimulateCampaign(dir, options, fault))
}

class SimulateCampaign {
  readonly #dir: string
  readonly #options: SimulateOptions
  readonly #runner: Runner
  readonly #pool: ProcessPool | undefined
  #acknowledged = 0
  #frames = 0
  #steps = 0
  #runTwice = 0
  /** The next round that no process has begun. */
  #next = 0
  /** Rounds that have ended before one that was begun earlier. */
  readonly #ended = new Set<number>()
  #isFailed = false
  seed: number
  rounds = 0
  readonly problems: string[] = []

  constructor(dir: string, options: SimulateOptions, fault: SimulateFault | undefined) {
    this.#dir = dir
    this.#options = options
    this.seed = options.seed
    this.#runner = new Runner(fault)
    if (options.jobs !== undefined) this.#pool = new ProcessPool(options.jobs, fault)
  }

  get counts(): Record<string, number> {
    return {
      ...{ steps: this.#steps, 'run twice': this.#runTwice },
      'acknowledged messages': this.#acknowledged,
      frames: this.#frames,
    }
  }

  async run(): Promise<void> {
    if (this.#options.only !== undefined) return this.#replay(this.#options.only)
    this.#resume()
    const endsAt = performance.now() + this.#options.minutes * 60_000
    const last = this.rounds + this.#options.rounds
    this.#next = this.rounds
    const run = async (index: number): Promise<void> => {
      while (!this.#isFailed && this.#next < last && performance.now() < endsAt) {
        this.#next += 1
        await this.#round(this.#next - 1, index)
      }
    }
    await Promise.all(Array.from({ length: this.#options.jobs ?? 1 }, (_, index) => run(index)))
  }

  async close(): Promise<void> {
    this.#runner.close()
    await this.#pool?.close()
  }

  async #round(round: number, index: number): Promise<void> {
    const history = makeHistory(this.seed + round)
    const { roundsPerReplay = defaultRoundsPerReplay } = this.#options
    const isCompared = (round + 1) % roundsPerReplay === 0
    const outcome = await (this.#pool?.run(index, history.seed, isCompared) ??
      this.#runner.runAndCompare(history, isCompared))
    this.#steps += history.steps.length
    this.#acknowledged += outcome.acknowledged
    this.#frames += outcome.frames
    if (isCompared) this.#runTwice += 1
    this.#options.onRound?.(
      `history ${history.seed}: ${history.steps.length} steps, ${outcome.frames} frames: ${outcome.problems[0] ?? 'good'}`,
    )
    if (outcome.problems.length > 0) await this.#explain(history, outcome, isCompared)
    this.#ended.add(round)
    while (this.#ended.delete(this.rounds)) this.rounds += 1
    this.#save()
  }

  /** Shortens a failing history and stores it, to be run again by `--only FILE`. Another one meanwhile is only reported. */
  async #explain(history: History, { problems }: Outcome, isCompared: boolean): Promise<void> {
    if (this.#isFailed) return this.#report(history, problems)
    this.#isFailed = true
    const kinds = new Set(problems.map(kindOf))
    const run = (shorter: History): Promise<Outcome> => this.#runner.runAndCompare(shorter, isCompared)
    const shortest = await shrinkHistory(
      history,
      async (shorter) => (await run(shorter)).problems.some((problem) => kinds.has(kindOf(problem))),
      maxShrinkRuns,
    )
    const file = path.join(this.#dir, `history-${history.seed}.json`)
    writeFileSync(file, JSON.stringify(shortest, undefined, 1))
    const again = await run(shortest)
    // what does not fail again is a fault of the simulation
    this.#report(shortest, again.problems.length > 0 ? again.problems : problems)
  }

  #report({ seed, steps }: History, problems: readonly string[]): void {
    const kinds = steps.map((step) => step.do).join(', ')
    this.problems.push(
      ...problems.map((problem) => `history ${seed} (${steps.length} steps: ${kinds}): ${problem}`),
    )
  }

  /** Runs a history that was stored. */
  async #replay(file: string): Promise<void> {
    const history = JSON.parse(readFileSync(file, 'utf8')) as History
    const { problems } = await this.#runner.run(history)
    this.rounds = 1
    this.problems.push(...problems)
  }

  get #stateFile(): string {
    return path.join(this.#dir, 'campaign.json')
  }

  #save(): void {
    if (this.#options.dir === undefined) return
    const { seed, rounds } = this
    writeFileSync(this.#stateFile, JSON.stringify({ seed, rounds }))
  }

  #resume(): void {
    if (!existsSync(this.#stateFile)) return
    const { seed, rounds } = JSON.parse(readFileSync(this.#stateFile, 'utf8')) as {
      seed: number
      rounds: number
    }
    this.seed = seed
    this.rounds = rounds
  }
}

/** Without names and numbers, which a shorter history changes. */
function kindOf(problem: string): string {
  return problem
    .replace(/^(ann2?|bo|cy): /, '')
    .replace(/“[^”]*”|"[^"]*"|\S*\d\S*/g, '#')
    .slice(0, 40)
}
