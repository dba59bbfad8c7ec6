const allowedProtocols = new Set(['https:', 'http:', 'mailto:'])

/** What may leave the app for another program: as it is opened, or undefined. Never a file, a share or a program's own scheme. */
export function externalUrl(text: string): string | undefined {
  if (text.length > 4000 || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (!allowedProtocols.has(url.protocol)) return undefined
  // a name in front of the host only serves to look like another host
  if (url.username !== '' || url.password !== '') return undefined
  return url.href
}
