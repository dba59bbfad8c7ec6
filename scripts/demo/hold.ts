import type { Dice } from './random.ts'
import { dialogs, fillings, type Name } from './team.ts'

export interface Line {
  by: Name
  text: string
  /** Pause before it, in ms. */
  after: number
}

/** A dialog held by some of these people: who says a, b and c, and what stands in the braces, is drawn anew. */
export function holdDialog(about: string, people: readonly Name[], dice: Dice): Line[] {
  const dialog = dice.pick(dialogs[about] ?? [])
  const shuffled = [...people].sort(() => dice.next() - 0.5)
  const speaker = (letter: string): Name =>
    shuffled[(('abc'.indexOf(letter) % shuffled.length) + shuffled.length) % shuffled.length] as Name
  return dialog.split('|').map((line) => {
    const [, letter = 'a', text = ''] = /^(.): ([\s\S]*)$/.exec(line) ?? []
    return {
      by: speaker(letter),
      text: sentence(text.replace(/\{(\w+)\}/g, (_, kind: string) => dice.pick(fillings[kind] ?? ['']))),
      after: 15_000 + dice.below(240_000),
    }
  })
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
