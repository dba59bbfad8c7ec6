/** The wire format of continuity: which computer is the hub, and which ones could be. */

/**
 * The record that says who may write. The hub's key signs it. Clients keep the highest one they know, and show it to a
 * hub with a lower one, which verifies it and stops.
 */
export interface Term {
  n: number
  /** The computer that is the hub in this term. */
  node: string
  epoch: string
  /** Where the term begins: number of the last frame of the row log, and the hash of the chain there, in hex. */
  lsn: number
  chain: string
  prev: [n: number, node: string] | null
  /** Milliseconds since 1970, for display only. */
  at: number
  /** ECDSA P-256 with SHA-256 over `termText`, IEEE P1363, base64url. */
  sig: string
}

/**
 * `alone`: there is a standby, but what is written now is on one computer. `together`: two computers have everything.
 * `none`: there is no standby.
 */
export type Safety = 'alone' | 'together' | 'none'

/** Header of a response over HTTP with the `held` of `ok`: see FromHub. */
export const heldHeader = 'x-hubbub-held'

const maxTextLength = 200

/** Returns true if the value has the form of a term. Only the hub's key tells whether it is one. */
export function isTerm(value: unknown): value is Term {
  if (typeof value !== 'object' || value === null) return false
  const { n, node, epoch, lsn, chain, prev, at, sig } = value as Record<string, unknown>
  return (
    [n, lsn, at].every((number) => Number.isSafeInteger(number) && (number as number) >= 0) &&
    [node, epoch, chain, sig].every((text) => isShortLine(text) && text !== '') &&
    (prev === null || isPrevious(prev))
  )
}

function isPrevious(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && Number.isSafeInteger(value[0]) && isShortLine(value[1])
}

/** A line feed would let two records have one signed text. */
function isShortLine(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxTextLength && /^[\w-]*$/.test(value)
}

/** Negative if `a` is lower, 0 if they are the same term, positive if `a` is higher. No term is the lowest. */
export function compareTerms(
  a: Pick<Term, 'n' | 'node'> | undefined,
  b: Pick<Term, 'n' | 'node'> | undefined,
): number {
  if (!a || !b) return Number(a !== undefined) - Number(b !== undefined)
  if (a.n !== b.n) return a.n - b.n
  if (a.node === b.node) return 0
  return a.node > b.node ? 1 : -1
}

/** The text that `sig` signs. */
export function termText(hubId: string, term: Omit<Term, 'sig'>): string {
  const { n, node, epoch, lsn, chain, prev, at } = term
  const before = prev === null ? '' : `${prev[0]}:${prev[1]}`
  return ['hubbub-term-1', hubId, n, node, epoch, lsn, chain, before, at].join('\n')
}
