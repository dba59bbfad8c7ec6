import type { Generated } from 'kysely'

/** A computer that follows this hub, or holds a vote. */
export interface StandbyTable {
  /** base64url SHA-256 of its public key. */
  node: string
  name: string
  kind: 'standby' | 'vote'
  /** Its public key (SPKI, DER). */
  key: Buffer
  grantedBy: string
  grantedAt: number
  revokedAt: number | null
  /** The hub's signature, which other computers verify. */
  grantSig: string
}

/** One row, id 1, about this file: where its row log ends. In no log itself; see server/continuity/. */
export interface PositionTable {
  id: number
  term: Generated<number>
  lsn: Generated<number>
  /** Null while the log is off. */
  chain: string | null
}
