import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type CampaignOptions, type CampaignResult, parseFault } from '../result.ts'
import { runTarget } from './target.ts'
import { targetFaults, type TargetName, targetNames, openTarget } from './targets.ts'
import { putInFault, type RequestFault, requestFaults } from './request-faults.ts'
import { type RequestCounts, runRequestRound } from './requests.ts'

/*
 * Sends made-up inputs to a hub, by all requests of the contract, and to each place that reads what others have written: see the
 * files in `targets/`. A round is a new hub and a number of inputs for each target.
 */

export const fuzzFaults = [...requestFaults, ...Object.keys(targetFaults)]
const requestsName = 'requests'

export async function runFuzzCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const fault = parseFault(options, fuzzFaults)
  const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-fuzz-targets-'))
  const fuzz = new Fuzz(options, dir)
  const beganAt = performance.now()
  const endsAt = beganAt + options.minutes * 60_000
  let rounds = 0
  try {
    await fuzz.open()
    while (rounds < options.rounds && performance.now() < endsAt && fuzz.problems.length === 0) {
      await fuzz.runRound(options.seed + rounds)
      rounds += 1
      options.onRound?.(`round ${rounds}: ${fuzz.counts['inputs']} inputs`)
    }
  } finally {
    fuzz.close()
    rmSync(dir, { recursive: true, force: true })
  }
  return {
    ...{ campaign: 'fuzz', seed: options.seed, rounds, counts: fuzz.counts, problems: fuzz.problems },
    seconds: Math.round((performance.now() - beganAt) / 1_000),
    ...(fault !== undefined && { fault }),
  }
}

class Fuzz {
  readonly #only: string | undefined
  readonly #fault: string | undefined
  readonly #dir: string
  readonly #targets = new Map<TargetName, Awaited<ReturnType<typeof openTarget>>>()
  readonly #times = new Map<TargetName, number>()
  #removeFault = (): void => undefined
  readonly counts: Record<string, number> & RequestCounts = { inputs: 0, taken: 0, refused: 0 }
  readonly problems: string[] = []

  constructor({ only, fault }: CampaignOptions, dir: string) {
    this.#only = only
    this.#fault = fault
    this.#dir = dir
  }

  async open(): Promise<void> {
    const faulty = targetFaults[this.#fault ?? '']
    const only = faulty ?? this.#only
    for (const name of targetNames) {
      if (this.#isRequestFault || (only !== undefined && only !== name)) continue
      const target = await openTarget(name, this.#dir)
      this.#targets.set(name, target)
      if (faulty === name) target.faults[this.#fault ?? '']?.()
    }
    if (this.#isRequestFault) this.#removeFault = putInFault(this.#fault as RequestFault)
  }

  async runRound(seed: number): Promise<void> {
    const problems: string[] = []
    if (this.#isRequestFault || this.#only === undefined || this.#targets.size === 0) {
      const only = this.#only === requestsName ? undefined : this.#only
      if (!this.#hasTargetFault) problems.push(...(await runRequestRound(seed, this.counts, only)))
    }
    for (const [name, target] of this.#targets) {
      if (problems.length > 0) break
      const beganAt = performance.now()
      const { inputs, problem } = await runTarget(name, target, seed)
      this.#count(name, inputs, performance.now() - beganAt)
      if (problem !== undefined) problems.push(problem)
    }
    this.problems.push(...problems.map((problem) => `seed ${seed}: ${problem}`))
  }

  close(): void {
    this.#removeFault()
    for (const target of this.#targets.values()) target.close?.()
  }

  #count(name: TargetName, inputs: number, ms: number): void {
    const all = (this.counts[name] ?? 0) + inputs
    const time = (this.#times.get(name) ?? 0) + ms
    this.#times.set(name, time)
    this.counts.inputs += inputs
    this.counts[name] = all
    this.counts[`${name} a second`] = Math.round(all / (time / 1_000))
  }

  get #isRequestFault(): boolean {
    return requestFaults.some((name) => name === this.#fault)
  }

  get #hasTargetFault(): boolean {
    return targetFaults[this.#fault ?? ''] !== undefined
  }
}
