/** A place in the row log: the number of a frame, and the hash over it and all frames before. */
export interface Position {
  readonly lsn: number
  /** 16 bytes in hex. */
  readonly chain: string
}

export const chainBytes = 16

/** For frames of the stream that are about no place in the log. */
export const noPosition: Position = { lsn: 0, chain: '0'.repeat(2 * chainBytes) }

/** Two logs with equal positions have equal frames up to there. */
export function isSamePosition(a: Position, b: Position): boolean {
  return a.lsn === b.lsn && a.chain === b.chain
}

/** Checks a position that came from another computer. */
export function isPosition(value: unknown): value is Position {
  if (typeof value !== 'object' || value === null) return false
  const { lsn, chain } = value as Partial<Record<keyof Position, unknown>>
  return (
    typeof lsn === 'number' &&
    Number.isSafeInteger(lsn) &&
    lsn >= 0 &&
    typeof chain === 'string' &&
    /^[0-9a-f]{32}$/.test(chain)
  )
}
