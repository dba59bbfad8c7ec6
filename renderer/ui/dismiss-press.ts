// A press outside of a menu or a popover closes it and does nothing else: the chat below it does not open, and the
// button next to it does not act. The browser closes an `auto` popover by itself, but lets the press through.
//
// - A press within any of the open popovers is inside: one may lie over another.
// - The right button closes too, but keeps its meaning: it opens the menu of what is below.
// - A finger that is down while the popover opens has pressed before. Only the next press counts.

interface OpenPopover {
  readonly popover: HTMLElement
  readonly close: () => void
}

/** Of the whole page, since a press closes all that are open. */
const openPopovers = new Set<OpenPopover>()
/** What one press causes. The browser's own action of some of them would move the focus, or follow a link. */
const causedEvents = ['mousedown', 'pointerup', 'mouseup', 'click'] as const

/** Closes the popover at the next press outside of it. `close` returns the focus to where it was, if it has to. */
export function dismissByPress(popover: HTMLElement, close: () => void = () => popover.hidePopover()): void {
  openPopovers.add({ popover, close })
  addEventListener('pointerdown', onPress, true)
}

function onPress(event: PointerEvent): void {
  const path = event.composedPath()
  const stillOpen = [...openPopovers].filter(({ popover }) => popover.matches(':popover-open'))
  if (stillOpen.some(({ popover }) => path.includes(popover))) return
  openPopovers.clear()
  removeEventListener('pointerdown', onPress, true)
  if (stillOpen.length > 0 && event.button === 0) swallowPress(event)
  for (const { close } of stillOpen) close()
}

/** Until the next press: a click may come long after the finger. Clicks of the keyboard are not part of a press. */
function swallowPress(press: PointerEvent): void {
  const swallow = (event: UIEvent): void => {
    if (event.type === 'click' && event.detail === 0) return
    event.stopImmediatePropagation()
    if (event.type === 'mousedown' || event.type === 'click') event.preventDefault()
  }
  const end = (event: Event): void => {
    if (event === press) return
    for (const type of causedEvents) removeEventListener(type, swallow, true)
    removeEventListener('pointerdown', end, true)
  }
  press.stopPropagation()
  for (const type of causedEvents) addEventListener(type, swallow, true)
  addEventListener('pointerdown', end, true)
}
