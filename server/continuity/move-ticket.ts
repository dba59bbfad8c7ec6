import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { type MoveTicket, moveTicketValidMs } from '../../shared/move-ticket.ts'
import type { Term } from '../../shared/term.ts'
import type { Identity } from '../identity.ts'

/*
 * The ticket by which a browser goes on at the new address of the hub. It carries the token of its session, sealed with a key
 * that all computers of the hub can derive. So a computer that has only the database or the key of the hub cannot make one for a
 * session of another user: the hub stores no more than the hash of a token.
 */

const cipherName = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

interface TicketContent {
  /** Of the session. */
  token: string
  /** The computer that it is for. */
  to: string
  /** Wall time in ms at which it was made. */
  at: number
  key: string
}

/** Returns what makes tickets for the computer that is the hub by this term. */
export function ticketsFor(
  { key, hubId }: Identity,
  term: Term | undefined,
): ((token: string) => MoveTicket) | undefined {
  if (!term) return undefined
  return (token) => sealMoveTicket(key, hubId, { token, to: term.node, now: Date.now() })
}

export function sealMoveTicket(
  hubKey: KeyObject,
  hubId: string,
  { token, to, now }: { token: string; to: string; now: number },
): MoveTicket {
  const key = randomBytes(32).toString('base64url')
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(cipherName, sealingKey(hubKey, hubId), nonce)
  const content: TicketContent = { token, to, at: now, key }
  const sealed = [cipher.update(JSON.stringify(content), 'utf8'), cipher.final()]
  return { value: Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]).toString('base64url'), key }
}

/** Returns what is in a ticket for this computer; undefined if it is forged, too old, or for another computer. */
export function openMoveTicket(
  hubKey: KeyObject,
  hubId: string,
  { value, to, now }: { value: string; to: string; now: number },
): TicketContent | undefined {
  const content = unseal(sealingKey(hubKey, hubId), Buffer.from(value, 'base64url'))
  // the clocks of two computers differ
  const isFresh = content !== undefined && Math.abs(now - content.at) <= moveTicketValidMs
  return isFresh && to !== '' && content.to === to ? content : undefined
}

function unseal(key: Buffer, bytes: Buffer): TicketContent | undefined {
  if (bytes.length <= nonceBytes + tagBytes) return undefined
  try {
    const decipher = createDecipheriv(cipherName, key, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    })
    decipher.setAuthTag(bytes.subarray(-tagBytes))
    const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()])
    return JSON.parse(text.toString('utf8')) as TicketContent
  } catch {
    return undefined
  }
}

function sealingKey(hubKey: KeyObject, hubId: string): Buffer {
  const secret = Buffer.from(hubKey.export({ format: 'jwk' }).d ?? '', 'base64url')
  return Buffer.from(hkdfSync('sha256', secret, hubId, 'hubbub-move-ticket-1', 32))
}
