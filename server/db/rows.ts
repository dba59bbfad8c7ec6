/** Numbers and the row itself, with its place in the indexes. */
const rowBytes = 64

/** Approximates the bytes of a row with these values. */
export function bytesOfRow(values: readonly unknown[]): number {
  let bytes = rowBytes
  for (const value of values) {
    if (typeof value === 'string') bytes += Buffer.byteLength(value)
    else if (value instanceof Uint8Array) bytes += value.length
  }
  return bytes
}

/** Returns the name of a column as the rules know it. */
export function camelCase(column: string): string {
  return column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
