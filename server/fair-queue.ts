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

  /** Puts an item back, so that it is the next of its key, and its key the next in the rotation. */
  unshift(key: string, item: T): void {
    const items = this.#items.get(key) ?? []
    const others = [...this.#items].filter(([other]) => other !== key)
    this.#items.clear()
    this.#items.set(key, [item, ...items])
    for (const [other, rest] of others) this.#items.set(other, rest)
    this.#size += 1
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
