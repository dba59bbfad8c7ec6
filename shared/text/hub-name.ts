import { fingerprintHex } from './fingerprint.ts'

/** 40 bits: enough for the hubs of a network. The name proves nothing; the key of the hub does. */
const tagLength = 10

/**
 * Returns the host name that belongs to the hub and not to its computer, such as `hubbub-0a1b2c3d4e.local`. Whatever
 * computer is the hub answers to it by mDNS, so a browser that uses it keeps its session and its cache after a move.
 */
export function hubHostName(hubId: string): string {
  return `hubbub-${fingerprintHex(hubId).replaceAll(':', '').slice(0, tagLength).toLowerCase()}.local`
}
