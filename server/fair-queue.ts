/**
 * A queue that serves its keys in rotation, each in its own order: a key with a thousand items delays another key by
 * one item, not by a thousand.
 */
export class FairQueue<T> {
  readonly #items = new Map<string, T[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  sizeOf(key: string): number {
    return this.#items.get(key)?.length ?? 0
  }

  push(key: string, item: T): void {
    const items = this.#items.get(key)
    if (items) items.push(item)
    else this.#items.set(key, [item])
    this.#size += 1
  }

  /** Puts items back in their order: each becomes the next of its key, and their keys the next in the rotation. */
  unshift(entries: readonly (readonly [key: string, item: T])[]): void {
    const returned = new Map<string, T[]>()
    for (const [key, item] of entries) {
      const items = returned.get(key)
      if (items) items.push(item)
      else returned.set(key, [item])
    }
    const others = [...this.#items]
    this.#items.clear()
    for (const [key, items] of returned) this.#items.set(key, items)
    for (const [key, items] of others) this.#items.set(key, [...(returned.get(key) ?? []), ...items])
    this.#size += entries.length
  }

  shift(): T | undefined {
    const [key] = this.#items.keys()
    if (key === undefined) return undefined
    const items = this.#items.get(key) ?? []
    const item = items.shift()
    this.#items.delete(key)
    if (items.length > 0) this.#items.set(key, items)
    this.#size -= 1
    return item
  }

  /** Returns the key with the most items. */
  longestKey(): string | undefined {
    let longest: string | undefined
    for (const key of this.#items.keys())
      if (longest === undefined || this.sizeOf(key) > this.sizeOf(longest)) longest = key
    return longest
  }

  /** Removes the last item of a key. */
  pop(key: string): T | undefined {
    const item = this.#items.get(key)?.at(-1)
    if (item !== undefined) this.remove(key, item)
    return item
  }

  /** Removes an item. Returns false if it is not here. */
  remove(key: string, item: T): boolean {
    const items = this.#items.get(key)
    const at = items?.indexOf(item) ?? -1
    if (!items || at < 0) return false
    items.splice(at, 1)
    if (items.length === 0) this.#items.delete(key)
    this.#size -= 1
    return true
  }
}
