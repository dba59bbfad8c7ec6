import type { HasFilter } from '../../shared/contract/search.ts'

/** `mentions` are those of the user. */
export type IsFilter = 'pinned' | 'thread' | 'mentions'

/** A filter of a search, besides its text. */
export type SearchChip =
  | { kind: 'in'; chatId: string }
  | { kind: 'from'; userId: string }
  | { kind: 'has'; has: HasFilter }
  | { kind: 'is'; is: IsFilter }
  /** `typed` is its label; `at` the time it means. */
  | { kind: 'before' | 'after'; typed: string; at: number }

export interface SearchQuery {
  text: string
  chips: readonly SearchChip[]
}

export function isEmptyQuery({ text, chips }: SearchQuery): boolean {
  return text.trim() === '' && chips.every(({ kind }) => kind === 'in')
}
