import { css, html, LitElement, nothing } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from './button.ts'
import { copyText } from './copy-to-clipboard.ts'
import './hb-icon.ts'

/** A secret that is shown once, to be copied: one click selects it, and it has a button. */
export class HbSecret extends LitElement {
  static override properties = {
    label: { type: String },
    note: { type: String },
    action: { type: String },
    value: { attribute: false },
    copied: { state: true },
    failed: { state: true },
  }
  declare label: string
  /** Above it: why it must be copied now. */
  declare note: string
  /** The label of the button. */
  declare action: string
  declare value: string
  declare copied: boolean
  declare failed: boolean

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        align-items: flex-start;
        gap: var(--space-3);
        padding: var(--space-4);
        border: 1px solid var(--color-border-control);
        border-radius: var(--radius-control);
        font: var(--type-body);
        color: var(--color-text);
      }
      p {
        font-weight: 500;
      }
      .value {
        inline-size: 100%;
        padding: var(--space-3);
        border-radius: var(--radius-control);
        background: var(--color-button);
        font: var(--type-code);
        overflow-wrap: anywhere;
        user-select: all;
        -webkit-user-select: all;
      }
      .place {
        position: absolute;
      }
      .failed {
        font-weight: 400;
        color: var(--color-danger);
      }
    `,
  ]

  constructor() {
    super()
    this.label = ''
    this.note = ''
    this.action = ''
    this.value = ''
    this.copied = false
    this.failed = false
  }

  /** The value, so that a screen reader reads it; Tab leads on to its button. */
  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('.value')?.focus()
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('value')) return
    this.copied = false
    this.failed = false
  }

  override render() {
    return html`
      <p role="status">${this.note}</p>
      <div class="place"></div>
      <div class="value" role="group" aria-label=${this.label} dir="ltr" tabindex="0">${this.value}</div>
      ${this.failed ? html`<p class="failed" role="alert">${t('tokens.copyFailed')}</p>` : nothing}
      <button type="button" class="button primary" @click=${() => void this.#copy()}>
        <hb-icon name=${this.copied ? 'check' : 'copy'}></hb-icon>
        ${this.copied ? t('common.copied') : this.action}
      </button>
    `
  }

  async #copy() {
    const place = this.renderRoot.querySelector<HTMLElement>('.place')
    this.copied = await copyText(this.value, place ?? undefined)
    this.failed = !this.copied
  }
}

customElements.define('hb-secret', HbSecret)

declare global {
  interface HTMLElementTagNameMap {
    'hb-secret': HbSecret
  }
}
