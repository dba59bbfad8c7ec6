const longPressMs = 500
/** A finger that moves farther than this scrolls. */
const maxMovePx = 10

export interface PressPoint {
  /** As it was when the finger came down: later the event no longer knows. */
  readonly target: EventTarget | null
  readonly x: number
  readonly y: number
}

/** A finger or pen that stays where it is: it opens the menu that a mouse opens by its right button. */
export class LongPress {
  readonly #run: (point: PressPoint) => void
  #press: { timer: number; x: number; y: number } | undefined

  constructor(run: (point: PressPoint) => void) {
    this.#run = run
  }

  readonly onPointerDown = (event: PointerEvent): void => {
    this.cancel()
    if (event.pointerType === 'mouse') return
    const { target, clientX: x, clientY: y } = event
    const timer = window.setTimeout(() => {
      this.cancel()
      ignoreNextClick()
      this.#run({ target, x, y })
    }, longPressMs)
    this.#press = { timer, x, y }
  }

  readonly onPointerMove = ({ clientX, clientY }: PointerEvent): void => {
    const press = this.#press
    if (press && Math.hypot(clientX - press.x, clientY - press.y) > maxMovePx) this.cancel()
  }

  /** The finger has lifted, or the browser scrolls. */
  readonly cancel = (): void => {
    clearTimeout(this.#press?.timer)
    this.#press = undefined
  }
}

/**
 * The lifting finger clicks what is below it: a link, or an item of the menu that the press has opened. That click means
 * nothing. Clicks of the keyboard and of screen readers, without a finger, do.
 */
function ignoreNextClick(): void {
  const ignore = (event: MouseEvent): void => {
    if (event.detail === 0) return
    event.preventDefault()
    event.stopImmediatePropagation()
    end()
  }
  const end = (): void => {
    removeEventListener('click', ignore, true)
    removeEventListener('pointerdown', end, true)
  }
  addEventListener('click', ignore, true)
  addEventListener('pointerdown', end, true)
}

/** True for the `contextmenu` of a finger: a long press has opened the menu already, or is about to. */
export function isTouchMenu(event: MouseEvent): boolean {
  return event instanceof PointerEvent && event.pointerType !== 'mouse' && event.pointerType !== ''
}
