import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { putInFault, type SimulateFault } from './faults.ts'
import { type Outcome, runHistory } from './shrink.ts'
import type { History } from './steps.ts'
import { makeTeam, type Team } from './team.ts'

/** Runs histories in this process, one after the other. */
export class Runner {
  /** Its files are small, written often, and worth nothing afterwards. */
  readonly #dir = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'hubbub-simulate-'))
  readonly #fault: SimulateFault | undefined
  readonly #removeFault: (() => void) | undefined
  #team: Team | undefined

  constructor(fault?: SimulateFault) {
    this.#fault = fault
    this.#removeFault = fault && putInFault(fault)
  }

  async run(history: History): Promise<Outcome> {
    this.#team ??= await makeTeam(this.#dir)
    return runHistory(this.#team, history, this.#dir, { losesCommits: this.#fault === 'lost-commit' })
  }

  /** Twice, if it is to be compared: a second run has the same frames. */
  async runAndCompare(history: History, isCompared: boolean): Promise<Outcome> {
    const outcome = await this.run(history)
    if (!isCompared || outcome.problems.length > 0) return outcome
    const again = await this.run(history)
    if (again.digest === outcome.digest) return outcome
    return { ...outcome, problems: ['its frames differ when it runs again'] }
  }

  close(): void {
    this.#removeFault?.()
    rmSync(this.#dir, { recursive: true, force: true })
  }
}
