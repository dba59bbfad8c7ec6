const windowMarginPx = 8
const gapPx = 6

interface Size {
  width: number
  height: number
}

/**
 * Returns where a tip goes: below its target, else above, else at its side. It never covers the target, so there may be no
 * room: then undefined. `pointerX` is on the target; a tip of a wide target appears there.
 */
export function placeTip(
  target: Pick<DOMRectReadOnly, 'left' | 'right' | 'top' | 'bottom'>,
  { width, height }: Size,
  room: Size,
  pointerX?: number,
): { left: number; top: number } | undefined {
  const middle = (target.left + target.right) / 2
  const isWide = target.right - target.left > width
  const left = clamp((isWide ? (pointerX ?? middle) : middle) - width / 2, room.width - width)
  const below = Math.max(windowMarginPx, target.bottom + gapPx)
  if (below + height <= room.height - windowMarginPx) return { left, top: below }
  const above = Math.min(target.top - gapPx, room.height - windowMarginPx) - height
  if (above >= windowMarginPx) return { left, top: above }
  if (height > room.height - 2 * windowMarginPx) return undefined
  const top = clamp((target.top + target.bottom - height) / 2, room.height - height)
  const after = Math.max(windowMarginPx, target.right + gapPx)
  if (after + width <= room.width - windowMarginPx) return { left: after, top }
  const before = Math.min(target.left - gapPx, room.width - windowMarginPx) - width
  return before >= windowMarginPx ? { left: before, top } : undefined
}

function clamp(position: number, room: number): number {
  return Math.max(windowMarginPx, Math.min(position, room - windowMarginPx))
}
