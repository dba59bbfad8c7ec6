/*
 * The condition of a search, apart from the syntax of an index. A message must have one of each list of scopes, and one
 * of each list of phrases, and none of what is left out. An index can leave out messages only of those that it finds: with
 * `without`, there is a list of scopes or phrases.
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
  without?: { readonly scopes: readonly string[]; readonly phrases: readonly PhraseTerm[] } | undefined
}

/** Returns true if every message matches. */
export function isUnconditional({ scopes, phrases }: SearchExpression): boolean {
  return scopes.length === 0 && phrases.length === 0
}
