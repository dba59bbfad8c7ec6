import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { Random } from '../../test/simulation/random.ts'
import { newId } from '../../server/ids.ts'

/*
 * The ids and delays of a history come from its seed, so that a second run has the same: a list that is sorted by ids has the
 * same order.
 */

/** Makes the random numbers of the process those of a seed. Returns what ends it. */
export function seedRandomness(seed: number): () => void {
  const random = new Random(seed)
  const real = {
    ...{
      randomBytes: crypto.randomBytes,
      randomUUID: crypto.randomUUID,
      randomFillSync: crypto.randomFillSync,
    },
    ...{ random: Math.random },
  }
  const bytes = (size: number): Buffer => Buffer.from(Array.from({ length: size }, () => random.below(256)))
  let fills = 0
  Object.assign(crypto, {
    randomBytes: (size: number, done?: (error: null, bytes: Buffer) => void) => {
      if (!done) return bytes(size)
      done(null, bytes(size))
      return undefined
    },
    randomUUID: () => uuidOf(bytes(16)),
    randomFillSync: (into: Buffer) => {
      fills += 1
      into.set(bytes(into.length))
      return into
    },
  })
  Math.random = () => random.next()
  syncBuiltinESMExports()
  // the hub has a store of random bytes: it is used up, so that the next ids are of this seed
  while (fills === 0) newId()
  return () => {
    Math.random = real.random
    Object.assign(crypto, {
      ...{ randomBytes: real.randomBytes, randomUUID: real.randomUUID, randomFillSync: real.randomFillSync },
    })
    syncBuiltinESMExports()
  }
}

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}
