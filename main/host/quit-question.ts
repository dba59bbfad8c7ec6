import type { UnfinishedWork, WorkKind } from '../unfinished-work.ts'

/** `tray`: the window is hidden, the hub stays. */
export type QuitAnswer = 'quit' | 'tray' | 'cancel'

export interface QuitQuestion {
  message: string
  detail: string
  buttons: { label: string; answer: QuitAnswer | 'hand-over' | 'wait' }[]
  /** The answer for Escape. */
  cancelAnswer: QuitAnswer
}

export interface QuitFacts {
  running: boolean
  others: number
  hasTray: boolean
  /** Name of the standby that could be the hub at once. */
  standby?: string | undefined
  /** Why the hub could not be handed over a moment ago. */
  problem?: string | undefined
}

/** Returns what to ask before the app ends, or undefined if it makes no difference. A system shutdown never asks. */
export function quitQuestion(facts: QuitFacts): QuitQuestion | undefined {
  const { running, others, hasTray, standby, problem } = facts
  if (!running || (others === 0 && standby === undefined && problem === undefined)) return undefined
  return {
    message: problem === undefined ? messageOf(others) : 'The hub was not handed over',
    detail: problem === undefined ? detailOf(facts) : `${problem} ${detailOf(facts)}`,
    buttons: [
      ...(standby === undefined
        ? []
        : [{ label: `Hand over to ${standby} and quit`, answer: 'hand-over' as const }]),
      ...(hasTray ? [{ label: 'Keep running in the background', answer: 'tray' as const }] : []),
      // the end of a hub is a hand-over too, if a standby can take it
      ...(standby === undefined || problem !== undefined
        ? [{ label: 'Quit anyway', answer: 'quit' as const }]
        : []),
      { label: 'Cancel', answer: 'cancel' },
    ],
    cancelAnswer: 'cancel',
  }
}

function messageOf(others: number): string {
  if (others === 0) return 'Your hub runs on this computer'
  return others === 1
    ? 'One other person is connected to your hub'
    : `${others} other people are connected to your hub`
}

function detailOf({ standby }: QuitFacts): string {
  const quit =
    'If you quit, they cannot reach each other until you open Hubbub again. Messages they write in the meantime are saved and sent then.'
  if (standby === undefined) return quit
  return `${standby} has everything and can be the hub at once, so your team goes on without a break.`
}

const workTexts: Readonly<Record<WorkKind, { message: string; detail: string }>> = {
  backup: {
    message: 'A backup is being written',
    detail: 'If you quit now, it is not finished and is removed. Earlier backups stay as they are.',
  },
  restore: {
    message: 'A backup is being restored',
    detail: 'If you quit now, nothing is restored, and this computer hosts what it hosted before.',
  },
  save: { message: 'A file is being saved', detail: 'If you quit now, the file is not saved.' },
}

/** Returns what to ask before work is cut off. */
export function workQuestion(kinds: readonly WorkKind[]): QuitQuestion | undefined {
  const [first] = kinds
  if (first === undefined) return undefined
  const { message } = workTexts[first]
  return {
    message: kinds.length === 1 ? message : 'Hubbub has not finished its work',
    detail: kinds.map((kind) => workTexts[kind].detail).join(' '),
    buttons: [
      { label: 'Quit when it is finished', answer: 'wait' },
      { label: 'Quit now', answer: 'quit' },
      { label: 'Cancel', answer: 'cancel' },
    ],
    cancelAnswer: 'cancel',
  }
}

interface AskOptions {
  hosting: {
    readonly isRunning: boolean
    readonly connectedUsers: number
    readonly handOverTo: { name: string } | undefined
    handOver(): Promise<string>
  }
  work: Pick<UnfinishedWork, 'kinds' | 'settled'>
  hasTray: boolean
  show: (question: QuitQuestion) => Promise<QuitQuestion['buttons'][number]['answer']>
}

/** Asks about work that would be cut off, then about the hub. */
export async function askBeforeQuit(options: AskOptions): Promise<QuitAnswer> {
  const { work, show } = options
  const question = workQuestion(work.kinds)
  const answer = question ? await show(question) : 'quit'
  // the page says what has failed
  const goesOn = answer === 'quit' || (answer === 'wait' && (await work.settled()))
  return goesOn ? askAboutHub(options) : 'cancel'
}

/** Asks until there is an answer that ends the question. A hand-over that fails asks again, with the reason. */
async function askAboutHub({ hosting, hasTray, show }: AskOptions): Promise<QuitAnswer> {
  let problem: string | undefined
  for (;;) {
    const { isRunning: running, connectedUsers: others, handOverTo } = hosting
    const question = quitQuestion({ running, others, hasTray, standby: handOverTo?.name, problem })
    const answer = question ? await show(question) : 'quit'
    if (answer === 'wait') continue
    if (answer !== 'hand-over') return answer
    try {
      await hosting.handOver()
      return 'quit'
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error)
    }
  }
}
