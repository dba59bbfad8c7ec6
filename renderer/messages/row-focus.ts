// The row with the focus, and the keys of the message list. Only one row is a tab stop.
import { partitionPoint, type Keyed } from './virtual-window.ts'
import { deepActiveElement } from '../ui/focus.ts'
import { isEnter } from '../ui/keys.ts'
import type { Destination } from './go-to.ts'

/** An action on the message of a row; `key` runs it. */
export interface RowAction {
  readonly key?: string
  /** Its key needs a row that was reached by keyboard: after a click the user may be about to type a message. */
  readonly danger?: true
  readonly run: (row: HTMLElement) => unknown
}

export interface RowFocusOptions {
  scroller: () => HTMLElement
  /** From top to bottom. */
  rows: () => readonly HTMLElement[]
  /** Letters run these. */
  keyActionsOf: (key: string) => readonly RowAction[]
  /** The letter runs nothing on this message. Says why if it is that of an action, and returns true then. */
  refuseLetter: (key: string, letter: string, isPressed: boolean) => boolean
  openMenu: (row: HTMLElement) => void
  /** End, Home, and letters that lead elsewhere. */
  goTo: (to: 'last' | Destination['to']) => void
  requestUpdate: () => void
}

export class RowFocus {
  readonly #options: RowFocusOptions
  /** The row that Tab returns to. */
  currentKey: string | undefined
  #wantsFocus = false
  #wasUsed = false
  /** The row that the user has pressed, until another has the focus or an arrow key moves. */
  #pressedKey: string | undefined

  constructor(options: RowFocusOptions) {
    this.#options = options
  }

  /** The current row while it is among those from `start` to before `end`, otherwise the last of them. */
  tabStopKey(items: readonly Keyed[], start: number, end: number): string | undefined {
    if (this.currentKey !== undefined) {
      for (let index = start; index < end; index += 1)
        if (items[index]?.key === this.currentKey) return this.currentKey
    }
    return items[end - 1]?.key
  }

  onPointerDown(event: PointerEvent): void {
    this.#pressedKey = rowKeyOf(event)
  }

  onFocusIn(event: FocusEvent): void {
    const key = rowKeyOf(event)
    this.#wasUsed = true
    if (key !== this.#pressedKey) this.#pressedKey = undefined
    if (key === undefined || key === this.currentKey) return
    this.currentKey = key
    this.#options.requestUpdate()
  }

  onKeyDown(event: KeyboardEvent): void {
    const row = (event.target as HTMLElement).closest<HTMLElement>('article')
    const isOnRow = event.target === row || event.target === this.#options.scroller()
    if (!isOnRow || event.ctrlKey || event.metaKey || event.altKey) return
    const to = this.#destinationOf(row, event)
    if (to) this.#options.goTo(to)
    else if (event.key === 'ArrowUp') this.#moveFocus(row, -1)
    else if (event.key === 'ArrowDown') this.#moveFocus(row, 1)
    else if (!row || !this.#runKeyAction(row, event)) return
    event.preventDefault()
    // A letter must not begin a message as well.
    if (to === 'date' || to === 'unread') event.stopPropagation()
  }

  /** Another row is shown. It gets the focus if the list has it, or had it in a row that is gone. */
  moveTo(key: string): void {
    this.currentKey = key
    const active = deepActiveElement()
    this.#wantsFocus = active ? this.#options.scroller().contains(active) : this.#wasUsed
  }

  /** Call after each update of the list. */
  focusShownRow(): void {
    if (!this.#wantsFocus) return
    const row = this.#options.rows().find((each) => each.dataset.key === this.currentKey)
    if (!row) return
    this.#wantsFocus = false
    row.focus({ preventScroll: true })
  }

  #destinationOf(row: HTMLElement | null, event: KeyboardEvent): 'last' | Destination['to'] | undefined {
    if (event.key === 'End') return 'last'
    if (event.key === 'Home') return 'first'
    // After a click the user may be about to type a message.
    if (event.shiftKey || row?.dataset.key === this.#pressedKey) return undefined
    return { g: 'date', n: 'unread' }[event.key.toLowerCase()] as Destination['to'] | undefined
  }

  /** From row to row; from the list itself to the last row that is completely in view. */
  #moveFocus(from: HTMLElement | null, by: -1 | 1): void {
    const rows = this.#options.rows()
    const { bottom } = this.#options.scroller().getBoundingClientRect()
    const inView = partitionPoint(
      rows.length,
      (index) => (rows[index] as HTMLElement).getBoundingClientRect().bottom > bottom,
    )
    const row = rows[from ? rows.indexOf(from) + by : Math.max(0, inView - 1)]
    if (!row) return
    this.#pressedKey = undefined
    row.focus({ preventScroll: true })
    row.scrollIntoView({ block: 'nearest' })
  }

  /** Enter opens the menu of a message, letters run its actions. Returns whether the key did something. */
  #runKeyAction(row: HTMLElement, event: KeyboardEvent): boolean {
    if (isEnter(event) || event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      this.#options.openMenu(row)
      return true
    }
    if (event.shiftKey) return false
    const key = row.dataset.key as string
    const letter = event.key.toLowerCase()
    const isPressed = key === this.#pressedKey
    const action = this.#options.keyActionsOf(key).find((each) => each.key === letter)
    if (action?.danger && (event.repeat || isPressed)) return false
    if (!action && !this.#options.refuseLetter(key, letter, isPressed)) return false
    void action?.run(row)
    // The letter must not begin a message as well.
    event.stopPropagation()
    return true
  }
}

function rowKeyOf(event: Event): string | undefined {
  return (event.target as HTMLElement).closest<HTMLElement>('article')?.dataset.key
}
