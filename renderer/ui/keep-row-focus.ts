// When the element with the focus goes, the browser drops the focus: keys then reach nothing, or something that the
// user does not look at. This moves it to where the eye is.
//
// - A row that stays keeps the focus, and so does one that is drawn again elsewhere. For a row that goes it is the row that takes its place, the same control in it.
// - It never takes the focus from another element, and not back after the user has left the rows.
// - A dialog that was opened from the row returns the focus to the row that has taken its place (`focusInstead`).
import type { ReactiveController, ReactiveControllerHost, ReactiveElement } from 'lit'
import { closestAcrossRoots, containsAcrossRoots, deepActiveElement } from './focus.ts'

const focusable = 'a[href], button:not([disabled]), input:not([disabled]), select, textarea, [tabindex]'
/** What a dialog focuses in place of an element that has gone. */
const replacements = new WeakMap<HTMLElement, () => HTMLElement | undefined>()

export interface KeepRowFocusOptions {
  /** A selector of the rows in the shadow root of the host. */
  rows: string
  /** False for a row that is only out of view. */
  isGone?: (row: HTMLElement) => boolean
  /** What the row is about: another row with the same key is this one, drawn again elsewhere. */
  keyOf?: (row: HTMLElement) => string
}

interface FocusedPlace {
  readonly row: HTMLElement
  readonly element: HTMLElement
  readonly key: string | undefined
  /** Among the controls of the row; -1 for the row itself. */
  readonly controlIndex: number
  rowIndex: number
}

export class KeepRowFocus implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement
  readonly #options: KeepRowFocusOptions
  #place: FocusedPlace | undefined

  constructor(host: ReactiveControllerHost & HTMLElement, options: KeepRowFocusOptions) {
    this.#host = host
    this.#options = options
    host.addController(this)
  }

  /** A move from row to row stays within the shadow tree: the host itself does not hear of it. */
  hostConnected(): void {
    this.#host.shadowRoot?.addEventListener('focusin', this.#onFocusIn)
    this.#host.shadowRoot?.addEventListener('focusout', this.#onFocusOut)
  }

  hostDisconnected(): void {
    this.#host.shadowRoot?.removeEventListener('focusin', this.#onFocusIn)
    this.#host.shadowRoot?.removeEventListener('focusout', this.#onFocusOut)
    this.#place = undefined
  }

  hostUpdated(): void {
    const place = this.#place
    if (!place) return
    if (place.element.isConnected) {
      place.rowIndex = this.#rows().indexOf(place.row)
      // a row that moves in the list loses the focus on the way
      if (!deepActiveElement()) place.element.focus({ preventScroll: true })
      return
    }
    this.#place = undefined
    if (!place.row.isConnected && this.#options.isGone?.(place.row) === false) return
    replacements.set(place.element, () => this.#successorOf(place))
    if (!deepActiveElement()) void this.#focusRedrawn(place)
  }

  /** The controls of a row that is drawn elsewhere are there a moment later. */
  async #focusRedrawn(place: FocusedPlace): Promise<void> {
    const [row] = this.#redrawnRows(place)
    await (row as Partial<ReactiveElement> | undefined)?.updateComplete
    if (!deepActiveElement()) focusInstead(place.element)
  }

  #redrawnRows({ key }: FocusedPlace): HTMLElement[] {
    return this.#rows().filter((each) => key !== undefined && this.#options.keyOf?.(each) === key)
  }

  #onFocusIn = (event: Event): void => {
    const element = event.composedPath()[0] as HTMLElement
    const rows = this.#rows()
    const rowIndex = rows.findIndex((row) => containsAcrossRoots(row, element))
    const row = rows[rowIndex]
    const key = row && this.#options.keyOf?.(row)
    this.#place = row && { row, element, key, rowIndex, controlIndex: controlsOf(row).indexOf(element) }
  }

  /** The focus that a removal takes leaves an element that is gone. A dialog and a menu give it back to the row. */
  #onFocusOut = (): void => {
    const place = this.#place
    setTimeout(() => {
      if (place !== this.#place || !place?.element.isConnected) return
      const active = deepActiveElement()
      const isInside =
        containsAcrossRoots(place.row, active) || closestAcrossRoots(active, 'hb-dialog, dialog, [popover]')
      if (!isInside) this.#place = undefined
    })
  }

  #rows(): HTMLElement[] {
    return [...(this.#host.shadowRoot?.querySelectorAll<HTMLElement>(this.#options.rows) ?? [])]
  }

  #successorOf(place: FocusedPlace): HTMLElement | undefined {
    const { row, rowIndex, controlIndex } = place
    if (row.isConnected && row.matches('[tabindex]')) return row
    const rows = this.#rows()
    const following = row.isConnected ? [row, ...rows.slice(rowIndex + 1)] : rows.slice(rowIndex)
    for (const each of [...this.#redrawnRows(place), ...following, ...rows.slice(0, rowIndex).reverse()]) {
      if (controlIndex === -1 && each.matches('[tabindex]')) return each
      const controls = controlsOf(each)
      const control = controls[controlIndex] ?? controls.at(-1)
      if (control) return control
    }
    return controlsOf(this.#host)[0]
  }
}

/** Focuses what took the place of an element that is gone. */
export function focusInstead(gone: HTMLElement): void {
  replacements.get(gone)?.()?.focus({ preventScroll: true })
}

/** The controls in an element and in the shadow trees within it, those that are shown. */
function controlsOf(element: HTMLElement): HTMLElement[] {
  const found: HTMLElement[] = []
  const collect = (root: ParentNode): void => {
    for (const each of root.querySelectorAll<HTMLElement>('*')) {
      if (each.matches(focusable) && each.checkVisibility()) found.push(each)
      if (each.shadowRoot) collect(each.shadowRoot)
    }
  }
  if (element.shadowRoot) collect(element.shadowRoot)
  collect(element)
  return found
}
