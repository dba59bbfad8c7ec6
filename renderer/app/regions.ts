// F6 and Shift+F6 lead from one region of the window to the next, as in other programs of several panes.
import { containsAcrossRoots, deepActiveElement, firstFocusable } from '../ui/focus.ts'

export interface Region {
  readonly element: HTMLElement
  readonly focus: () => void
}

/** A region whose first control gets the focus. Nothing for an element that is absent. */
export function regionOf(element: Element | null | undefined, focus?: () => void): Region[] {
  if (!(element instanceof HTMLElement)) return []
  return [{ element, focus: focus ?? (() => firstFocusable(element)?.focus()) }]
}

/** Moves the focus to the next region that takes it. `regions` are in the order of reading; hidden ones are left out. */
export function moveToRegion(regions: readonly Region[], by: 1 | -1): void {
  const shown = regions.filter(({ element }) => element.checkVisibility())
  const active = deepActiveElement()
  const from = shown.findIndex(({ element }) => containsAcrossRoots(element, active))
  const start = from < 0 ? (by === 1 ? -1 : 0) : from
  for (let step = 1; step <= shown.length; step += 1) {
    const { element, focus } = shown[(start + by * step + shown.length * 2) % shown.length] as Region
    focus()
    if (containsAcrossRoots(element, deepActiveElement())) return
  }
}
