import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from './button.ts'
import { deepActiveElement } from './focus.ts'
import './hb-icon.ts'
import { focusInstead } from './keep-row-focus.ts'
import { isComposing } from './keys.ts'

/** After this time without a response the user may leave. */
const slowRequestMs = 5_000

/** In a body; what is in `actions` does not scroll. */
const focusable = ['a[href]', 'button', 'input', 'select', 'textarea', '[tabindex]']
  .map((each) => `${each}:not([slot=actions])`)
  .join()

/**
 * A dialog of at most 480 pixels width. It is open while it is in the document, and emits `hb-close` when the user
 * closes it (Esc, the cross, a click outside); its owner then removes it. A click outside does not close a form that the
 * user has begun to fill in. The element with `autofocus` gets the focus,
 * which returns to where it was. Slots: the body, and `actions`.
 */
export class HbDialog extends LitElement {
  static override properties = {
    heading: { type: String },
    wide: { type: Boolean, reflect: true },
    plain: { type: Boolean, reflect: true },
    busy: { type: Boolean },
    slow: { state: true },
  }
  declare heading: string
  /** Without heading and close button: the body says it all. */
  declare plain: boolean
  declare wide: boolean
  /** It stays open while a request runs, unless the hub takes long to respond. */
  declare busy: boolean
  /** The user may close it although a request runs. */
  declare slow: boolean

