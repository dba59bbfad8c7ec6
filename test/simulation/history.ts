import type { TimerName } from '../../server/continuity/rule-types.ts'
import type { Computer } from './computer.ts'
import type { Mutant } from './mutants.ts'
import { type Setting, World } from './world.ts'

/*
 * One history: a hub and a standby, with a third computer in some settings. Everything that can happen does, at any
 * moment. Then the network heals, and what was promised is checked.
 */

const stepCount = 150

export const settings: readonly Setting[] = (['hub', 'standby', 'v'] as const).flatMap((initialTie) =>
  [false, true].map((isForced) => ({
    name: `vote with ${initialTie === 'v' ? 'a third computer' : `the ${initialTie}`}${isForced ? ', forced' : ''}`,
    ...{ initialTie, isForced, crashWithinEvent: 0.012 },
  })),
)

export interface Outcome {
  readonly problems: readonly string[]
  readonly history: readonly string[]
  readonly counts: World['counts']
}

export interface Options {
  mutant?: Mutant | undefined
  isTracing?: boolean
}

export function runHistory(setting: Setting, seed: number, options: Options = {}): Outcome {
  const world = new World(setting, seed, options)
  const problems: string[] = []
  try {
    const steps = world.third ? stepCount * 1.5 : stepCount
    for (let step = 0; step < steps; step += 1) act(world)
    heal(world)
    problems.push(...check(world))
  } catch (error) {
    problems.push((error as Error).message)
  }
  problems.push(...world.clients.problems)
  return { problems, history: world.history, counts: world.counts }
}

/** Something happens. */
function act(world: World): void {
  const { random } = world
  const computer = random.chance(0.5) ? world.a : world.b
  const dice = random.below(1000)
  if (dice < 480) return deliver(world)
  if (dice < 680) return submit(world)
  if (dice < 790) return fireTimer(world, computer)
  if (dice < 870) return maintain(world, computer)
  if (dice < 920) return disturb(world, computer)
  if (dice < 945) return orderSomething(world, computer)
  if (world.third) return moveThird(world, computer)
}

function deliver(world: World): void {
  if (world.hasLetters) world.deliverOne()
  else maintain(world, world.random.chance(0.5) ? world.a : world.b)
}

function submit(world: World): void {
  const { random, hub, clients } = world
  const ties = world.third ? ['hub', 'standby', 'v'] : ['hub', 'standby']
  for (const computer of [world.a, world.b]) {
    if (!computer.isHub || (computer !== hub && random.chance(0.5))) continue
    if (clients.highest && random.chance(0.15)) world.tellTerm(computer, clients.highest)
    world.operations += 1
    computer.write(world.operations, random.chance(0.03) ? ties[random.below(ties.length)] : undefined)
  }
}

function fireTimer({ random }: World, computer: Computer): void {
  if (!computer.isUp || computer.timers.size === 0) return
  const names = [...computer.timers]
  fire(computer, names[random.below(names.length)] as TimerName)
}

function fire(computer: Computer, name: TimerName): void {
  computer.timers.delete(name)
  computer.handle({ on: name })
}

/** What computers do to come together: dial, start again, copy. */
function maintain(world: World, computer: Computer): void {
  const { random } = world
  if (!computer.isUp) return random.chance(0.4) ? start(world, computer) : undefined
  if (computer.disk.state.role !== 'standby') return
  if (computer.isCopying) return finishCopy(world, computer)
  if (!world.sessions.has(computer.name)) world.connect(computer)
}

function start(world: World, computer: Computer): void {
  if (world.random.chance(0.3) && computer.disk.setBack(world.random))
    world.trace(`${computer.name} has an earlier disk`)
  computer.start()
}

function finishCopy(world: World, computer: Computer): void {
  const from = world.other(computer)
  const { state } = from.disk
  if (!from.isUp || state.role === 'standby' || state.term.n !== computer.disk.state.term.n) return
  computer.finishCopy(from.disk.log)
}

function disturb(world: World, computer: Computer): void {
  const { random } = world
  const dice = random.below(10)
  if (dice < 3) world.disconnect(computer)
  else if (dice < 4) endPeer(world, computer)
  else if (dice < 6) crash(world, computer)
  else if (dice < 7) computer.disk.takeSnapshot()
  else if (dice < 8) world.loseLetters()
  else if (dice < 9) computer.handle({ on: 'look' })
  else if (random.chance(0.15) && computer.disk.state.role === 'standby') computer.handle({ on: 'diverged' })
}

function endPeer(world: World, computer: Computer): void {
  const session = computer.node.hub?.peer?.session
  if (session === undefined) return
  computer.handle({ on: 'peerGone', session })
  world.after(world.other(computer), { on: 'hubGone', session })
  world.sessions.delete(world.other(computer).name)
}

