import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type CampaignOptions, type CampaignResult, parseFault } from '../result.ts'
import { runDoor } from './door.ts'
import { doorFaults, type DoorName, doorNames, openDoor } from './doors.ts'
import { putInFault, type RequestFault, requestFaults } from './request-faults.ts'
import { type RequestCounts, runRequestRound } from './requests.ts'

/*
 * Sends made-up inputs to a hub, by all requests of the contract, and to each place that reads what others have written: see the
 * files in `doors/`. A round is a new hub and a number of inputs for each door.
 */

export const fuzzFaults = [...requestFaults, ...Object.keys(doorFaults)]
const requestsName = 'requests'

export async function runFuzzCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const fault = parseFault(options, fuzzFaults)
  const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-fuzz-doors-'))
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
  readonly #doors = new Map<DoorName, Awaited<ReturnType<typeof openDoor>>>()
  readonly #times = new Map<DoorName, number>()
  #removeFault = (): void => undefined
  readonly counts: Record<string, number> & RequestCounts = { inputs: 0, taken: 0, refused: 0 }
  readonly problems: string[] = []

  constructor({ only, fault }: CampaignOptions, dir: string) {
    this.#only = only
    this.#fault = fault
    this.#dir = dir
  }

  async open(): Promise<void> {
    const faulty = doorFaults[this.#fault ?? '']
    const only = faulty ?? this.#only
    for (const name of doorNames) {
      if (this.#isRequestFault || (only !== undefined && only !== name)) continue
      const door = await openDoor(name, this.#dir)
      this.#doors.set(name, door)
      if (faulty === name) door.faults[this.#fault ?? '']?.()
    }
    if (this.#isRequestFault) this.#removeFault = putInFault(this.#fault as RequestFault)
  }

  async runRound(seed: number): Promise<void> {
    const problems: string[] = []
    if (this.#isRequestFault || this.#only === undefined || this.#doors.size === 0) {
      const only = this.#only === requestsName ? undefined : this.#only
      if (!this.#hasDoorFault) problems.push(...(await runRequestRound(seed, this.counts, only)))
    }
    for (const [name, door] of this.#doors) {
      if (problems.length > 0) break
      const beganAt = performance.now()
      const { inputs, problem } = await runDoor(name, door, seed)
      this.#count(name, inputs, performance.now() - beganAt)
      if (problem !== undefined) problems.push(problem)
    }
    this.problems.push(...problems.map((problem) => `seed ${seed}: ${problem}`))
  }

  close(): void {
    this.#removeFault()
    for (const door of this.#doors.values()) door.close?.()
  }

  #count(name: DoorName, inputs: number, ms: number): void {
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

  get #hasDoorFault(): boolean {
    return doorFaults[this.#fault ?? ''] !== undefined
  }
}
