import type { Locator, Page } from 'playwright-core'

export interface Point {
  readonly x: number
  readonly y: number
}

/** A finger on the screen: touch events of the browser, which scrolls by them and takes them for gestures. */
export async function finger(page: Page) {
  const cdp = await page.context().newCDPSession(page)
  const boxOf = async (target: Locator) => {
    const box = await target.boundingBox()
    if (!box) throw new Error('nothing to press')
    return box
  }
  const at = async (target: Locator): Promise<Point> => {
    const box = await boxOf(target)
    return { x: box.x + Math.min(box.width / 2, 120), y: box.y + box.height / 2 }
  }
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: readonly Point[]) =>
    cdp.send('Input.dispatchTouchEvent', { type, touchPoints: [...touchPoints] })
  let last: Point = { x: 0, y: 0 }
  const down = async (point: Point) => {
    last = point
    await touch('touchStart', [point])
  }
  const lift = () => touch('touchEnd', [])
  /** In steps, as a finger moves. */
  const move = async (by: Partial<Point>, steps = 6) => {
    const from = last
    for (let step = 1; step <= steps; step += 1) {
      const part = step / steps
      last = { x: from.x + (by.x ?? 0) * part, y: from.y + (by.y ?? 0) * part }
      await touch('touchMove', [last])
    }
  }
  return {
    at,
    down,
    move,
    lift,
    /** Stays down until `shown` is there, then lifts. */
    press: async (target: Locator, shown: Locator) => {
      await down(await at(target))
      await shown.waitFor()
      await lift()
    },
    tap: async (target: Locator) => {
      await down(await at(target))
      await lift()
    },
    /** At the edge of it, where no menu covers it. */
    tapEdge: async (target: Locator) => {
      const box = await boxOf(target)
      await down({ x: box.x + 6, y: box.y + 40 })
      await lift()
    },
    /** Puts a second finger down. */
    pinch: async (other: Point) => touch('touchStart', [last, other]),
  }
}
