import { isHubId } from './hub-id.ts'
import { normalizeAddress } from './invite-link.ts'
import { parseLinkQuery } from './link-query.ts'

/*
 * `hubbub://standby?a=10.0.0.5:7788&fp=<hubId>&code=…&n=Yard`: for the computer that is to become a standby. With `&kind=vote`
 * it is for a third computer. It comes from mails and chats, so the parser is strict. `n` is what the hub is called; the
 * fingerprint is what counts. With both in the link, the user can be asked before anything is sent to anybody.
 */

export interface StandbyLink {
  addresses: readonly string[]
  hubId: string
  code: string
  kind: 'standby' | 'vote'
  /** Of the hub, as the link says; empty: it does not. */
  hubName: string
}

const maxAddresses = 8
const maxNameLength = 60
/** Directions, line breaks and invisible characters could make a name look like another text. */
const unsafeInNames = /[\p{C}\p{Zl}\p{Zp}]/gu

/** If not all addresses fit, only the first ones are used. */
export function standbyLink({ addresses, hubId, code, kind, hubName }: StandbyLink): string {
  const starts = addresses
    .slice(0, maxAddresses)
    .map((address) => `a=${encodeURIComponent(address).replaceAll('%3A', ':')}`)
  const name = cleanName(hubName)
  const ends = [
    ...[`fp=${hubId}`, `code=${code}`],
    ...(name === '' ? [] : [`n=${encodeURIComponent(name)}`]),
    ...(kind === 'vote' ? ['kind=vote'] : []),
  ]
  return `hubbub://standby?${[...starts, ...ends].join('&')}`
}

/** Returns undefined if the text is not exactly such a link. */
export function parseStandbyLink(text: string): StandbyLink | undefined {
  const query = /^hubbub:\/\/standby\/?\?(.+)$/i.exec(text)?.[1]
  if (query === undefined) return undefined
  const values = parseLinkQuery(query, ['a', 'fp', 'code', 'n', 'kind'])
  if (values === undefined) return undefined
  const [hubId = '', code = '', name = '', kind = 'standby'] = [
    values.fp,
    values.code,
    values.n,
    values.kind,
  ].map(([first]) => first)
  const isOnce = [values.fp, values.code, values.n, values.kind].every(({ length }) => length <= 1)
  const addresses = values.a.map((address) => normalizeAddress(address)).filter((one) => one !== undefined)
  const isWhole =
    addresses.length === values.a.length && addresses.length > 0 && addresses.length <= maxAddresses
  if (!isOnce || !isWhole || !isHubId(hubId) || !/^[a-z0-9]{10}$/.test(code)) return undefined
  if (kind !== 'standby' && kind !== 'vote') return undefined
  return { addresses, hubId, code, kind, hubName: cleanName(name) }
}

function cleanName(name: string): string {
  return [...name.replace(unsafeInNames, ' ').trim()].slice(0, maxNameLength).join('').trim()
}
