/*
 * The condition of a search, apart from the syntax of an index. A message must have one of each list of scopes, and one
 * of each list of phrases.
 */

export interface PhraseTerm {
  /** Terms that follow each other. */
  words: readonly string[]
  /** The last term may be the beginning of a longer one. */
  isOpen: boolean
}

export interface SearchExpression {
  scopes: readonly (readonly string[])[]
  phrases: readonly (readonly PhraseTerm[])[]
}

/** Returns true if every message matches. */
export function isUnconditional({ scopes, phrases }: SearchExpression): boolean {
  return scopes.length === 0 && phrases.length === 0
}
