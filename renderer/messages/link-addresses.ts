// Where a link in a message leads, and whether what is shown says so.

const schemes = new Set(['http:', 'https:', 'mailto:'])

/** The address to follow, or nothing for what is none: it is shown as it was typed then. */
export function hrefOf(address: string): string | undefined {
  const whole = /^(?:https?|mailto):/i.test(address)
    ? address
    : /^www\./i.test(address)
      ? `https://${address}`
      : `mailto:${address}`
  if (!URL.canParse(whole)) return undefined
  const url = new URL(whole)
  return schemes.has(url.protocol) && (url.host !== '' || url.pathname !== '') ? url.href : undefined
}

const bidiControls = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/

/**
 * What has to stand beside a link because its words could be taken for another address: the real host (or the mail
 * address), in the letters that cannot be mistaken. Nothing when the words are honest.
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

/** What in the words reads as an address: "example.org", "http://example.org/x", "ann@example.org". */
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
/** Letters of other scripts that are drawn like Latin ones: a whole name of them is no name of that script. */
const lookalikePattern = /^[аеорсухѕіјԁӏһқԛԝвгдкмнптьαογνρτυικηοορϲϳ0-9-]+$/u

/** A host with letters of several scripts, or all of lookalikes: раура1.com. */
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
