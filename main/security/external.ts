const allowedProtocols = new Set(['https:', 'http:', 'mailto:'])

/**
 * Returns the address to open in another program, or undefined if that is not allowed. Never a file, a share or a
 * program's own scheme.
 */
export function externalUrl(text: string): string | undefined {
  if (text.length > 4000 || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (!allowedProtocols.has(url.protocol)) return undefined
  // a user name before the host only serves to imitate another host
  if (url.username !== '' || url.password !== '') return undefined
  return url.href
}
