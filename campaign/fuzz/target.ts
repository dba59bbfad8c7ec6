import { Random } from '../../test/simulation/random.ts'

/*
 * A target: a way by which text or bytes of others come into the program, with the properties that hold for each input. Its checks
 * run in this process, without a hub, so that an input takes microseconds.
 */

export interface Target<Input = unknown> {
  readonly inputsPerRound: number
  make: (random: Random) => Input
  /** Returns what is wrong. A throw is wrong too. */
  check: (input: Input) => string | undefined | Promise<string | undefined>
  /** What it can be made to do wrong, by the name of the fault. */
  readonly faults: Readonly<Record<string, () => void>>
  close?: () => void
}

/** Only a pattern or a loop that goes back and forth takes that long: inputs have at most 16 KiB. */
const maxInputMs = 1_000
/** Another thread of the process may have been busy. */
const slowAttempts = 3
const maxShrinkAttempts = 400
const shownLength = 600

export interface TargetRun {
  inputs: number
  problem: string | undefined
}

/** Input `n` of a seed is the same in each run, whatever ran before it. */
export async function runTarget<Input>(
  name: string,
  target: Target<Input>,
  seed: number,
  inputs = target.inputsPerRound,
): Promise<TargetRun> {
  for (let n = 0; n < inputs; n += 1) {
    const input = target.make(new Random(mixSeed(name, seed, n)))
    const found = await tryInput(target, input)
    if (found === undefined) continue
    const smallest = typeof input === 'string' ? await shrinkText(target as Target, input, found) : input
    const problem = (await tryInput(target, smallest as Input)) ?? found
    return { inputs: n + 1, problem: `${name}, input ${n}: ${problem}: ${show(smallest)}` }
  }
  return { inputs, problem: undefined }
}

function mixSeed(name: string, seed: number, n: number): number {
  let mixed = Math.imul(seed, 0x9e3779b1) ^ Math.imul(n + 1, 0x85ebca6b)
  for (const letter of name) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193)
  return mixed >>> 0
}

async function tryInput<Input>(target: Target<Input>, input: Input): Promise<string | undefined> {
  let problem = await timeInput(target, input)
  for (let times = 1; times < slowAttempts && problem === 'slow'; times += 1)
    problem = await timeInput(target, input)
  return problem
}

async function timeInput<Input>(target: Target<Input>, input: Input): Promise<string | undefined> {
  const beganAt = performance.now()
  const cpuAt = process.cpuUsage()
  try {
    const found = target.check(input)
    const problem = found instanceof Promise ? await found : found
    return (
      problem ?? (performance.now() - beganAt > maxInputMs && cpuMs(cpuAt) > maxInputMs ? 'slow' : undefined)
    )
  } catch (error) {
    return `it throws ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`
  }
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1_000
}

/** Removes what the problem does not need. */
async function shrinkText(target: Target, text: string, problem: string): Promise<string> {
  let smallest = text
  let attempts = 0
  for (
    let length = Math.ceil(text.length / 2);
    length >= 1;
    length = length === 1 ? 0 : Math.ceil(length / 2)
  ) {
    for (let at = 0; at < smallest.length && attempts < maxShrinkAttempts;) {
      const shorter = smallest.slice(0, at) + smallest.slice(at + length)
      attempts += 1
      if (kindOf(await tryInput(target, shorter)) === kindOf(problem)) smallest = shorter
      else at += length
    }
  }
  return smallest
}

/** Another number in it, or another text that it quotes, is the same problem. */
function kindOf(problem: string | undefined): string | undefined {
  return problem?.replace(/\d+|".*/g, '')
}

function show(input: unknown): string {
  const text = JSON.stringify(input, (_, value: unknown) =>
    isBytes(value) ? Buffer.from(value.data).toString('base64') : value,
  )
  return text.length > shownLength ? `${text.slice(0, shownLength)}… (${text.length} characters)` : text
}

function isBytes(value: unknown): value is { data: number[] } {
  return typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer'
}

/** Returns the first problem of several checks. */
export function firstProblem(...checks: readonly [holds: boolean, problem: string][]): string | undefined {
  return checks.find(([holds]) => !holds)?.[1]
}
