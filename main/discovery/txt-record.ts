// The TXT record that a hub publishes, and the checks on the records of others. All of it is a hint: a hub has to prove
// its identity by its key before anything is sent to it.
import { isHubId } from '../../shared/text/hub-id.ts'
import { protocol } from '../../shared/contract/live.ts'

export interface HubTxtRecord {
  hubId: string
  name: string
  /** Number of the hub's term: a hint that it may have moved. */
  term?: number | undefined
}

/** A TXT record of ours stays far below what fits into one packet. */
const maxNameBytes = 200

export function encodeTxtRecord({ hubId, name, term }: HubTxtRecord): Record<string, string> {
  return {
    ...{ v: '1', id: hubId, n: truncateToBytes(name, maxNameBytes), p: `${protocol.min}-${protocol.max}` },
    ...(term === undefined ? {} : { t: String(term) }),
  }
}

/** @param txt the record as the library parsed it, unchecked */
export function parseTxtRecord(txt: unknown): HubTxtRecord | undefined {
  if (typeof txt !== 'object' || txt === null) return undefined
  const { v, id, n, p, t } = txt as Record<string, unknown>
  if (v !== '1' || typeof id !== 'string' || !isHubId(id) || typeof n !== 'string') return undefined
  const name = sanitizeName(n)
  if (!name || !isCompatibleProtocol(p)) return undefined
  return { hubId: id, name, ...(/^\d{1,15}$/.test(String(t)) ? { term: Number(t) } : {}) }
}

function isCompatibleProtocol(range: unknown): boolean {
  const [, min, max] = /^(\d{1,4})-(\d{1,4})$/.exec(typeof range === 'string' ? range : '') ?? []
  // a hub without a version is found too, and names its version on connection
  if (min === undefined || max === undefined) return true
  return Number(min) <= protocol.max && Number(max) >= protocol.min
}

/** Returns one line without characters that reverse or hide text. Invalid UTF-8 has become U+FFFD. */
function sanitizeName(name: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\uFFFD]/gu, '').trim()
  return [...truncateToBytes(plain, maxNameBytes)].slice(0, 60).join('')
}

/** Cuts to a number of bytes, without splitting a character. */
function truncateToBytes(text: string, bytes: number): string {
  let size = 0
  let truncated = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    size += Buffer.byteLength(segment)
    if (size > bytes) break
    truncated += segment
  }
  return truncated
}
