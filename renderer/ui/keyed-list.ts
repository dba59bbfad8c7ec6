import { noChange } from 'lit'
import { directive, Directive, PartType, type ChildPart, type PartInfo } from 'lit/directive.js'
import {
  getCommittedValue,
  insertPart,
  removePart,
  setChildPartValue,
  setCommittedValue,
} from 'lit/directive-helpers.js'

/**
 * A list whose items keep their elements while they move, as Lit's `repeat`. That one leaves a comment behind for each
 * item that it removes (lit-html 3.3): a list that is scrolled for a while would consist of comments.
 */
class KeyedList extends Directive {
  #keys: readonly unknown[] = []

  constructor(info: PartInfo) {
    super(info)
    if (info.type !== PartType.CHILD) throw new Error('keyedList() belongs between tags.')
  }

  render<T>(items: Iterable<T>, _keyOf: (item: T) => unknown, template: (item: T) => unknown): unknown[] {
    return Array.from(items, template)
  }

  override update(
    container: ChildPart,
    [items, keyOf, template]: Parameters<KeyedList['render']>,
  ): unknown[] | typeof noChange {
    const list = [...items]
    const keys = list.map(keyOf)
    const values = list.map(template)
    const parts = getCommittedValue(container) as readonly ChildPart[] | undefined
    const knownKeys = this.#keys
    this.#keys = keys
    // Lit renders the first array itself, and keeps its parts.
    if (!Array.isArray(parts)) return values
    const kept = removeOthers(parts, knownKeys, new Set(keys))
    setCommittedValue(container, placeParts(container, kept, keys, values))
    return noChange
  }
}

/** Removes the parts of all other keys, with the comments at both ends. */
function removeOthers(
  parts: readonly ChildPart[],
  keys: readonly unknown[],
  wanted: ReadonlySet<unknown>,
): Map<unknown, ChildPart> {
  const kept = new Map<unknown, ChildPart>()
  parts.forEach((part, at) => {
    const key = keys[at]
    if (wanted.has(key) && !kept.has(key)) {
      kept.set(key, part)
      return
    }
    const { endNode } = part
    removePart(part)
    endNode?.parentNode?.removeChild(endNode)
  })
  return kept
}

/** Puts the parts in the order of the keys. What is in place already does not move, so it keeps its scroll position. */
function placeParts(
  container: ChildPart,
  kept: ReadonlyMap<unknown, ChildPart>,
  keys: readonly unknown[],
  values: readonly unknown[],
): ChildPart[] {
  const waiting = [...kept.values()]
  const placed = new Set<ChildPart>()
  let next = 0
  return keys.map((key, at) => {
    while (waiting[next] && placed.has(waiting[next] as ChildPart)) next += 1
    const before = waiting[next]
    let part = kept.get(key)
    if (!part || placed.has(part)) part = insertPart(container, before)
    else if (part !== before) insertPart(container, before, part)
    placed.add(part)
    return setChildPartValue(part, values[at])
  })
}

const keyedListDirective = directive(KeyedList)

/** `keyOf` returns a different key for each item. */
export function keyedList<T>(
  items: Iterable<T>,
  keyOf: (item: T) => unknown,
  template: (item: T) => unknown,
): unknown {
  return keyedListDirective(
    items,
    keyOf as (item: unknown) => unknown,
    template as (item: unknown) => unknown,
  )
}
