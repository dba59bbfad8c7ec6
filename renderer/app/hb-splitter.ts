import { css, html, LitElement } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'

const minWidthPx = 240
const maxWidthPx = 420
const defaultWidthPx = 296
const storageKey = 'hubbub-list-width'

/** The line between the list and the chat: dragged, or moved by the arrow keys. A double click resets it. */
export class HbSplitter extends LitElement {
  static override properties = { width: { state: true } }
  declare width: number

  static override styles = [
    baseStyles,
    css`
      :host {
        position: relative;
        z-index: 1;
        inline-size: 0;
      }
      div {
        position: absolute;
        inset-block: 0;
        inset-inline: -4px;
        cursor: col-resize;
        touch-action: none;
        outline: 0;
      }
      div::after {
        content: '';
        position: absolute;
        inset-block: 0;
        inset-inline: 2px 3px;
        transition: background-color var(--motion-hover);
      }
      div:hover::after,
      div:active::after {
        background: var(--color-border-control);
      }
      div:focus-visible::after {
        background: var(--color-focus);
      }
    `,
  ]

  constructor() {
    super()
    this.width = readStoredWidth()
  }

  protected override updated(): void {
    // Set on the grid that holds both panes. Without it the width follows the text size.
    const { style } = this.parentElement as HTMLElement
    if (this.width === defaultWidthPx) style.removeProperty('--list-width')
    else style.setProperty('--list-width', `${this.width}px`)
  }

  override render() {
    return html`<div
      role="separator"
      tabindex="0"
      aria-orientation="vertical"
      aria-label=${t('shell.splitter')}
      aria-valuenow=${this.width}
      aria-valuemin=${minWidthPx}
      aria-valuemax=${maxWidthPx}
      @pointerdown=${this.#onPointerDown}
      @dblclick=${() => this.#setWidth(defaultWidthPx)}
      @keydown=${this.#onKey}
    ></div>`
  }

  #onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return
    const handle = event.currentTarget as HTMLElement
    const start = { x: event.clientX, width: this.#shownWidth() }
    const drag = (move: PointerEvent) =>
      this.#setWidth(start.width + (move.clientX - start.x) * this.#growDirection())
    handle.setPointerCapture(event.pointerId)
    handle.addEventListener('pointermove', drag)
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', drag), {
      once: true,
    })
  }

  #onKey = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -16, ArrowRight: 16 }[event.key]
    if (by !== undefined) this.#setWidth(this.#shownWidth() + by * this.#growDirection())
    else if (event.key === 'Home') this.#setWidth(minWidthPx)
    else if (event.key === 'End') this.#setWidth(maxWidthPx)
    else return
    event.preventDefault()
  }

  #setWidth(width: number) {
    this.width = Math.round(Math.max(minWidthPx, Math.min(maxWidthPx, width)))
    try {
      localStorage.setItem(storageKey, String(this.width))
    } catch {
      // Storage is not available: the width lasts until the window is closed.
    }
  }

  #shownWidth(): number {
    return this.previousElementSibling?.getBoundingClientRect().width ?? this.width
  }

  /** Right makes it wider, except in right-to-left layouts. */
  #growDirection(): number {
    return getComputedStyle(this).direction === 'rtl' ? -1 : 1
  }
}

function readStoredWidth(): number {
  try {
    const width = Number(localStorage.getItem(storageKey) ?? defaultWidthPx)
    return width >= minWidthPx && width <= maxWidthPx ? width : defaultWidthPx
  } catch {
    return defaultWidthPx
  }
}

customElements.define('hb-splitter', HbSplitter)
