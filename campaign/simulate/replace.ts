/** Replaces parts of an object of the runtime. Returns what puts the real ones back. */
export function replace(target: object, parts: Record<string, unknown>): () => void {
  const own = target as Record<string, unknown>
  const real = Object.keys(parts).map((name) => ({ name, value: own[name], isOwn: Object.hasOwn(own, name) }))
  Object.assign(own, parts)
  return () => {
    for (const { name, value, isOwn } of real) {
      if (isOwn) own[name] = value
      else delete own[name]
    }
  }
}
