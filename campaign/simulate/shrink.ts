import { findProblems } from './checks.ts'
import { Simulation, type SimulationOptions, wordsOf } from './simulation.ts'
import type { History } from './steps.ts'
import type { Team } from './team.ts'

export interface Outcome {
  problems: string[]
  /** Of all frames that arrived: equal for equal histories. */
  digest: string
  acknowledged: number
  frames: number
}

export async function runHistory(
  team: Team,
  history: History,
  dir: string,
  options?: SimulationOptions,
): Promise<Outcome> {
  const simulation = new Simulation(team, history, dir, options)
  let problems: string[]
  try {
    await simulation.begin()
    for (const step of history.steps) await simulation.runStep(step)
    await simulation.finish()
    problems = await findProblems(simulation)
  } catch (error) {
    problems = [...simulation.problems, wordsOf(error)]
  } finally {
    await simulation.end()
  }
  const { watcher } = simulation
  return { problems, digest: watcher.digest(), acknowledged: watcher.acknowledged, frames: watcher.frames }
}

/** Takes steps out of a failing history as long as it fails, large parts first. Returns the shortest that was found. */
export async function shrinkHistory(
  history: History,
  fails: (history: History) => Promise<boolean>,
  maxRuns: number,
): Promise<History> {
  let shortest = history
  let runs = 0
  for (
    let size = Math.ceil(history.steps.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < shortest.steps.length && runs < maxRuns;) {
      const steps = shortest.steps.toSpliced(from, size)
      runs += 1
      if (await fails({ ...shortest, steps })) shortest = { ...shortest, steps }
      else from += size
    }
  }
  return shortest
}
