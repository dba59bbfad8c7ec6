import { foldName } from '../../shared/text/name-search.ts'

/**
 * The item that typed letters lead to, from the active one on; undefined if none begins with them. The same letter again leads
 * to the next item; a longer beginning keeps the active one while it has it.
 */
export function findByLetters(names: readonly string[], active: number, typed: string): number | undefined {
  const letters = [...typed]
  const isRepeated = letters.every((letter) => letter === letters[0])
  const wanted = foldName(isRepeated ? (letters[0] ?? '') : typed)
  const start = Math.max(0, isRepeated ? active + 1 : active)
  const order = names.map((_, i) => (start + i) % names.length)
  return order.find((i) => foldName((names[i] as string).trim()).startsWith(wanted))
}
