import type { KeyObject } from 'node:crypto'
import { parseTerm, signedTextOf, type Term } from '../../shared/term.ts'
import { isSignedBy, signText } from './node-key.ts'
import type { Position } from './position.ts'

const msPerMinute = 60_000

/**
 * Returns the number of a new term. Minutes since 1970 put a restored hub above terms that nobody remembers any more.
 * @param highest the highest number that this computer knows
 */
export function nextTermNumber(highest: number, now: number): number {
  return Math.max(highest + 1, Math.floor(now / msPerMinute))
}

export interface NewTerm {
  node: string
  epoch: string
  position: Position
  /** The highest term that this computer knows. */
  previous: Term | undefined
  now: number
}

/** Makes a term that is higher than the previous one, signed by the key of the hub. */
export function makeTerm(
  key: KeyObject,
  hubId: string,
  { node, epoch, position, previous, now }: NewTerm,
): Term {
  const unsigned = {
    n: nextTermNumber(previous?.n ?? 0, now),
    node,
    epoch,
    lsn: position.lsn,
    chain: position.chain,
    prev: previous === undefined ? null : ([previous.n, previous.node] as const),
    at: now,
  }
  return { ...unsigned, sig: signText(key, signedTextOf(hubId, unsigned)) }
}

/** Returns the term if its shape is right and the key of the hub has signed it. */
export function verifyTerm(publicKey: KeyObject, hubId: string, value: unknown): Term | undefined {
  const term = parseTerm(value)
  return term && isSignedBy(publicKey, signedTextOf(hubId, term), term.sig) ? term : undefined
}
