import { css, html, LitElement, nothing } from 'lit'
import { deepActiveElement } from './focus.ts'
import { kbdStyles } from './kbd-styles.ts'
import { placeTip } from './place-tip.ts'

const delayMs = 300
/** After one tip, those of its neighbours appear at once. */
const warmMs = 400

/*
 * The one tooltip of the page, for everything with `data-tip` (and `data-tip-key`, its key). Native tooltips come late, never
 * on keyboard focus, and repeat the name as a description.
 *
 * - By mouse it appears after a moment, by keyboard when Tab or an arrow key has moved the focus; never by touch.
 * - It listens on the document. Events that move within one shadow tree, such as pointerover and focusin, do not get
 *   there, so it follows pointermove and the keys, which do.
 * - It is a popover, above dialogs also. It is hidden from screen readers: the target has a name of its own.
 */
export class HbTip extends LitElement {
  static override properties = { text: { state: true }, key: { state: true } }
  declare text: string
  declare key: string

  #target: HTMLElement | undefined
  /** Pressed: it stays without a tip until the pointer or the focus leaves it. */
  #dismissed: HTMLElement | undefined
  #lastUnderPointer: EventTarget | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #hiddenAt = -Infinity

  static override styles = [
    kbdStyles,
    css`
      :host {
        position: fixed;
        inset: auto;
        margin: 0;
        max-inline-size: min(20rem, calc(100vw - 16px));
        padding: var(--space-1) var(--space-2);
        border: 1px solid transparent;
        border-radius: var(--radius-control);
        background: light-dark(oklch(0.27 0.012 60), oklch(0.93 0.01 75));
        color: light-dark(oklch(0.97 0.006 75), oklch(0.22 0.01 60));
        box-shadow: var(--shadow-raised);
        font: var(--type-meta);
        overflow-wrap: anywhere;
        white-space: pre-line;
      }
      :host(:popover-open) {
        opacity: 1;
        transition: opacity var(--motion-appear) var(--ease);
      }
      @starting-style {
        :host(:popover-open) {
          opacity: 0;
        }
      }
      kbd {
        margin-inline-start: var(--space-1);
        border-color: currentColor;
        background: none;
        color: inherit;
        font: inherit;
        opacity: 0.75;
      }
      @media (forced-colors: active) {
        :host {
          border-color: CanvasText;
          background: Canvas;
          color: CanvasText;
        }
        kbd {
          opacity: 1;
        }
      }
    `,
  ]

  constructor() {
    super()
    this.text = ''
    this.key = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.popover = 'manual'
    this.setAttribute('aria-hidden', 'true')
    const options = { capture: true, passive: true }
    document.addEventListener('pointermove', this.#onPointerMove, options)
    document.addEventListener('pointerdown', this.#onPress, options)
    document.addEventListener('keydown', this.#onKey, options)
    document.addEventListener('scroll', this.#hide, options)
    document.documentElement.addEventListener('pointerleave', this.#onLeave, options)
    addEventListener('blur', this.#hide)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    const options = { capture: true }
    document.removeEventListener('pointermove', this.#onPointerMove, options)
    document.removeEventListener('pointerdown', this.#onPress, options)
    document.removeEventListener('keydown', this.#onKey, options)
    document.removeEventListener('scroll', this.#hide, options)
    document.documentElement.removeEventListener('pointerleave', this.#onLeave, options)
    removeEventListener('blur', this.#hide)
    clearTimeout(this.#timer)
  }

  protected override render(): unknown {
    return html`<bdi>${this.text}</bdi>${this.key ? html` <kbd dir="ltr">${this.key}</kbd>` : nothing}`
  }

  #onPointerMove = (event: PointerEvent): void => {
    if (event.pointerType === 'touch') return
    const path = event.composedPath()
    if (path[0] === this.#lastUnderPointer) return
    this.#lastUnderPointer = path[0]
    // The pointer may go onto the tip, for example to read a long one.
    if (path.includes(this)) return
    const target = path.find(hasTip)
    if (target !== this.#dismissed) this.#dismissed = undefined
    if (target === this.#target) return
    this.#hide()
    if (!target || target === this.#dismissed) return
    const isWarm = performance.now() - this.#hiddenAt < warmMs
    this.#request(target, isWarm ? 0 : delayMs, event.clientX)
  }

  #onLeave = (): void => {
    this.#lastUnderPointer = undefined
    this.#hide()
  }

  #onPress = (event: Event): void => {
    this.#dismissed = event.composedPath().find(hasTip)
    this.#hide()
  }

  #onKey = (event: KeyboardEvent): void => {
    this.#hide()
    if (!/^(Tab|Arrow|Home|End)/.test(event.key) || event.altKey || event.ctrlKey || event.metaKey) return
    // The focus moves once the key is handled.
    requestAnimationFrame(() => {
      const active = deepActiveElement()
      if (active && hasTip(active) && active.matches(':focus-visible')) this.#request(active, delayMs)
    })
  }

  #request(target: HTMLElement, waitMs: number, pointerX?: number): void {
    clearTimeout(this.#timer)
    this.#target = target
    this.#timer = setTimeout(() => void this.#show(target, pointerX), waitMs)
  }

  async #show(target: HTMLElement, pointerX: number | undefined): Promise<void> {
    this.text = target.dataset['tip'] ?? ''
    this.key = target.dataset['tipKey'] ?? ''
    await this.updateComplete
    const box = target.getBoundingClientRect()
    // A menu says more, and an element that has gone has no size.
    const isMoot = target !== this.#target || box.width === 0 || target.ariaExpanded === 'true'
    if (isMoot || this.text === '' || !target.isConnected) return
    this.showPopover()
    const { offsetWidth: width, offsetHeight: height } = this
    const at = placeTip(box, { width, height }, { width: innerWidth, height: innerHeight }, pointerX)
    if (!at) return this.#hide()
    this.style.left = `${at.left}px`
    this.style.top = `${at.top}px`
  }

  #hide = (): void => {
    clearTimeout(this.#timer)
    this.#target = undefined
    if (!this.matches(':popover-open')) return
    this.#hiddenAt = performance.now()
    this.hidePopover()
  }
}

function hasTip(each: EventTarget): each is HTMLElement {
  return each instanceof HTMLElement && (each.dataset['tip'] ?? '') !== ''
}

customElements.define('hb-tip', HbTip)

declare global {
  interface HTMLElementTagNameMap {
    'hb-tip': HbTip
  }
}
