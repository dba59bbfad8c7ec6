import { cpSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Random } from '../../test/simulation/random.ts'
import type { Loss } from './compare.ts'
import type { Computer } from './computer.ts'
import type { Network } from './network.ts'
import type { Order } from './orders.ts'

/* What a fault finds in a round, and what most faults do. */

export type Vote = 'hub' | 'standby' | 'third'

/** The computers in the middle of a round. */
export interface Ground {
  hub: Computer
  standby: Computer
  third: Computer | undefined
  vote: Vote
  network: Network
  random: Random
  /** How many requests were acknowledged until now. */
  acknowledged: () => number
  /** The clients write no more. */
  stopWriting: () => Promise<void>
  problems: string[]
}

export interface Fault {
  name: string
  /** Who has the vote in such rounds; missing: either. */
  vote?: Vote
  /** What is gone afterwards by design, beyond what a new epoch permits. */
  loss?: Loss
  /** Needs disks that can be full. */
  fillsDisk?: true
  /** The process may end by itself. */
  mayEnd?: true
  run: (ground: Ground) => Promise<void>
}

/** A standby with the vote waits so long; see timers.ts. */
export const takeOverMs = 10_000
export const pointTimeoutMs = 15_000
/** A computer that changes its role answers late, and the machine may be busy. */
export const commandMs = 60_000

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
export const seconds = ({ random }: Ground, least: number, most: number): Promise<void> =>
  wait((least + random.next() * (most - least)) * 1_000)
export const pick = <T>({ random }: Ground, list: readonly T[]): T => list[random.below(list.length)] as T

export async function until(withinMs: number, check: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + withinMs
  while (performance.now() < end) {
    if (await check()) return true
    await wait(100)
  }
  return false
}

export const isHub = async (computer: Computer): Promise<boolean> => (await computer.status())?.role === 'hub'

export async function takesOver({ standby, problems }: Ground): Promise<void> {
  if (await until(takeOverMs * 3, () => isHub(standby))) return
  problems.push('a standby with the vote did not take over')
}

/** Some order for one of these points, after a few passes. */
export function orderAt(ground: Ground, list: readonly Order['point'][], maxPasses = 1): Order {
  return { point: pick(ground, list), after: 1 + ground.random.below(maxPasses), signal: 'SIGKILL' }
}

/** Both start again, one a little later. */
export async function startBoth(ground: Ground): Promise<void> {
  const { hub, standby, random } = ground
  const [first, second] = random.chance(0.5) ? [hub, standby] : [standby, hub]
  const starting = first.start()
  await seconds(ground, 0, 3)
  await Promise.all([starting, second.start()])
}

/** A standby without the database needs a copy. */
export async function loseData({ standby }: Ground): Promise<void> {
  await standby.kill()
  for (const name of ['hub.db', 'hub.db-wal', 'hub.db-shm', 'continuity/journal'])
    rmSync(path.join(standby.dataDir, name), { recursive: true, force: true })
}

/** Copies a data directory now, and puts it back after `meanwhile`. The computer must not run at either time. */
export async function setBack(computer: Computer, meanwhile: () => Promise<void>): Promise<void> {
  const older = `${computer.dataDir}.older`
  const copy = (from: string, to: string): void =>
    cpSync(from, to, { recursive: true, filter: (name) => path.basename(name) !== 'control' })
  rmSync(older, { recursive: true, force: true })
  copy(computer.dataDir, older)
  await meanwhile()
  await computer.kill()
  rmSync(computer.dataDir, { recursive: true, force: true })
  copy(older, computer.dataDir)
  rmSync(older, { recursive: true, force: true })
}
