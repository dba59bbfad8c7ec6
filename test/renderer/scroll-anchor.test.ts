import { beforeEach, describe, expect, test } from 'vitest'
import { ScrollAnchor } from '../../renderer/messages/scroll-anchor.ts'

const viewHeight = 400

/** A list of rows with these heights, laid out as a browser would. */
class FakeList {
  rows: { key: string; height: number }[] = []
  hasLastRow = true
  isWindowActive = true
  dividerKey: string | undefined
  clientHeight = viewHeight
  #scrollTop = 0

  readonly anchor = new ScrollAnchor({
    scroller: () => this,
    rows: () => this.rows.map(({ key }) => this.#box(key)),
    divider: () => (this.dividerKey === undefined ? null : this.#box(this.dividerKey)),
    hasLastRow: () => this.hasLastRow,
    isWindowActive: () => this.isWindowActive,
  })

  get scrollHeight(): number {
    return this.rows.reduce((sum, { height }) => sum + height, 0)
  }

  get scrollTop(): number {
    return this.#scrollTop
  }

  set scrollTop(top: number) {
    this.#scrollTop = Math.max(0, Math.min(top, this.scrollHeight - this.clientHeight))
  }

  getBoundingClientRect() {
    return { top: 100, bottom: 100 + this.clientHeight }
  }

  append(key: string, height = 50): void {
    this.change(() => this.rows.push({ key, height }))
  }

  change(work: () => void): void {
    this.anchor.save()
    work()
    this.anchor.restore()
  }

  scrollTo(top: number): void {
    this.scrollTop = top
    this.anchor.onScroll()
    this.anchor.save()
  }

  /** The distance of a row from the top of the view. */
  offsetOf(key: string): number {
    return this.#box(key).getBoundingClientRect().top - this.getBoundingClientRect().top
  }

  #box(key: string) {
    return {
      isConnected: true,
      dataset: { key },
      getBoundingClientRect: () => {
        const index = this.rows.findIndex((row) => row.key === key)
        const above = this.rows.slice(0, index).reduce((sum, { height }) => sum + height, 0)
        const top = 100 + above - this.#scrollTop
        return { top, bottom: top + (this.rows[index]?.height ?? 0) }
      },
    }
  }
}

let list: FakeList

beforeEach(() => {
  list = new FakeList()
  list.change(() => {
    list.rows = Array.from({ length: 40 }, (_, index) => ({ key: `m${index}`, height: 50 }))
  })
})

describe('at the end', () => {
  test('stays there when a message arrives or a row grows', () => {
    expect(list.anchor.distanceToEnd).toBe(0)
    list.append('m40', 120)
    expect(list.anchor.distanceToEnd).toBe(0)
    const last = list.rows.at(-1) as { height: number }
    last.height = 300
    list.anchor.onResize()
    expect(list.anchor.distanceToEnd).toBe(0)
  })

  test('stays there when the list becomes lower', () => {
    list.clientHeight = 250
    list.anchor.onResize()
    expect(list.anchor.distanceToEnd).toBe(0)
  })

  test('is left by scrolling up only, and reached again close to it', () => {
    list.scrollTo(list.scrollTop - 200)
    expect(list.anchor.atEnd).toBe(false)
    list.scrollTo(list.scrollTop + 100)
    expect(list.anchor.atEnd).toBe(false)
    list.scrollTo(list.scrollTop + 90)
    expect(list.anchor.atEnd).toBe(true)
  })

  test('is not reached while newer messages are not loaded', () => {
    list.hasLastRow = false
    list.scrollTo(list.scrollHeight)
    expect(list.anchor.atEnd).toBe(false)
  })

  test('does not push the New divider out of view while the window is not active', () => {
    list.isWindowActive = false
    list.append('m40')
    list.dividerKey = 'm40'
    for (let no = 41; no < 80; no += 1) list.append(`m${no}`)
    expect(list.anchor.atEnd).toBe(false)
    expect(list.offsetOf('m40')).toBe(48)
  })
})

describe('elsewhere', () => {
  test('keeps the first row in view in its place when messages come in above or below', () => {
    list.scrollTo(610)
    expect(list.offsetOf('m12')).toBe(-10)
    list.change(() => {
      list.rows.unshift({ key: 'older', height: 333 })
    })
    expect(list.offsetOf('m12')).toBe(-10)
    list.append('newer', 200)
    expect(list.offsetOf('m12')).toBe(-10)
  })

  test('keeps what was scrolled between the last look and a resize', () => {
    list.scrollTo(600)
    list.scrollTop = 630
    const first = list.rows[0] as { height: number }
    first.height = 90
    list.anchor.onResize()
    expect(list.offsetOf('m12')).toBe(-30)
  })

  test('stays where it is when the first row in view is gone', () => {
    list.scrollTo(600)
    list.change(() => {
      list.rows = list.rows.filter(({ key }) => key !== 'm12')
    })
    expect(list.scrollTop).toBe(600)
  })
})

describe('a requested row', () => {
  test('is shown in the upper quarter, once', () => {
    list.anchor.moveTo('m20')
    list.anchor.restore()
    expect(list.offsetOf('m20')).toBe(viewHeight / 4)
    expect(list.anchor.atEnd).toBe(false)
    list.scrollTo(0)
    list.anchor.restore()
    expect(list.scrollTop).toBe(0)
  })

  test('leads to the end if it is among the last', () => {
    list.scrollTo(0)
    list.anchor.moveTo('m39')
    list.anchor.restore()
    expect(list.anchor.atEnd).toBe(true)
  })

  test('waits until there are rows', () => {
    const { rows } = list
    list.rows = []
    list.anchor.moveTo('m20')
    list.anchor.restore()
    list.rows = rows
    list.anchor.restore()
    expect(list.offsetOf('m20')).toBe(viewHeight / 4)
  })
})

test('reports the rows in view', () => {
  list.scrollTo(610)
  expect(list.anchor.visibleRows()).toEqual({ first: 12, last: 20 })
  list.clientHeight = 0
  expect(list.anchor.visibleRows()).toBeUndefined()
})
