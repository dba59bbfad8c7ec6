/*
 * Points of the program at which a computer can be stopped or killed. `points.ts` knows where they are; nothing of it is in
 * the program.
 */

export const hubPoints = ['before-ship', 'before-commit', 'before-release'] as const
export const standbyPoints = ['before-journal', 'after-journal', 'during-apply'] as const
export const copyPoints = ['during-copy', 'before-install', 'after-install'] as const
export const sealPoints = ['before-seal', 'after-seal'] as const
export const takeOverPoints = ['before-take-over', 'after-apply-all', 'before-term', 'after-term'] as const
export const alonePoints = ['before-alone', 'after-alone'] as const
export const togetherPoints = ['before-together', 'after-together'] as const
/** Of a third computer. */
export const votePoints = ['before-vote', 'after-vote'] as const
export const stepDownPoints = ['before-step-down', 'after-step-down'] as const

type Point =
  | (typeof hubPoints)[number]
  | (typeof standbyPoints)[number]
  | (typeof copyPoints)[number]
  | (typeof sealPoints)[number]
  | (typeof takeOverPoints)[number]
  | (typeof alonePoints)[number]
  | (typeof togetherPoints)[number]
  | (typeof stepDownPoints)[number]
  | (typeof votePoints)[number]

export interface Order {
  point: Point
  /** At which pass. */
  after: number
  signal: 'SIGKILL' | 'SIGSTOP'
}
