/** Makes UUIDs of version 7, each greater than the one before, also if the clock stops or is set back. */
export function createUuidGenerator(
  now: () => number,
  randomBytes: (count: number) => Uint8Array,
): () => string {
  let last = 0
  let counter = 0
  return () => {
    const bytes = randomBytes(16)
    const time = now()
    if (time > last) {
      last = time
      counter = ((bytes[6] ?? 0) & 0x07) << 8
    } else if (counter < 0xfff) {
      counter += 1
    } else {
      last += 1
      counter = 0
    }
    for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(last / 2 ** (8 * (5 - i))) & 0xff
    bytes[6] = 0x70 | (counter >> 8)
    bytes[7] = counter & 0xff
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
  }
}
