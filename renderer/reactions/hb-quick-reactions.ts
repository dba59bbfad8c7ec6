import { css, html, LitElement } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { dismissByPress } from '../ui/dismiss-press.ts'
import '../ui/hb-icon.ts'
import { placePopover } from '../ui/place-popover.ts'

/** A row of emoji next to a message. Arrow keys move; Escape closes; the focus returns to the message. */
export class HbQuickReactions extends LitElement {
  static override properties = { emojis: { attribute: false } }
  declare emojis: readonly string[]

  #resolve: ((chosen: string | undefined) => void) | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        position: fixed;
        inset: auto;
        margin: 0;
        padding: 4px;
        border: 1px solid var(--color-border);
        border-radius: var(--radius-card);
        background: var(--color-surface-floating);
        color: var(--color-text);
        box-shadow: var(--shadow-floating);
      }
      :host(:popover-open) {
        display: flex;
      }
      .icon-button {
        inline-size: 36px;
        block-size: 36px;
        font-size: 1.25rem;
        line-height: 1;
        color: var(--color-text);
        outline-offset: -2px;
      }
    `,
  ]

  constructor() {
    super()
    this.emojis = []
    this.addEventListener('toggle', (event) => {
      if (event.newState === 'closed') this.#finish(undefined)
    })
    this.addEventListener('keydown', this.#onKey)
  }

  /** Returns an emoji, `all` for the whole picker, or undefined. */
  async pick(row: HTMLElement): Promise<string | undefined> {
    this.popover = 'auto'
    document.body.append(this)
    this.setAttribute('role', 'dialog')
    this.setAttribute('aria-label', t('reactions.choose'))
    await this.updateComplete
    this.showPopover()
    dismissByPress(this)
    placePopover(this, row.getBoundingClientRect(), { side: 'above', align: 'end', gapPx: -12, insetPx: 24 })
    this.#buttons()[0]?.focus()
    const chosen = await new Promise<string | undefined>((resolve) => (this.#resolve = resolve))
    this.remove()
    if (row.isConnected) row.focus({ preventScroll: true })
    return chosen
  }

  protected override render(): unknown {
    return html`${this.emojis.map(
        (emoji) =>
          html`<button class="icon-button" aria-label=${emoji} @click=${() => this.#finish(emoji)}>
            ${emoji}
          </button>`,
      )}
      <button
        class="icon-button"
        aria-label=${t('reactions.all')}
        data-tip=${t('reactions.all')}
        @click=${() => this.#finish('all')}
      >
        <hb-icon name="smile" .size=${18}></hb-icon>
      </button>`
  }

  #finish(chosen: string | undefined): void {
    const done = this.#resolve
    this.#resolve = undefined
    if (this.matches(':popover-open')) this.hidePopover()
    done?.(chosen)
  }

  #buttons(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll('button')]
  }

  #onKey = (event: KeyboardEvent): void => {
    const buttons = this.#buttons()
    const at = buttons.findIndex((button) => button === this.shadowRoot?.activeElement)
    const moves: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }
    const by = moves[event.key]
    if (by === undefined) return
    event.preventDefault()
    buttons[(at + by + buttons.length) % buttons.length]?.focus()
  }
}

customElements.define('hb-quick-reactions', HbQuickReactions)

declare global {
  interface HTMLElementTagNameMap {
    'hb-quick-reactions': HbQuickReactions
  }
}
