import type { HubContext } from '../context.ts'

/**
 * `hubbub://standby?a=10.0.0.5:7788&fp=<hubId>&code=…`: for the computer that is to become a standby. With `&kind=vote` it is
 * for a third computer.
 */
export interface StandbyLink {
  addresses: string[]
  hubId: string
  code: string
  kind: 'standby' | 'vote'
}

const maxAddresses = 8

export function standbyLink(
  { endpoint, hubId }: HubContext,
  { code, kind }: Pick<StandbyLink, 'code' | 'kind'>,
): string {
  const { addresses, port } = endpoint.reachable
  const all = addresses.length > 0 ? addresses : [`127.0.0.1:${port}`]
  const starts = all
    .slice(0, maxAddresses)
    .map((address) => `a=${encodeURIComponent(address).replaceAll('%3A', ':')}`)
  const ends = [`fp=${hubId}`, `code=${code}`, ...(kind === 'vote' ? ['kind=vote'] : [])]
  return `hubbub://standby?${[...starts, ...ends].join('&')}`
}

/** Returns undefined if the text is not exactly such a link. */
export function parseStandbyLink(text: string): StandbyLink | undefined {
  const query = /^hubbub:\/\/standby\/?\?(.+)$/i.exec(text)?.[1]
  if (query === undefined) return undefined
  const parameters = new URLSearchParams(query)
  const addresses = parameters.getAll('a')
  const hubId = parameters.get('fp') ?? ''
  const code = parameters.get('code') ?? ''
  const isWhole = addresses.length > 0 && addresses.length <= maxAddresses && /^[\w-]{43}$/.test(hubId)
  const kind = parameters.get('kind') ?? 'standby'
  if (!isWhole || !/^[a-z0-9]{10}$/.test(code) || (kind !== 'standby' && kind !== 'vote')) return undefined
  return { addresses, hubId, code, kind }
}
