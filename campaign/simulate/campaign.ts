import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runInFolder } from '../in-folder.ts'
import { type CampaignOptions, type CampaignResult, UsageError } from '../result.ts'
import { putInFault, type SimulateFault, simulateFaults } from './faults.ts'
import { type Outcome, runHistory, shrinkHistory } from './shrink.ts'
import { type History, makeHistory } from './steps.ts'
import { makeTeam, type Team } from './team.ts'

/*
 * Random histories of a whole hub and the pages of four browsers, in one process under a virtual clock. Round 5 of seed 1 is
 * round 1 of seed 5. The same seed is the same history, so a failing one is run again, and shortened.
 */

/** One round of so many runs twice, and the result counts those whose frames differ. */
const roundsPerReplay = 50
const maxShrinkRuns = 60

export async function runSimulateCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const fault = simulateFaults.find((name) => name === options.fault)
  if (options.fault !== undefined && !fault) {
    throw new UsageError(`There is no fault ${options.fault}: choose one of ${simulateFaults.join(', ')}.`)
  }
  const remove = fault && putInFault(fault)
  try {
    return await runInFolder('simulate', options, (dir) => new SimulateCampaign(dir, options, fault))
  } finally {
    remove?.()
  }
}

class SimulateCampaign {
  readonly #dir: string
  readonly #options: CampaignOptions
  readonly #fault: SimulateFault | undefined
  /** Its files are small, written often, and worth nothing afterwards. */
  readonly #workDir: string
  #acknowledged = 0
  #frames = 0
  #steps = 0
  #differed = 0
  seed: number
  rounds = 0
  readonly problems: string[] = []

  constructor(dir: string, options: CampaignOptions, fault: SimulateFault | undefined) {
    this.#dir = dir
    this.#options = options
    this.#fault = fault
    this.seed = options.seed
    this.#workDir = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : dir, 'hubbub-simulate-'))
  }

  get counts(): Record<string, number> {
    return {
      ...{ steps: this.#steps, 'differed when run again': this.#differed },
      'acknowledged messages': this.#acknowledged,
      frames: this.#frames,
    }
  }

  async run(): Promise<void> {
    const endsAt = performance.now() + this.#options.minutes * 60_000
    const team = await makeTeam(this.#workDir)
    if (this.#options.only !== undefined) return this.#replay(team, this.#options.only)
    this.#resume()
    const last = this.rounds + this.#options.rounds
    while (this.rounds < last && performance.now() < endsAt && this.problems.length === 0) {
      await this.#round(team, makeHistory(this.seed + this.rounds))
      this.rounds += 1
      this.#save()
    }
  }

  close(): Promise<void> {
    rmSync(this.#workDir, { recursive: true, force: true })
    return Promise.resolve()
  }

  async #round(team: Team, history: History): Promise<void> {
    const outcome = await this.#runOnce(team, history)
    this.#steps += history.steps.length
    this.#acknowledged += outcome.acknowledged
    this.#frames += outcome.frames
    this.#options.onRound?.(
      `history ${history.seed}: ${history.steps.length} steps, ${outcome.frames} frames: ${outcome.problems[0] ?? 'good'}`,
    )
    if (outcome.problems.length > 0) return this.#explain(team, history, outcome)
    if ((this.rounds + 1) % roundsPerReplay !== 0) return
    const again = await this.#runOnce(team, history)
    if (again.digest !== outcome.digest) this.#differed += 1
  }

  /** Shortens a failing history and stores it, to be run again by `--only FILE`. */
  async #explain(team: Team, history: History, { problems }: Outcome): Promise<void> {
    const kinds = new Set(problems.map(kindOf))
    const shortest = await shrinkHistory(
      history,
      async (shorter) =>
        (await this.#runOnce(team, shorter)).problems.some((problem) => kinds.has(kindOf(problem))),
      maxShrinkRuns,
    )
    const file = path.join(this.#dir, `history-${history.seed}.json`)
    writeFileSync(file, JSON.stringify(shortest, undefined, 1))
    const again = await this.#runOnce(team, shortest)
    const steps = shortest.steps.map((step) => step.do).join(', ')
    this.problems.push(
      ...again.problems.map(
        (problem) => `history ${history.seed} (${shortest.steps.length} steps: ${steps}): ${problem}`,
      ),
    )
  }

  /** Runs a history that was stored. */
  async #replay(team: Team, file: string): Promise<void> {
    const history = JSON.parse(readFileSync(file, 'utf8')) as History
    const { problems } = await this.#runOnce(team, history)
    this.rounds = 1
    this.problems.push(...problems)
  }

  #runOnce(team: Team, history: History): Promise<Outcome> {
    return runHistory(team, history, this.#workDir, { losesCommits: this.#fault === 'lost-commit' })
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
