// A finger that moves to the side. The element scrolls up and down only (`touch-action: pan-y`), so the browser decides first:
// a finger that scrolls ends in `pointercancel`, and scrolling wins.

/** From the side of the window up to here a swipe leads back. Nothing else that swipes begins there. */
const edgePx = 28
/** A finger that moves less has only pressed. */
const minMovePx = 8
/** To the side by this much more than up or down: others want to scroll. */
const minSlope = 1.5
/** A finger that rests before it moves is a long press, or selects text. */
const maxRestMs = 450
/** The speed is that of the last part of the way. */
const speedWindowMs = 80

/** What a swipe moves. Distances count in its direction and are never negative. */
export interface Swiped {
  /** 1: to the right. */
  readonly direction: 1 | -1
  start?(): void
  move(distancePx: number): void
  /** The finger has lifted. */
  end(distancePx: number, speedPxPerMs: number): void
  /** The browser scrolls, or a second finger came. */
  cancel(): void
}

interface Touch {
  readonly id: number
  readonly swiped: Swiped
  readonly x: number
  readonly y: number
  readonly at: number
  isRecognized: boolean
  points: { x: number; at: number }[]
}

export class Swipe {
  readonly #find: (event: PointerEvent) => Swiped | undefined
  #touch: Touch | undefined

  /** `find` returns what a swipe that begins here would move. */
  constructor(find: (event: PointerEvent) => Swiped | undefined) {
    this.#find = find
  }

  readonly onPointerDown = (event: PointerEvent): void => {
    if (event.pointerType !== 'touch') return
    this.cancel()
    if (!event.isPrimary || isTextSelected()) return
    const swiped = this.#find(event)
    if (!swiped) return
    const { pointerId: id, clientX: x, clientY: y, timeStamp: at } = event
    this.#touch = { id, swiped, x, y, at, isRecognized: false, points: [] }
    addEventListener('pointermove', this.#onMove)
    addEventListener('pointerup', this.#onUp)
    addEventListener('pointercancel', this.cancel)
  }

  readonly cancel = (): void => {
    const touch = this.#release()
    if (touch?.isRecognized) touch.swiped.cancel()
  }

  #onMove = (event: PointerEvent): void => {
    const touch = this.#touch
    if (!touch || event.pointerId !== touch.id) return
    if (!touch.isRecognized && !this.#begins(touch, event)) return
    touch.points.push({ x: event.clientX, at: event.timeStamp })
    touch.swiped.move(distanceOf(touch, event.clientX))
  }

  #onUp = (event: PointerEvent): void => {
    if (event.pointerId !== this.#touch?.id) return
    const touch = this.#release() as Touch
    if (touch.isRecognized) touch.swiped.end(distanceOf(touch, event.clientX), speedOf(touch, event))
  }

  #begins(touch: Touch, event: PointerEvent): boolean {
    const across = (event.clientX - touch.x) * touch.swiped.direction
    const along = Math.abs(event.clientY - touch.y)
    if (Math.hypot(across, along) < minMovePx) return false
    if (across < along * minSlope || event.timeStamp - touch.at > maxRestMs || isTextSelected()) {
      this.#release()
      return false
    }
    touch.isRecognized = true
    touch.swiped.start?.()
    return true
  }

  #release(): Touch | undefined {
    const touch = this.#touch
    this.#touch = undefined
    removeEventListener('pointermove', this.#onMove)
    removeEventListener('pointerup', this.#onUp)
    removeEventListener('pointercancel', this.cancel)
    return touch
  }
}

/** Whether a swipe from here leads back: at the side where lines begin. */
export function isFromEdge({ clientX }: PointerEvent, isRtl: boolean): boolean {
  return isRtl ? clientX > innerWidth - edgePx : clientX < edgePx
}

/** Moves an element to where it belongs, at once for users who want no motion. Resolves when it is there. */
export async function settle(element: HTMLElement, fromPx: number, toPx: number): Promise<void> {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  const frames = [fromPx, toPx].map((px) => ({ translate: `${px}px 0` }))
  await element.animate(frames, { duration: 160, easing: 'ease-out' }).finished.catch(() => undefined)
}

function distanceOf(touch: Touch, x: number): number {
  return Math.max(0, (x - touch.x) * touch.swiped.direction - minMovePx)
}

function speedOf({ points, swiped }: Touch, { clientX, timeStamp }: PointerEvent): number {
  const first = points.find(({ at }) => timeStamp - at <= speedWindowMs)
  if (!first || timeStamp === first.at) return 0
  return ((clientX - first.x) * swiped.direction) / (timeStamp - first.at)
}

function isTextSelected(): boolean {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed
}
