/**
 * A record, signed by the key of the hub, that says which computer may write for the hub. Clients keep the highest one
 * that they know. A computer that is shown a higher one than its own stops writing.
 */
export interface Term {
  /** Larger than that of every earlier term that its maker knew. */
  readonly n: number
  /** The id of the computer that may write: base64url SHA-256 of its public key. */
  readonly node: string
  /** The history that the term belongs to. */
  readonly epoch: string
  /** The position in the row log at which the term begins. */
  readonly lsn: number
  /** Hex, 16 bytes. */
  readonly chain: string
  /** Number and computer of the term before it. */
  readonly prev: readonly [n: number, node: string] | null
  /** Wall time in ms, for display only. */
  readonly at: number
  /** ECDSA P-256 with SHA-256 in the form of IEEE P1363, base64url. */
  readonly sig: string
}

/** Negative if `a` is lower, 0 if both name the same computer and number, positive if `a` is higher. */
export function compareTerms(a: Pick<Term, 'n' | 'node'>, b: Pick<Term, 'n' | 'node'>): number {
  if (a.n !== b.n) return a.n - b.n
  if (a.node === b.node) return 0
  return a.node < b.node ? -1 : 1
}

/** Returns true if `a` is higher. No term is the lowest. */
export function isHigherTerm(
  a: Pick<Term, 'n' | 'node'> | undefined,
  than: Pick<Term, 'n' | 'node'> | undefined,
): boolean {
  if (!a || !than) return a !== undefined && than === undefined
  return compareTerms(a, than) > 0
}

/** Returns the text that the signature of a term covers. */
export function signedTextOf(hubId: string, term: Omit<Term, 'sig'>): string {
  const prev = term.prev === null ? ':' : `${term.prev[0]}:${term.prev[1]}`
  const lines = ['hubbub-term-1', hubId, term.n, term.node, term.epoch, term.lsn, term.chain, prev, term.at]
  return lines.join('\n')
}

/** Returns the record if it has the shape of a term. Its signature is still to be verified. */
export function parseTerm(value: unknown): Term | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { n, node, epoch, lsn, chain, prev, at, sig } = value as Record<string, unknown>
  const isWhole = isCount(n) && isCount(lsn) && isCount(at)
  const isText = isId(node) && isId(epoch) && isId(sig) && typeof chain === 'string' && isChain.test(chain)
  if (!isWhole || !isText) return undefined
  if (prev === null) return { n, node, epoch, lsn, chain, prev, at, sig }
  if (!Array.isArray(prev) || prev.length !== 2) return undefined
  const [prevN, prevNode] = prev as unknown[]
  if (!isCount(prevN) || !isId(prevNode)) return undefined
  return { n, node, epoch, lsn, chain, prev: [prevN, prevNode], at, sig }
}

const isChain = /^[0-9a-f]{32}$/
const maxIdLength = 128

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** base64url, so that no part of the signed text can contain a line break. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxIdLength && /^[\w-]+$/.test(value)
}
