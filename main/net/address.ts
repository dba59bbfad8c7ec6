import { isIP } from 'node:net'
import { ShellError } from '../shell-error.ts'

export const defaultPort = 7788

/** Where a hub is reached. */
export interface Address {
  host: string
  port: number
  /** Without TLS: on this computer only. */
  plain: boolean
}

/**
 * What a person typed or an invite holds: `192.168.1.20`, `team.local:7788`, `[fe80::1]:7788`, `https://chat.example.org`,
 * `http://127.0.0.1:7788`. @throws ShellError in words for a person
 */
export function parseAddress(text: string): Address {
  const given = text.trim()
  if (given.length > 300) throw invalidAddress()
  const [, scheme, rest = ''] = /^(?:([a-z]+):\/\/)?([^/?#]*)\/?$/i.exec(given) ?? []
  const [, v6, name, digits] =
    /^(?:\[([0-9a-f:.]+)\]|([^:@\s\\%]+))(?::(\d{1,5}))?$/i.exec(bracketIpv6(rest)) ?? []
  const host = (v6 ?? name ?? '').toLowerCase()
  if (!isHost(host, v6 !== undefined)) throw invalidAddress()
  const port = digits === undefined ? defaultPortFor(scheme) : Number(digits)
  if (port < 1 || port > 65_535) throw invalidAddress()
  const plain = scheme?.toLowerCase() === 'http'
  if (scheme !== undefined && !plain && scheme.toLowerCase() !== 'https') throw invalidAddress()
  if (plain && !isLoopback(host)) {
    throw new ShellError(
      'invalid',
      'Without encryption the app connects to hubs on this computer only. Leave out http:// and try again.',
    )
  }
  return { host, port, plain }
}

/** As it is kept and shown. */
export function formatAddress({ host, port, plain }: Address): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `${plain ? 'http://' : ''}${name}:${port}`
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** An IPv6 address that somebody typed without brackets. */
function bracketIpv6(text: string): string {
  return isIP(text) === 6 ? `[${text}]` : text
}

function isHost(host: string, isV6: boolean): boolean {
  if (isV6) return isIP(host) === 6
  return /^[\p{L}\p{N}]([\p{L}\p{N}._-]{0,251}[\p{L}\p{N}])?$/u.test(host)
}

function defaultPortFor(scheme: string | undefined): number {
  return scheme?.toLowerCase() === 'https' ? 443 : defaultPort
}

function invalidAddress(): ShellError {
  return new ShellError(
    'invalid',
    'This is not an address of a hub. It looks like 192.168.1.20:7788 or like team.local.',
  )
}
