import { beforeEach, describe, expect, test } from 'vitest'
import { RowFocus } from '../../renderer/messages/row-focus.ts'

const rowHeight = 50
const items = ['a', 'b', 'c', 'd'].map((key) => ({ key }))
let focused: string | undefined
let calls: string[]
let rowFocus: RowFocus

class FakeRow {
  readonly dataset: { key: string }
  readonly #index: number

  constructor(key: string, index: number) {
    this.dataset = { key }
    this.#index = index
  }

  closest(): this {
    return this
  }

  focus(): void {
    focused = this.dataset.key
  }

  scrollIntoView(): void {
    calls.push(`scroll to ${this.dataset.key}`)
  }

  getBoundingClientRect() {
    return { top: this.#index * rowHeight, bottom: (this.#index + 1) * rowHeight }
  }
}

const rows = items.map(({ key }, index) => new FakeRow(key, index))
/** Three rows and a half are in view. */
const scroller = { closest: () => null, getBoundingClientRect: () => ({ top: 0, bottom: 3.5 * rowHeight }) }

beforeEach(() => {
  focused = undefined
  calls = []
  rowFocus = new RowFocus({
    scroller: () => scroller as unknown as HTMLElement,
    rows: () => rows as unknown as HTMLElement[],
    keyActionsOf: (key) => [{ key: 'r', run: () => calls.push(`reply to ${key}`) }],
    refuseLetter: (key, letter, isPressed) => {
      if (letter !== 'p') return false
      calls.push(`${letter} refused on ${key}${isPressed ? ', pressed' : ''}`)
      return true
    },
    openMenu: (row) => calls.push(`menu of ${row.dataset.key}`),
    goTo: (to) => calls.push(to),
    requestUpdate: () => calls.push('update'),
  })
})

/** Returns whether the key did something. */
function press(key: string, target: object, modifiers: Partial<KeyboardEvent> = {}): boolean {
  let handled = false
  const event = {
    ...{ key, target, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...modifiers },
    preventDefault: () => (handled = true),
    stopPropagation: () => calls.push('stopped'),
  }
  rowFocus.onKeyDown(event as unknown as KeyboardEvent)
  return handled
}

describe('keys', () => {
  test('arrows move from row to row and stop at the ends', () => {
    expect(press('ArrowUp', rows[2] as object)).toBe(true)
    expect(focused).toBe('b')
    press('ArrowDown', rows[2] as object)
    expect(focused).toBe('d')
    focused = undefined
    press('ArrowDown', rows[3] as object)
    press('ArrowUp', rows[0] as object)
    expect(focused).toBeUndefined()
  })

  test('an arrow on the list itself goes to the last row that is completely in view', () => {
    press('ArrowUp', scroller)
    expect(focused).toBe('c')
    expect(calls).toEqual(['scroll to c'])
  })

  test('End goes to the newest message', () => {
    expect(press('End', scroller)).toBe(true)
    expect(calls).toEqual(['last'])
  })

  test('Home goes to the first message, G to a date and N to the first unread, but not where a message may begin', () => {
    expect(press('Home', rows[1] as object)).toBe(true)
    expect(press('g', rows[1] as object)).toBe(true)
    expect(press('N', rows[1] as object)).toBe(true)
    expect(calls).toEqual(['first', 'date', 'stopped', 'unread', 'stopped'])
    calls = []
    expect(press('G', rows[1] as object, { shiftKey: true })).toBe(false)
    rowFocus.onPointerDown({ target: rows[1] } as unknown as PointerEvent)
    expect(press('g', rows[1] as object)).toBe(false)
    expect(press('Home', rows[1] as object)).toBe(true)
    expect(calls).toEqual(['first'])
  })

  test('Enter and the keys for a context menu open the menu of the row', () => {
    press('Enter', rows[1] as object)
    press('ContextMenu', rows[2] as object)
    press('F10', rows[3] as object, { shiftKey: true })
    expect(calls).toEqual(['menu of b', 'menu of c', 'menu of d'])
    expect(press('Enter', scroller)).toBe(false)
  })

  test('a letter runs its action and does not begin a message', () => {
    expect(press('R', rows[0] as object)).toBe(true)
    expect(calls).toEqual(['reply to a', 'stopped'])
  })

  test('the letter of an action that the message does not allow is refused and begins no message', () => {
    expect(press('P', rows[0] as object)).toBe(true)
    expect(press('p', rows[0] as object, { shiftKey: true })).toBe(false)
    expect(calls).toEqual(['p refused on a', 'stopped'])
  })

  test('letters without an action, and keys with a modifier, are left alone', () => {
    expect(press('x', rows[0] as object)).toBe(false)
    expect(press('R', rows[0] as object, { shiftKey: true })).toBe(false)
    expect(press('r', rows[0] as object, { ctrlKey: true })).toBe(false)
    expect(press('r', scroller)).toBe(false)
    expect(calls).toEqual([])
  })

  test('keys of a control within a row are left alone', () => {
    const button = { closest: () => rows[0] }
    expect(press('ArrowUp', button)).toBe(false)
    expect(press('Enter', button)).toBe(false)
  })
})

describe('the tab stop', () => {
  test('is the last row until another has the focus', () => {
    expect(rowFocus.tabStopKey(items, 0, 4)).toBe('d')
    rowFocus.onFocusIn({ target: rows[1] } as unknown as FocusEvent)
    expect(rowFocus.tabStopKey(items, 0, 4)).toBe('b')
    expect(calls).toEqual(['update'])
  })

  test('is the last row again while the row that had the focus is not in the document', () => {
    rowFocus.currentKey = 'a'
    expect(rowFocus.tabStopKey(items, 1, 4)).toBe('d')
    expect(rowFocus.tabStopKey([], 0, 0)).toBeUndefined()
  })
})
