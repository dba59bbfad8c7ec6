import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import { isHigherTerm, parseTerm, signedTextOf, type Term } from '../../shared/term.ts'
import type { KnownHub } from './registry.ts'

/**
 * Returns the record if the key of the pinned hub has signed it. Without a pin nothing can be verified, and an unsigned
 * record must never keep the app away from a hub.
 */
export function verifiedTerm({ id, pin, trust }: KnownHub, record: unknown): Term | undefined {
  const term = parseTerm(record)
  if (!term || trust !== 'pinned' || pin === undefined) return undefined
  const key = createPublicKey(new X509Certificate(pin).publicKey.export({ type: 'spki', format: 'pem' }))
  const signature = Buffer.from(term.sig, 'base64url')
  const isGenuine = verify(
    'sha256',
    Buffer.from(signedTextOf(id, term)),
    { key, dsaEncoding: 'ieee-p1363' },
    signature,
  )
  return isGenuine ? term : undefined
}

/**
 * Compares the term of a `hello` with the known one. `known`: show this record to the hub, which then stops, and look
 * for the hub elsewhere. `keep`: remember this one.
 */
export function compareHello(hub: KnownHub, record: unknown): { known?: Term; keep?: Term } {
  const term = verifiedTerm(hub, record)
  if (isHigherTerm(hub.term, term)) return { known: hub.term as Term }
  return term && isHigherTerm(term, hub.term) ? { keep: term } : {}
}
