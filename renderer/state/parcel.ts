// What was not sent, on its way from one address of the hub to another. The browser keeps data by address, so the page at the
// new one finds nothing: a link brings it along, in the fragment, which no server sees.
//
// - It is encrypted with the key of a ticket. Only the hub returns that key, for the session that got the ticket. So nobody
//   can make the page of another user send a message, and the history of the browser shows no text.
// - Nothing leaves the former address. A message that comes from both has the same `cid`, so the hub stores it once.
import type { DraftNews } from './drafts.ts'
import type { KeptMessage } from './kept-messages.ts'
import type { PendingMessage } from './pending-message.ts'
import type { Stores } from './stores.ts'

interface Parcel {
  readonly outbox: readonly PendingMessage[]
  readonly drafts: readonly DraftNews[]
  readonly kept: readonly KeptMessage[]
}

/** Some browsers take no longer address. */
const maxParcelChars = 48 * 1024
const nonceBytes = 12

/** Gathers what fits into a link. Files stay, and so do their messages. */
export function packParcel({ outbox, drafts, kept }: Pick<Stores, 'outbox' | 'drafts' | 'kept'>): Parcel {
  let left = maxParcelChars
  const takeFitting = <T>(items: readonly T[]): T[] =>
    items.filter((item) => {
      left -= JSON.stringify(item).length
      return left >= 0
    })
  return {
    outbox: takeFitting(outbox.listUnsent()),
    drafts: takeFitting(drafts.listUnsent()),
    kept: takeFitting(kept.list()),
  }
}

export async function unpackParcel(
  parcel: Parcel,
  { outbox, drafts, kept }: Pick<Stores, 'outbox' | 'drafts' | 'kept'>,
): Promise<void> {
  await Promise.all([outbox.sendAgain(parcel.outbox), kept.takeOver(parcel.kept)])
  drafts.takeOver(parcel.drafts)
}

/** @param key of the ticket; undefined if this browser cannot encrypt at this address */
export async function sealParcel(key: string, parcel: Parcel): Promise<string | undefined> {
  const cryptoKey = await importKey(key)
  if (!cryptoKey) return undefined
  const iv = crypto.getRandomValues(new Uint8Array(nonceBytes))
  const text = new TextEncoder().encode(JSON.stringify(parcel))
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, cryptoKey, text)
  return toBase64Url(new Uint8Array([...iv, ...new Uint8Array(sealed)]))
}

/** Undefined if it is not from a page that had this key. */
export async function openParcel(key: string, sealed: string): Promise<Parcel | undefined> {
  const cryptoKey = await importKey(key)
  if (!cryptoKey) return undefined
  try {
    const bytes = fromBase64Url(sealed)
    const iv = bytes.slice(0, nonceBytes)
    const text = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, cryptoKey, bytes.slice(nonceBytes))
    return JSON.parse(new TextDecoder().decode(text)) as Parcel
  } catch {
    return undefined
  }
}

async function importKey(key: string): Promise<CryptoKey | undefined> {
  const subtle = crypto.subtle as SubtleCrypto | undefined
  return subtle?.importKey('raw', fromBase64Url(key), 'AES-GCM', false, ['encrypt', 'decrypt'])
}

function toBase64Url(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
}
