/** The addresses of a hub. `base` is '' in a browser and '/hub/<hubId>' in the desktop app. */
export interface Addresses {
  /** The address of a path of the contract, which begins with /api/. */
  api(path: string): string
  readonly live: string
}

export function addressesOf(base: string): Addresses {
  return { api: (path) => `${base}${path}`, live: `${base}/live` }
}

/** Fills the members of the input into path and query. The other members are the JSON body. */
export function fillPath(
  method: string,
  path: string,
  input: Readonly<Record<string, unknown>>,
): { path: string; body: Record<string, unknown> | undefined } {
  const rest = { ...input }
  const filled = path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = rest[name]
    delete rest[name]
    return encodeURIComponent(toPathText(value))
  })
  if (method !== 'GET' && method !== 'DELETE') return { path: filled, body: rest }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(rest))
    if (value !== undefined) query.set(name, toPathText(value))
  return { path: query.size > 0 ? `${filled}?${query}` : filled, body: undefined }
}

function toPathText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return ''
}
