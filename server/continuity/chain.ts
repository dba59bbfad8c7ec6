import { createHash, randomBytes } from 'node:crypto'
import { chainBytes, type Position } from './position.ts'

/*
 * The chain of the row log: equal hashes mean equal frames from the beginning of the log on. A log that was off for a
 * while begins with a random hash, since nobody can tell what was written meanwhile.
 */

/** The position after the frame with this body. */
export function nextPosition({ lsn, chain }: Position, body: Uint8Array): Position {
  const number = Buffer.alloc(8)
  number.writeBigUInt64BE(BigInt(lsn + 1))
  const hash = createHash('sha256').update(Buffer.from(chain, 'hex')).update(number).update(body).digest()
  return { lsn: lsn + 1, chain: hash.toString('hex', 0, chainBytes) }
}

/** Where a log begins after `lsn`. No other log begins there. */
export function firstPosition(lsn: number): Position {
  return { lsn: lsn + 1, chain: randomBytes(chainBytes).toString('hex') }
}
