import { Random } from '../../test/simulation/random.ts'

/*
 * A history is a list of steps, made from its seed before it runs. Each step has numbers of its own, so that the others stay
 * as they are when it is taken out.
 */

/** What users do and what breaks, each with how often it is chosen. */
const weights = {
  messages: {
    send: 20,
    reply: 4,
    sendInThread: 6,
    mention: 4,
    forward: 2,
    edit: 4,
    editLater: 3,
    delete: 3,
    undelete: 2,
    hide: 2,
    react: 4,
    pin: 2,
    save: 1,
    read: 10,
    readThread: 4,
    markUnread: 2,
    followThread: 2,
    draft: 4,
    lookUp: 2,
    search: 2,
  },
  options: {
    preferences: 2,
    notifyLevel: 1,
    favourite: 2,
    profile: 1,
    status: 1,
    keywords: 1,
    rename: 1,
  },
  files: {
    addFile: 6,
    cancelUpload: 1,
    download: 2,
  },
  chats: {
    joinOrLeave: 2,
    newGroup: 2,
    directChat: 1,
    notes: 1,
    unnamedChat: 1,
    readAll: 1,
    undeleteGroup: 2,
  },
  groups: {
    removeOrAdd: 2,
    changeMember: 1,
    role: 1,
    transfer: 1,
    groupRules: 1,
    archive: 2,
    deleteGroup: 1,
    leaveGroup: 1,
  },
  accounts: {
    endSessions: 1,
    endSession: 1,
    changePassword: 1,
    logIn: 5,
  },
  owner: {
    closeAccount: 1,
    newUser: 1,
    webhook: 2,
  },
  environment: {
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
    wait: 14,
  },
} as const
type StepGroup = keyof typeof weights
export type StepKindOf<G extends StepGroup> = { [K in G]: keyof (typeof weights)[K] }[G]
export type StepKind = StepKindOf<StepGroup>

export interface Step {
  do: StepKind
  /** Chooses who, where, and everything else, each modulo what there is. */
  device: number
  chat: number
  at: number
  /** Of the random numbers until the next step. */
  seed: number
}

export function isStepOf<G extends StepGroup>(step: Step, group: G): step is Step & { do: StepKindOf<G> } {
  return Object.hasOwn(weights[group], step.do)
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
const kinds = Object.values(weights)
  .flatMap((group) => Object.entries(group) as [StepKind, number][])
  .flatMap(([kind, weight]) => Array<StepKind>(weight).fill(kind))

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
