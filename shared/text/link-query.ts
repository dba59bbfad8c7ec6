/**
 * Parses the query of a link of ours, such as `a=10.0.0.5:7788&c=…`. Returns the decoded values by name, in their order.
 * Returns undefined for a name that is not expected, and for a value that is missing or not encoded properly: such links
 * come from mails and chats.
 */
export function parseLinkQuery<Name extends string>(
  query: string,
  names: readonly Name[],
): Record<Name, string[]> | undefined {
  const values = Object.fromEntries(names.map((name) => [name, [] as string[]])) as Record<Name, string[]>
  for (const part of query.split('&')) {
    const [name, text, ...more] = part.split('=')
    const known = names.find((one) => one === name)
    const value = text === undefined || more.length > 0 ? '' : decodeOrEmpty(text)
    if (known === undefined || value === '') return undefined
    values[known].push(value)
  }
  return values
}

function decodeOrEmpty(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