function crash(world: World, computer: Computer): void {
  if (!computer.isUp) return
  const session = world.sessions.get(computer.name)
  world.sessions.delete(computer.name)
  computer.crash()
  const other = world.other(computer)
  if (session !== undefined) world.after(other, { on: 'peerGone', session })
  endSessionOf(world, other)
}

/** The other side of a connection notices, sooner or later, that the hub has crashed. */
function endSessionOf(world: World, standby: Computer): void {
  const session = world.sessions.get(standby.name)
  if (session === undefined || !world.random.chance(0.5)) return
  world.sessions.delete(standby.name)
  world.after(standby, { on: 'hubGone', session })
}

function orderSomething(world: World, computer: Computer): void {
  const { role } = computer.disk.state
  const dice = world.random.below(10)
  if (dice < 4) computer.handle({ on: 'handover' })
  else if (dice < 5 && role === 'hub') computer.handle({ on: 'sync', isOn: world.random.chance(0.5) })
  else if (dice < 6 && role === 'standby') computer.handle({ on: 'quit' })
  else if (world.setting.isForced && computer.isUp) computer.handle({ on: 'takeOver' })
}

function moveThird(world: World, computer: Computer): void {
  const { third, random } = world
  if (!third) return
  const dice = random.below(10)
  if (!third.isUp) return random.chance(0.5) ? third.start({ isSetBack: random.chance(0.3) }) : undefined
  if (dice < 6) return world.connectThird(computer)
  if (dice < 7) return third.crash()
  if (dice < 8) return third.takeSnapshot()
  const session = third.voter.sessions[computer.name]
  if (session !== undefined) computer.handle({ on: 'voterGone', session })
}

const healingRounds = 60

/** Everybody is there, and nothing is lost any more. */
function heal(world: World): void {
  world.isHealed = true
  world.trace('the network heals')
  const { third } = world
  for (const computer of [world.a, world.b]) if (!computer.isUp) computer.start()
  for (const computer of [world.a, world.b]) computer.handle({ on: 'sync', isOn: true })
  if (third && !third.isUp) third.start({ isSetBack: false })
  for (let round = 0; round < healingRounds; round += 1) {
    while (world.hasLetters) world.deliverOne()
    if (round > 0 && isWell(world)) return
    // what was lost on a connection never comes: every connection ends once
    if (round % 4 === 0) reconnectAll(world)
    for (const computer of [world.a, world.b]) {
      maintain(world, computer)
      if (world.third && (round === 0 || round % 8 === 4)) world.connectThird(computer)
    }
    while (world.hasLetters) world.deliverOne()
    for (const computer of [world.a, world.b]) for (const name of [...computer.timers]) fire(computer, name)
    if (world.hub) submit(world)
  }
}

/** Half-open connections end, and the two exchange their terms. */
function reconnectAll(world: World): void {
  const [a, b] = [world.a, world.b]
  for (const computer of [a, b]) {
    if (!computer.isUp) computer.start()
    if (computer.disk.state.role === 'standby' && !computer.isCopying) world.disconnect(computer)
  }
  world.tellTerm(a, b.disk.state.term)
  world.tellTerm(b, a.disk.state.term)
}

function isWell(world: World): boolean {
  const { hub } = world
  if (!hub || hub.batch) return false
  const other = world.other(hub)
  const { standby } = other.node
  return hub.node.hub?.peer?.inStep === true && standby?.isEligible === true && standby.isConnected
}

function check(world: World): string[] {
  const { hub } = world
  if (!hub) return ['nobody is the hub']
  if (!isWell(world)) return ['the standby did not get in step']
  const other = world.other(hub)
  world.operations += 1
  hub.write(world.operations, undefined)
  while (world.hasLetters) world.deliverOne()
  const problems: string[] = []
  if (!world.clients.sends.has(world.operations)) problems.push('the hub does not write')
  other.disk.apply(other.disk.journalEnd)
  const mine = hub.disk.log
  const isEqual = mine.length === other.disk.log.length && mine.at(-1)?.chain === other.disk.log.at(-1)?.chain
  if (!isEqual) problems.push('the replicas differ')
  return [...problems, ...findLost(world, hub)]
}

function findLost(world: World, hub: Computer): string[] {
  const stored = new Map(hub.disk.log.map(({ id, lsn }) => [id, lsn]))
  const aside = new Set([world.a, world.b].flatMap(({ disk }) => disk.aside.flat().map(({ id }) => id)))
  const lost: string[] = []
  for (const [id, { lsn, isKept }] of world.clients.sends) {
    const at = stored.get(id)
    if (at === lsn) continue
    if (world.setting.isForced && (isKept || aside.has(id))) continue
    lost.push(at === undefined ? `${id} is lost` : `${id} moved from ${lsn} to ${at}`)
  }
  return lost
}
