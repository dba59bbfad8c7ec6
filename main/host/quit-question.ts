/** `tray`: the window is hidden, the hub stays. */
export type QuitAnswer = 'quit' | 'tray' | 'cancel'

export interface QuitQuestion {
  message: string
  detail: string
  buttons: { label: string; answer: QuitAnswer }[]
  /** The answer for Escape. */
  cancelAnswer: QuitAnswer
}

/** Returns what to ask before the app ends, or undefined if no other user is affected. A system shutdown never asks. */
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
      others === 1
        ? 'One other person is connected to your hub'
        : `${others} other people are connected to your hub`,
    detail:
      'If you quit, they cannot reach each other until you open Hubbub again. Messages they write in the meantime are saved and sent then.',
    buttons: [
      ...(hasTray ? [{ label: 'Keep running in the background', answer: 'tray' as const }] : []),
      { label: 'Quit anyway', answer: 'quit' },
      { label: 'Cancel', answer: 'cancel' },
    ],
    cancelAnswer: 'cancel',
  }
}
