import type { SeededRandom } from './seeded-random.ts'
import { dialogs, placeholders, type DemoUsername } from './team.ts'

export interface DialogLine {
  author: DemoUsername
  text: string
  /** Pause before this line, in ms. */
  delayMs: number
}

/**
 * Creates a dialog between some of these users. The speakers a, b and c and the placeholders in braces are drawn each
 * time.
 */
export function createDialog(
  about: string,
  users: readonly DemoUsername[],
  dice: SeededRandom,
): DialogLine[] {
  const dialog = dice.pick(dialogs[about] ?? [])
  const shuffled = [...users].sort(() => dice.next() - 0.5)
  const speaker = (letter: string): DemoUsername =>
    shuffled[(('abc'.indexOf(letter) % shuffled.length) + shuffled.length) % shuffled.length] as DemoUsername
  return dialog.split('|').map((line) => {
    const [, letter = 'a', text = ''] = /^(.): ([\s\S]*)$/.exec(line) ?? []
    return {
      author: speaker(letter),
      text: capitalize(
        text.replace(/\{(\w+)\}/g, (_, kind: string) => dice.pick(placeholders[kind] ?? [''])),
      ),
      delayMs: 15_000 + dice.below(240_000),
    }
  })
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
