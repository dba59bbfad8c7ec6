// The address of a link in a message, and a check that its text does not hide the real host.

const schemes = new Set(['http:', 'https:', 'mailto:'])

/** Parsing an address takes longer than all else of a row, and a list draws its rows again and again. */
const knownAddresses = new Map<string, string | undefined>()
const maxKnownAddresses = 1_000

/** Returns the address to open, or undefined if the text is no address. It is then shown as typed. */
export function hrefOf(address: string): string | undefined {
  if (knownAddresses.has(address)) return knownAddresses.get(address)
  if (knownAddresses.size >= maxKnownAddresses) knownAddresses.clear()
  const href = parseAddress(address)
  knownAddresses.set(address, href)
  return href
}

function parseAddress(address: string): string | undefined {
  const whole = /^(?:https?|mailto):/i.test(address)
    ? address
    : /^www\./i.test(address)
      ? `https://${address}`
      : `mailto:${address}`
  if (!URL.canParse(whole)) return undefined
  const url = new URL(whole)
  if (!schemes.has(url.protocol)) return undefined
  // "mailto://x" has a host and no recipient
  const hasTarget = url.protocol === 'mailto:' ? url.host === '' && url.pathname !== '' : url.host !== ''
  return hasTarget ? url.href : undefined
}

const bidiControls = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/

/**
 * Returns the real host (or mail address) to show next to a link whose text looks like another address. A host is in
 * ASCII, which cannot be mistaken. Returns undefined if the text is honest.
 */
export function addressToReveal(words: string, href: string): string | undefined {
  const url = new URL(href)
  const real = url.protocol === 'mailto:' ? decodeSafely(url.pathname) : url.host
  const shown = findHosts(words)
  if (bidiControls.test(words)) return real
  if (shown.some((host) => !isSameHost(host, real))) return real
  return isLookalikeHost(words, url.hostname) ? real : undefined
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Finds the parts of the text that look like addresses: "example.org", "http://example.org/x", "ann@example.org". */
function findHosts(words: string): string[] {
  if (words.length > 500) return []
  const hosts: string[] = []
  for (const match of words.matchAll(
    /(?:https?:\/\/)?((?:[\p{L}\p{N}._%+-]{1,64}@)?(?:[\p{L}\p{N}-]{1,63}\.)+\p{L}{2,24}(?::\d{1,5})?)/giu,
  )) {
    hosts.push(match[1] as string)
  }
  return hosts
}

function isSameHost(shown: string, real: string): boolean {
  if (shown.includes('@')) {
    if (!real.includes('@')) return false
    return shown.toLowerCase() === real.toLowerCase()
  }
  const host = real.slice(real.indexOf('@') + 1)
  const bare = (text: string) => text.replace(/^www\./, '')
  return bare(toAsciiHost(shown)) === bare(host)
}

function toAsciiHost(host: string): string {
  const address = `https://${host}`
  return URL.canParse(address) ? new URL(address).host : host.toLowerCase()
}

const scripts = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Hebrew}/u,
  /\p{Script=Arabic}/u,
  /\p{Script=Cherokee}/u,
]
/** Letters of other scripts that look like Latin letters. A name made only of them is no real name of that script. */
const lookalikePattern = /^[аеорсухѕіјԁӏһқԛԝвгдкмнптьαογνρτυικηοορϲϳ0-9-]+$/u

/** True for a host that mixes scripts, or has only lookalikes: раура1.com. */
function isLookalikeHost(words: string, ascii: string): boolean {
  if (!ascii.includes('xn--')) return false
  const host = /^(?:https?:\/\/)?([^/?#]+)/i.exec(words)?.[1]?.toLowerCase() ?? ''
  return host.split('.').some((label) => {
    // eslint-disable-next-line no-control-regex -- ASCII is what this is about
    if (/^[\u0000-\u007F]*$/.test(label)) return false
    const used = scripts.filter((script) => script.test(label)).length
    return used > 1 || lookalikePattern.test(label)
  })
}
