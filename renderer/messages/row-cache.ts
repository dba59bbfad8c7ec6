// Rows that are drawn already stay as they are while the list moves over them: a scroll draws the new ones only.
//
// - A row is drawn again when its message, its flags or anything that it has read from a store changes.
// - Each row is a computed signal. The list reads all of them while it renders, so it goes on watching what the rows have read.
// - What has left the window is forgotten: a list holds no more than it shows.
import { guard } from 'lit/directives/guard.js'
import { computed, type ReadonlySignal } from '../signals/signal.ts'
import type { MessageItem } from '../state/message-item.ts'
import { messageRow, type RowFlags } from './message-row.ts'
import type { TimelineContext } from './timeline-context.ts'

interface CachedRow {
  readonly item: MessageItem
  readonly context: TimelineContext
  readonly flags: RowFlags
  readonly template: ReadonlySignal<unknown>
}

export class RowCache {
  #rows = new Map<string, CachedRow>()
  #used = new Map<string, CachedRow>()

  /** `messageRow`, if it would draw another row than the last time. */
  render(item: MessageItem, context: TimelineContext, flags: RowFlags): unknown {
    const known = this.#rows.get(item.key)
    const isSame = known?.item === item && known.context === context && hasFlags(known.flags, flags)
    const row = isSame
      ? known
      : { item, context, flags, template: computed(() => messageRow(item, context, flags)) }
    this.#used.set(item.key, row)
    const template = row.template.value
    return guard([template], () => template)
  }

  /** Call after each update of the list. */
  forgetUnused(): void {
    this.#rows = this.#used
    this.#used = new Map()
  }
}

function hasFlags(known: RowFlags, flags: RowFlags): boolean {
  return (Object.keys(flags) as (keyof RowFlags)[]).every((name) => known[name] === flags[name])
}