  #returnFocusTo: HTMLElement | undefined
  #lastFocused: HTMLElement | undefined
  #pressedOutside = false
  /** The user has changed something in a form, or chosen users or a picture. */
  #isFilledIn = false
  #slowTimer: ReturnType<typeof setTimeout> | undefined
  readonly #resizeObserver = new ResizeObserver(() => this.#markScrolling())

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      dialog {
        inline-size: 480px;
        max-inline-size: calc(100vw - 32px);
        max-block-size: min(720px, calc(100dvh - 32px - var(--covered-start, 0px) - var(--covered-end, 0px)));
        inset-block: var(--covered-start, 0) var(--covered-end, 0);
        padding: 0;
        border: 1px solid var(--color-border);
        border-radius: 12px;
        background: var(--color-surface-floating);
        color: var(--color-text);
        font: var(--type-body);
        box-shadow: var(--shadow-floating);
        overflow: hidden;
        opacity: 1;
        transform: none;
        transition:
          opacity var(--motion-appear) var(--ease),
          transform var(--motion-appear) var(--ease);
        outline: 0;
      }
      dialog[open] {
        display: flex;
        flex-direction: column;
      }
      :host([wide]) dialog {
        inline-size: 560px;
      }
      @starting-style {
        dialog[open] {
          opacity: 0;
          transform: translateY(4px);
        }
      }
      dialog::backdrop {
        background: var(--color-scrim);
      }
      :host([plain]) dialog {
        align-self: flex-start;
        margin-block-start: min(96px, 12vh);
      }
      header {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        padding: var(--space-4) var(--space-4) 0 var(--space-6);
      }
      h2 {
        flex: 1;
        min-inline-size: 0;
        font: var(--type-title);
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 3;
        overflow: hidden;
        overflow-wrap: anywhere;
      }
      .body {
        flex: 1 1 auto;
        min-block-size: 0;
        padding: var(--space-3) var(--space-6) var(--space-6);
        overflow-y: auto;
        overscroll-behavior: contain;
        scrollbar-width: thin;
      }
      :host([plain]) .body {
        padding: 0;
        display: flex;
        flex-direction: column;
      }
      dialog[data-scrolls] footer {
        padding-block-start: var(--space-3);
        border-block-start: 1px solid var(--color-border);
      }
      .slow {
        padding: 0 var(--space-6) var(--space-4);
        color: var(--color-text-muted);
      }
      .slow:empty {
        padding: 0;
      }
      footer {
        display: flex;
        flex-wrap: wrap;
        justify-content: flex-end;
        gap: var(--space-2);
        padding: 0 var(--space-6) var(--space-5);
      }
      ::slotted(p) {
        margin: 0 0 var(--space-3);
      }
      @media (max-width: 30em) {
        dialog:not([data-plain]) {
          max-inline-size: 100vw;
          inline-size: 100vw !important;
          margin-block-end: 0;
          border-end-start-radius: 0;
          border-end-end-radius: 0;
          border-inline: 0;
          border-block-end: 0;
        }
      }
    `,
  ]

  constructor() {
    super()
    this.heading = ''
    this.plain = false
    this.wide = false
    this.busy = false
    this.slow = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#returnFocusTo = deepActiveElement()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#resizeObserver.disconnect()
    clearTimeout(this.#slowTimer)
    this.#dialog?.close()
    const returnTo = this.#returnFocusTo
    if (returnTo?.isConnected) returnTo.focus()
    else if (returnTo) focusInstead(returnTo)
  }

  get #dialog(): HTMLDialogElement | undefined {
    return this.renderRoot.querySelector('dialog') ?? undefined
  }

  protected override firstUpdated(_: PropertyValues<this>): void {
    this.#dialog?.showModal()
    const body = this.renderRoot.querySelector('.body')
    if (body) this.#resizeObserver.observe(body)
    // Native focus stops at slots, and fields draw themselves a moment later.
    queueMicrotask(() => this.querySelector<HTMLElement>('[autofocus]')?.focus())
  }

  /** The words of a long body end at a line above the buttons. */
  #markScrolling(): void {
    const body = this.renderRoot.querySelector('.body')
    const scrolls = body !== null && body.scrollHeight > body.clientHeight
    this.#dialog?.toggleAttribute('data-scrolls', scrolls)
    // A body of words alone has nothing that Tab reaches, so Tab reaches the body.
    if (scrolls && !this.querySelector(focusable)) body.setAttribute('tabindex', '0')
    else body?.removeAttribute('tabindex')
  }

  #onSlotChange = (event: Event): void => {
    for (const element of (event.target as HTMLSlotElement).assignedElements())
      this.#resizeObserver.observe(element)
    if (this.hasUpdated) this.#restoreFocus()
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('busy')) this.#watchRequest()
    if (changed.get('busy') === true) void this.#restoreAfterRequest()
  }

  /** Its buttons were disabled during the request, and lost the focus. Its owner enables them in the same update. */
  async #restoreAfterRequest(): Promise<void> {
    await Promise.resolve()
    this.#restoreFocus()
  }

  /** The control with the focus went with the step of the dialog it belonged to, or was disabled. */
  #restoreFocus(): void {
    if (!this.isConnected || deepActiveElement()) return
    const isUsable = this.#lastFocused?.isConnected && !this.#lastFocused.matches(':disabled')
    const next = this.querySelector<HTMLElement>('[autofocus]:not(:disabled), .primary:not(:disabled)')
    ;(isUsable ? this.#lastFocused : next)?.focus()
  }

  #onFocusIn = (event: FocusEvent): void => {
    const [focused] = event.composedPath()
    if (focused instanceof HTMLElement) this.#lastFocused = focused
  }

  #onChange = (event: Event): void => {
    if (event.composedPath().some((each) => each instanceof HTMLFormElement)) this.#isFilledIn = true
  }

  #watchRequest(): void {
    clearTimeout(this.#slowTimer)
    this.slow = false
    if (this.busy) this.#slowTimer = setTimeout(() => (this.slow = true), slowRequestMs)
  }

  /** The browser closes it by a second Esc without an event before, if nothing in it has the focus. */
  #onNativeClose = (): void => {
    if (!this.isConnected) return
    if (this.busy && !this.slow) this.#dialog?.showModal()
    else this.#close()
  }

  #close() {
    if (!this.busy || this.slow) this.dispatchEvent(new CustomEvent('hb-close'))
  }

  override render() {
    return html`<dialog
      aria-labelledby=${this.plain ? nothing : 'heading'}
      aria-label=${this.plain ? this.heading : nothing}
      ?data-plain=${this.plain}
      @cancel=${(event: Event) => {
        event.preventDefault()
        this.#close()
      }}
      @close=${this.#onNativeClose}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key !== 'Escape' || isComposing(event)) return
        event.preventDefault()
        event.stopPropagation()
        this.#close()
      }}
      @pointerdown=${(event: PointerEvent) => {
        this.#pressedOutside = event.target === this.#dialog && this.#isOutside(event)
      }}
      @click=${(event: MouseEvent) => {
        if (this.#pressedOutside && event.target === this.#dialog && !this.#isFilledIn) this.#close()
      }}
      @focusin=${this.#onFocusIn}
      @input=${this.#onChange}
      @change=${this.#onChange}
      @hb-change=${() => (this.#isFilledIn = true)}
    >
      ${
        this.plain
          ? nothing
          : html`<header>
              <h2 id="heading" dir="auto">${this.heading}</h2>
              <button
                class="icon-button"
                type="button"
                aria-label=${t('common.close')}
                data-tip=${t('common.close')}
                @click=${() => this.#close()}
              >
                <hb-icon name="close" .size=${18}></hb-icon>
              </button>
            </header>`
      }
      <div class="body"><slot @slotchange=${this.#onSlotChange}></slot></div>
      <p class="slow" role="status">${this.slow ? t('error.slow') : nothing}</p>
      <footer ?hidden=${this.plain}><slot name="actions"></slot></footer>
    </dialog>`
  }

  #isOutside({ clientX, clientY }: PointerEvent): boolean {
    const box = this.#dialog?.getBoundingClientRect()
    return (
      box !== undefined &&
      (clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom)
    )
  }
}

customElements.define('hb-dialog', HbDialog)

declare global {
  interface HTMLElementTagNameMap {
    'hb-dialog': HbDialog
  }
}
