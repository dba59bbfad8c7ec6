import { Random } from '../../test/simulation/random.ts'

/*
 * A history is a list of steps, made from its seed before it runs. Each step has numbers of its own, so that the others stay
 * as they are when it is taken out.
 */

/** What users do and what breaks, each with how often it is chosen. */
const weights = {
  send: 20,
  reply: 4,
  sendInThread: 6,
  edit: 4,
  delete: 2,
  react: 4,
  read: 10,
  readThread: 4,
  markUnread: 2,
  draft: 4,
  preferences: 2,
  joinOrLeave: 2,
  removeOrAdd: 2,
  rename: 1,
  save: 1,
  mention: 4,
  editLater: 3,
  hide: 2,
  pin: 2,
  followThread: 2,
  notifyLevel: 1,
  profile: 1,
  keywords: 1,
  favourite: 2,
  role: 1,
  newGroup: 1,
  lookUp: 2,
  endSessions: 1,
  changePassword: 1,
  logIn: 4,
  pry: 1,
  openTab: 4,
  closeTab: 2,
  reload: 2,
  kill: 2,
  cut: 4,
  silence: 2,
  offline: 2,
  online: 8,
  slow: 3,
  quick: 5,
  crash: 3,
  restart: 1,
  stop: 1,
  start: 8,
  hubClock: 1,
  deviceClock: 1,
  wake: 2,
  wait: 12,
} as const
export type StepKind = keyof typeof weights

export interface Step {
  do: StepKind
  /** Chooses who, where, and everything else, each modulo what there is. */
  device: number
  chat: number
  at: number
  /** Of the random numbers until the next step. */
  seed: number
}

export interface History {
  seed: number
  /** Entries are lost and frames come twice: more than a network does. */
  isLossy: boolean
  /** The hub limits requests. */
  isLimited: boolean
  steps: readonly Step[]
}

const stepCounts = { least: 10, spread: 80 }
const kinds = Object.entries(weights).flatMap(([kind, weight]) =>
  Array<StepKind>(weight).fill(kind as StepKind),
)

export function makeHistory(seed: number): History {
  const random = new Random(seed)
  const isLossy = random.below(4) === 0
  const isLimited = random.below(4) === 0
  const count = stepCounts.least + random.below(stepCounts.spread)
  const steps = Array.from({ length: count }, () => ({
    do: kinds[random.below(kinds.length)] as StepKind,
    ...{ device: random.below(1_000), chat: random.below(1_000), at: random.below(1_000) },
    seed: random.below(2 ** 31),
  }))
  return { seed, isLossy, isLimited, steps }
}
