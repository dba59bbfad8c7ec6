/** `tray`: the windows go, the hub stays. */
export type QuitAnswer = 'quit' | 'tray' | 'cancel'

export interface QuitQuestion {
  message: string
  detail: string
  buttons: { label: string; answer: QuitAnswer }[]
  /** What Escape means. */
  cancelAnswer: QuitAnswer
}

/** What to ask before the app ends, or nothing when nobody would be hurt. The system's own shutdown never asks. */
export function quitQuestion({
  running,
  others,
  hasTray,
}: {
  running: boolean
  others: number
  hasTray: boolean
}): QuitQuestion | undefined {
  if (!running || others === 0) return undefined
  return {
    message:
      others === 1 ? 'One person is connected to your hub' : `${others} people are connected to your hub`,
    detail:
      'When you quit, they cannot reach each other until you open Hubbub again. What they write meanwhile is kept and sent then.',
    buttons: [
      ...(hasTray ? [{ label: 'Keep running in the background', answer: 'tray' as const }] : []),
      { label: 'Quit anyway', answer: 'quit' },
      { label: 'Cancel', answer: 'cancel' },
    ],
    cancelAnswer: 'cancel',
  }
}
