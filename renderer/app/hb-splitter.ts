import { css, html, LitElement } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'

const least = 240
const most = 420
const usual = 296
const key = 'hubbub-list-width'

/** The line between the list and the chat: dragged, or moved by the arrow keys; a double press puts it back. */
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
    this.width = kept()
  }

  protected override updated(): void {
    // On the grid that both panes stand in; unset, the width follows the size of the text.
    const { style } = this.parentElement as HTMLElement
    if (this.width === usual) style.removeProperty('--list-width')
    else style.setProperty('--list-width', `${this.width}px`)
  }

  override render() {
    return html`<div
      role="separator"
      tabindex="0"
      aria-orientation="vertical"
      aria-label=${t('shell.splitter')}
      aria-valuenow=${this.width}
      aria-valuemin=${least}
      aria-valuemax=${most}
      @pointerdown=${this.#grab}
      @dblclick=${() => this.#set(usual)}
      @keydown=${this.#onKey}
    ></div>`
  }

  #grab = (event: PointerEvent) => {
    if (event.button !== 0) return
    const handle = event.currentTarget as HTMLElement
    const start = { x: event.clientX, width: this.#shownWidth() }
    const drag = (move: PointerEvent) => this.#set(start.width + (move.clientX - start.x) * this.#towards())
    handle.setPointerCapture(event.pointerId)
    handle.addEventListener('pointermove', drag)
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', drag), {
      once: true,
    })
  }

  #onKey = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -16, ArrowRight: 16 }[event.key]
    if (by !== undefined) this.#set(this.#shownWidth() + by * this.#towards())
    else if (event.key === 'Home') this.#set(least)
    else if (event.key === 'End') this.#set(most)
    else return
    event.preventDefault()
  }

  #set(width: number) {
    this.width = Math.round(Math.max(least, Math.min(most, width)))
    try {
      localStorage.setItem(key, String(this.width))
    } catch {
      // Then it holds until the window is closed.
    }
  }

  #shownWidth(): number {
    return this.previousElementSibling?.getBoundingClientRect().width ?? this.width
  }

  /** Right is wider, but not where the list stands on the right. */
  #towards(): number {
    return getComputedStyle(this).direction === 'rtl' ? -1 : 1
  }
}

function kept(): number {
  try {
    const width = Number(localStorage.getItem(key) ?? usual)
    return width >= least && width <= most ? width : usual
  } catch {
    return usual
  }
}

customElements.define('hb-splitter', HbSplitter)
