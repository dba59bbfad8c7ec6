import { visibleHeightRange } from '../styles/visible-area.ts'

export interface PopoverPlacement {
  /** The preferred side of the anchor; the other one if there is no room. */
  side: 'above' | 'below'
  /** The edge of the anchor that the popover is aligned with: `end` is the right one, left in right-to-left layouts. */
  align: 'start' | 'end'
  /** Distance from the anchor; negative to overlap it. */
  gapPx: number
  /** Distance from the edge of the anchor, towards its middle. */
  insetPx?: number
}

const windowMarginPx = 8

/** Places an open popover with `position: fixed` at an anchor, never outside the window. */
export function placePopover(
  popover: HTMLElement,
  anchor: DOMRectReadOnly,
  { side, align, gapPx, insetPx = 0 }: PopoverPlacement,
): void {
  const { offsetWidth: width, offsetHeight: height } = popover
  const isRightToLeft = getComputedStyle(popover).direction === 'rtl'
  const isAtRight = (align === 'end') !== isRightToLeft
  const above = anchor.top - gapPx - height
  const below = anchor.bottom + gapPx
  const fitsAbove = above >= visibleHeightRange().topPx + windowMarginPx
  const fitsBelow = below + height <= visibleHeightRange().bottomPx - windowMarginPx
  const isBelow = side === 'below' ? fitsBelow : !fitsAbove
  setPosition(
    popover,
    isAtRight ? anchor.right - insetPx - width : anchor.left + insetPx,
    isBelow ? below : above,
  )
}

/** Places an open popover at a point, as a context menu: below it if there is room, else above it. */
export function placePopoverAt(popover: HTMLElement, x: number, y: number): void {
  const { offsetHeight: height } = popover
  const fitsBelow = y + height <= visibleHeightRange().bottomPx - windowMarginPx
  setPosition(popover, x, fitsBelow ? y : y - height)
}

function setPosition({ style, offsetWidth, offsetHeight }: HTMLElement, left: number, top: number): void {
  const { topPx, bottomPx } = visibleHeightRange()
  style.left = `${clamp(left, 0, innerWidth - offsetWidth)}px`
  style.top = `${clamp(top, topPx, bottomPx - offsetHeight)}px`
}

function clamp(position: number, from: number, to: number): number {
  return Math.max(from + windowMarginPx, Math.min(position, to - windowMarginPx))
}
