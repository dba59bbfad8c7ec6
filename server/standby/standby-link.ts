import type { HubContext } from '../context.ts'

/** `hubbub://standby?a=10.0.0.5:7788&fp=<hubId>&code=…`: for the computer that is to become a standby. */
export interface StandbyLink {
  addresses: string[]
  hubId: string
  code: string
}

const maxAddresses = 8

export function standbyLink({ endpoint, hubId }: HubContext, code: string): string {
  const { addresses, port } = endpoint.reachable
  const all = addresses.length > 0 ? addresses : [`127.0.0.1:${port}`]
  const starts = all
    .slice(0, maxAddresses)
    .map((address) => `a=${encodeURIComponent(address).replaceAll('%3A', ':')}`)
  return `hubbub://standby?${[...starts, `fp=${hubId}`, `code=${code}`].join('&')}`
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
  return isWhole && /^[a-z0-9]{10}$/.test(code) ? { addresses, hubId, code } : undefined
}
