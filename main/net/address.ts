import { isIP } from 'node:net'
import { ShellError } from '../shell-error.ts'

export const defaultPort = 7788

/** The address of a hub. */
export interface Address {
  host: string
  port: number
  /** Without TLS: on this computer only. */
  plain: boolean
}

/**
 * Parses an address that a user typed or an invite contains: `192.168.1.20`, `team.local:7788`, `[fe80::1]:7788`,
 * `https://chat.example.org`, `http://127.0.0.1:7788`. @throws ShellError with a text for the user
 */
export function parseAddress(text: string): Address {
  const input = text.trim()
  if (input.length > 300) throw invalidAddress()
  const [, scheme, rest = ''] = /^(?:([a-z]+):\/\/)?([^/?#]*)\/?$/i.exec(input) ?? []
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
      'Without encryption the app connects only to hubs on this computer. Leave out http:// and try again.',
    )
  }
  return { host, port, plain }
}

/** Formats an address as it is saved and shown. */
export function formatAddress({ host, port, plain }: Address): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `${plain ? 'http://' : ''}${name}:${port}`
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** Adds the brackets to an IPv6 address that the user typed without them. */
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
    'This is not the address of a hub. An address looks like 192.168.1.20:7788 or team.local.',
  )
}
