import { isHubId } from './hub-id.ts'
import { parseLinkQuery } from './link-query.ts'

/*
 * Links that open a hub or a message. They come from mails, chats of other users and other programs, so the parser is
 * strict: anything that is not exactly one of these is not a link. The code of an invite is in the fragment (#) of a web
 * address, because that part never reaches a server or its log:
 *
 *   http://192.168.1.5:7788/join#<code>&fp=<hubId>             for browsers, and pasted into the app
 *   hubbub://join?a=192.168.1.5:7788&a=…&fp=<hubId>&c=<code>    for the app
 *   hubbub://open/<hubId>/<chatId>/<no>                         a message, for the app
 */

export interface InviteLink {
  kind: 'join'
  /** `host:port`, with an IPv6 host in brackets, in the order to try them. */
  addresses: string[]
  code: string
  /** The identity to pin. Undefined: the hub has a publicly trusted certificate, or uses plain HTTP. */
  hubId?: string
  /** True if the address was an http: URL without an identity. */
  plain?: true
}

export interface ChatLink {
  kind: 'open'
  hubId: string
  chatId: string
  /** Number of the message in its chat. */
  no: number
}

export type HubLink = InviteLink | ChatLink

export const linkLimits = { length: 2048, addresses: 8 } as const

const codePattern = /^[A-Za-z0-9_-]{16,64}$/
const idPattern = /^[A-Za-z0-9_-]{1,64}$/

/** `origin` is, for example, `https://192.168.1.5:7788`. */
export function inviteUrl(invite: { origin: string; code: string; hubId?: string | undefined }): string {
  return `${invite.origin}/join#${invite.code}${invite.hubId === undefined ? '' : `&fp=${invite.hubId}`}`
}

/** If not all addresses fit, only the first ones are used. */
export function inviteAppLink(invite: {
  addresses: readonly string[]
  code: string
  hubId?: string | undefined
}): string {
  const ends = [...(invite.hubId === undefined ? [] : [`fp=${invite.hubId}`]), `c=${invite.code}`]
  const starts = invite.addresses
    .slice(0, linkLimits.addresses)
    // an IPv6 address has brackets, which a query cannot contain unescaped
    .map((address) => `a=${encodeURIComponent(address).replaceAll('%3A', ':')}`)
  return `hubbub://join?${[...starts, ...ends].join('&')}`
}

export function chatAppLink({ hubId, chatId, no }: Omit<ChatLink, 'kind'>): string {
  return `hubbub://open/${hubId}/${chatId}/${no}`
}

/** Parses a link. Returns undefined if it is not exactly one of ours. */
export function parseLink(text: string): HubLink | undefined {
  if (text.length > linkLimits.length) return undefined
  const ours = /^hubbub:\/\/(.*)$/i.exec(text)?.[1]
  if (ours !== undefined) return parseInviteLink(ours) ?? parseChatLink(ours)
  return parseInviteUrl(text)
}

/** Parses the fragment of an invite URL: the code, and the identity if there is one. */
export function parseInviteFragment(fragment: string): { code: string; hubId?: string } | undefined {
  const [code = '', fp, ...more] = fragment.split('&')
  if (!codePattern.test(code) || more.length > 0) return undefined
  if (fp === undefined) return { code }
  const hubId = fp.startsWith('fp=') ? fp.slice(3) : ''
  return isHubId(hubId) ? { code, hubId } : undefined
}

function parseInviteLink(text: string): InviteLink | undefined {
  const query = /^join\/?\?(.+)$/.exec(text)?.[1]
  if (query === undefined) return undefined
  const { a, fp, c } = parseLinkQuery(query, ['a', 'fp', 'c']) ?? { a: [], fp: [], c: [] }
  const addresses = a.map((address) => normalizeAddress(address))
  const [hubId] = fp
  const [code] = c
  const fits = a.length >= 1 && a.length <= linkLimits.addresses && fp.length <= 1 && c.length === 1
  if (!fits || !addresses.every((address) => address !== undefined)) return undefined
  if (code === undefined || !codePattern.test(code)) return undefined
  if (hubId === undefined) return { kind: 'join', addresses, code }
  return isHubId(hubId) ? { kind: 'join', addresses, code, hubId } : undefined
}

function parseChatLink(text: string): ChatLink | undefined {
  const [, hubId = '', chatId = '', digits = ''] =
    /^open\/([^/]+)\/([^/]+)\/([1-9]\d{0,14})$/.exec(text) ?? []
  if (!isHubId(hubId) || !idPattern.test(chatId)) return undefined
  return { kind: 'open', hubId, chatId, no: Number(digits) }
}

function parseInviteUrl(text: string): InviteLink | undefined {
  const [, scheme = '', authority = '', fragment = ''] =
    /^(https?):\/\/([^/?#]+)\/join\/?#(.+)$/i.exec(text) ?? []
  const isHttp = scheme.toLowerCase() === 'http'
  const address = normalizeAddress(authority, isHttp ? 80 : 443)
  const invite = parseInviteFragment(fragment)
  if (address === undefined || invite === undefined) return undefined
  // with an identity to pin it is the page for browsers: the hub has TLS on the same port
  const plain = isHttp && invite.hubId === undefined
  return { kind: 'join', addresses: [address], ...invite, ...(plain ? { plain } : {}) }
}

/** Returns the canonical `host:port`, or undefined. Without `defaultPort` the port is required. */
export function normalizeAddress(text: string, defaultPort?: number): string | undefined {
  const [, host = '', digits] = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d{1,5}))?$/.exec(text) ?? []
  const port = digits === undefined ? defaultPort : Number(digits)
  if (port === undefined || port < 1 || port > 65_535 || !isHost(host)) return undefined
  return `${host.toLowerCase()}:${port}`
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1))
  return isIPv4(host) || isHostName(host)
}

function isIPv4(host: string): boolean {
  return /^((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(?!$)|$)){4}$/.test(host)
}

/** Hexadecimal groups only: no zone, which is valid only on one machine, and no embedded IPv4 address. */
function isIPv6(host: string): boolean {
  const halves = host.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false
  return halves.length === 2 ? groups.length <= 7 : groups.length === 8
}

/** A host name must not end in a number: browsers parse `0x7f.1` as an address. */
function isHostName(host: string): boolean {
  const labels = host.split('.')
  const last = labels.at(-1) ?? ''
  return (
    host.length <= 253 &&
    labels.every((label) => /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/i.test(label)) &&
    !/^(\d+|0x[0-9a-f]*)$/i.test(last)
  )
}
