import { css } from 'lit'
import '../ui/hb-icon.ts'
import { isFromEdge, settle, Swipe, type Swiped } from '../ui/swipe.ts'

/** From here on the finger replies when it lifts. */
const replyAtPx = 56
/** Beyond that the row follows only so much: there is nothing more to come. */
const resistance = 0.2
const maxPastPx = 24
const hapticMs = 10

export interface SwipeToReplyOptions {
  rowAt: (target: EventTarget | null) => HTMLElement | undefined
  /** Replies to the message of a row; undefined where the user may not. */
  replyOf: (row: HTMLElement) => (() => unknown) | undefined
}

/**
 * A finger moves a message in the direction of reading and lets go: the reply begins. The mark behind the row says what will
 * happen, and whether the finger is far enough. Moving back gives up.
 */
export class SwipeToReply {
  readonly #options: SwipeToReplyOptions
  readonly #swipe = new Swipe((event) => this.#find(event))
  #mark: HTMLElement | undefined

  constructor(options: SwipeToReplyOptions) {
    this.#options = options
  }

  readonly onPointerDown = this.#swipe.onPointerDown
  readonly cancel = this.#swipe.cancel

  #find(event: PointerEvent): Swiped | undefined {
    const row = this.#options.rowAt(event.target)
    const reply = row && this.#options.replyOf(row)
    if (!row || !reply) return undefined
    const isRtl = getComputedStyle(row).direction === 'rtl'
    if (isFromEdge(event, isRtl)) return undefined
    const direction = isRtl ? -1 : 1
    let shownPx = 0
    const isFarEnough = (distancePx: number): boolean => distancePx >= replyAtPx
    const settleBack = (): void => void this.#settle(row, shownPx * direction)
    return {
      direction,
      start: () => this.#showMark(row),
      move: (distancePx) => {
        shownPx = followedPx(distancePx)
        const wasArmed = this.#mark?.classList.contains('armed')
        this.#mark?.classList.toggle('armed', isFarEnough(distancePx))
        if (isFarEnough(distancePx) && !wasArmed) vibrate()
        row.style.setProperty('--swiped', `${shownPx * direction}px`)
        row.style.setProperty('--swiped-part', String(Math.min(1, distancePx / replyAtPx)))
      },
      end: (distancePx) => {
        settleBack()
        if (isFarEnough(distancePx)) reply()
      },
      cancel: settleBack,
    }
  }

  #showMark(row: HTMLElement): void {
    this.#mark?.remove()
    const mark = document.createElement('span')
    mark.className = 'swipe-mark'
    mark.setAttribute('aria-hidden', 'true')
    const icon = document.createElement('hb-icon')
    icon.name = 'reply'
    icon.size = 18
    mark.append(icon)
    row.append(mark)
    row.toggleAttribute('data-swiped', true)
    this.#mark = mark
  }

  async #settle(row: HTMLElement, fromPx: number): Promise<void> {
    const mark = this.#mark
    this.#mark = undefined
    row.style.removeProperty('--swiped')
    row.style.removeProperty('--swiped-part')
    row.removeAttribute('data-swiped')
    mark?.remove()
    const parts = [...row.children].filter((part) => part instanceof HTMLElement)
    await Promise.all(parts.map((part) => settle(part, fromPx, 0)))
  }
}

function followedPx(distancePx: number): number {
  const pastPx = Math.max(0, distancePx - replyAtPx)
  return Math.min(distancePx, replyAtPx) + Math.min(maxPastPx, pastPx * resistance)
}

/** Where there is one. Before the first tap the browser refuses it, and says so in its console. */
function vibrate(): void {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(hapticMs)
}

export const swipeToReplyStyles = css`
  .row[data-swiped] {
    position: relative;
    isolation: isolate;
  }
  .row[data-swiped] > :not(.swipe-mark) {
    translate: var(--swiped, 0);
  }
  .swipe-mark {
    position: absolute;
    z-index: -1;
    inset-block: 0;
    inset-inline-start: var(--space-3);
    margin-block: auto;
    display: grid;
    place-items: center;
    inline-size: 2rem;
    block-size: 2rem;
    border-radius: var(--radius-pill);
    background: var(--color-surface-selected);
    color: var(--color-text-muted);
    opacity: var(--swiped-part, 0);
    scale: calc(0.6 + 0.4 * var(--swiped-part, 0));
  }
  .swipe-mark.armed {
    background: var(--color-accent-fill);
    color: var(--color-on-accent);
  }
  @media (forced-colors: active) {
    .swipe-mark.armed {
      forced-color-adjust: none;
      background: Highlight;
      color: HighlightText;
    }
  }
`
