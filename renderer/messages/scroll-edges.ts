/** The day at the top is shown for this long after scrolling. */
const dayRestMs = 1000

/** What surrounds the rows of a list: the bar of the day at the top, and the scrollbar at the side. */
export class ScrollEdges {
  readonly #scroller: () => HTMLElement
  #gutterPx = 0
  #isResting = true
  #restTimer = 0

  /** The only child of the scroller has the styles. */
  constructor(scroller: () => HTMLElement) {
    this.#scroller = scroller
  }

  /** The width of the scrollbar depends on the system; the styles take it from the margin at that side. */
  measureGutter(): void {
    const scroller = this.#scroller()
    const gutter = scroller.offsetWidth - scroller.clientWidth
    if (gutter === this.#gutterPx) return
    this.#gutterPx = gutter
    this.#content?.style.setProperty('--gutter', `${gutter}px`)
  }

  /** Nothing was scrolled within the last second. */
  get isResting(): boolean {
    return this.#isResting
  }

  onScroll(): void {
    clearTimeout(this.#restTimer)
    this.#restTimer = window.setTimeout(() => this.#setResting(true), dayRestMs)
    this.#setResting(false)
  }

  stop(): void {
    clearTimeout(this.#restTimer)
    this.#setResting(true)
  }

  /** Without an update of the list: a scroll must stay cheap. */
  #setResting(isResting: boolean): void {
    if (isResting === this.#isResting) return
    this.#isResting = isResting
    this.#content?.classList.toggle('resting', isResting)
  }

  get #content(): HTMLElement | null {
    return this.#scroller().firstElementChild as HTMLElement | null
  }
}
