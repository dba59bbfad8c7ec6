// A digest by which a client says what it has of a chat, without sending it: see “Large hubs” in docs/protocol.md.

const fnvPrime = 0x01000193
const fnvStart = 0x811c9dc5
/** A second hash of the same kind, so that two different summaries do not have the same digest by chance. */
const otherPrime = 0x5bd1e995
const otherStart = 0x2f0b4a27

/**
 * Returns 16 hexadecimal digits for the JSON of a value with the members of each object sorted by name. Members that are
 * undefined count as missing.
 */
export function summaryDigest(value: unknown): string {
  const text = sortedJson(value)
  let [one, other] = [fnvStart, otherStart]
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    one = Math.imul(one ^ unit, fnvPrime)
    other = Math.imul(other ^ unit, otherPrime)
  }
  return hex(one) + hex(other)
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sortedJson(member)}`).join(',')}}`
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
