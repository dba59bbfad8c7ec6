// The one rule for names after an @: the page, the hub and the notifications all use it.
import { scriptOf } from './scripts.ts'
import { countCharacters, foldCase } from './names.ts'

const maxNameLength = 32
const namePunctuation = /[._\-'’＇\u02BC]/u

/** Returns the names of users that the text after an @ can stand for, longest first. */
export function mentionReadings(run: string): string[] {
  return nameReadings(run).filter((name) => {
    const length = countCharacters(name)
    return length >= 2 && length <= maxNameLength
  })
}

/**
 * Returns the names that the text after a sign can stand for, longest first: "bob's" can be "bob's" or "bob", "bobさん" can be
 * "bob". A name ends at the end of the text, at punctuation, at an apostrophe or where the script changes.
 */
export function nameReadings(run: string): string[] {
  const readings: string[] = []
  let script: string | undefined
  let end = 0
  for (const character of run) {
    const next = scriptOf(character)
    const changes = script !== undefined && next !== undefined && script !== next
    if (changes || namePunctuation.test(character)) readings.push(run.slice(0, end))
    script = next ?? script
    end += character.length
  }
  readings.push(run)
  return readings.reverse()
}

/** Returns the key of a name as typed after an @. Phones type an apostrophe as a quotation mark. */
export function mentionKey(name: string): string {
  return foldCase(name.replace(/[’＇]/gu, "'"))
}

/** Returns the longest reading that the lookup knows, with what it found. */
export function resolveReading<T>(
  readings: readonly string[],
  find: (key: string) => T | undefined,
): { found: T; name: string } | undefined {
  for (const name of readings) {
    const found = find(mentionKey(name))
    if (found !== undefined) return { found, name }
  }
  return undefined
}
