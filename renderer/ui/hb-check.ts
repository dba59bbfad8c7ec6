import { css, html, LitElement, nothing } from 'lit'
import { adoptStyles } from './adopt-styles.ts'

/** A checkbox with a line of explanation. A native checkbox in the light DOM: its value is `on`. */
export class HbCheck extends LitElement {
  static override properties = {
    label: { type: String },
    hint: { type: String },
    name: { type: String },
    checked: { type: Boolean },
  }
  declare label: string
  declare hint: string
  declare name: string
  declare checked: boolean

  constructor() {
    super()
    this.label = ''
    this.hint = ''
    this.name = ''
    this.checked = false
  }

  protected override createRenderRoot() {
    return this
  }

  override connectedCallback(): void {
    adoptStyles(this, styles)
    super.connectedCallback()
  }

  override render() {
    return html`<label class="hb-check">
      <input
        type="checkbox"
        name=${this.name}
        .checked=${this.checked}
        @change=${(event: Event) => {
          this.checked = (event.target as HTMLInputElement).checked
        }}
      />
      <span>
        ${this.label} ${this.hint ? html`<span class="hb-check-hint">${this.hint}</span>` : nothing}
      </span>
    </label>`
  }
}

const styles = css`
  .hb-check {
    display: flex;
    align-items: flex-start;
    gap: var(--space-3);
    min-block-size: 24px;
    font: var(--type-body);
    cursor: pointer;
  }
  .hb-check input {
    flex: none;
    inline-size: 1.125rem;
    block-size: 1.125rem;
    margin: 0.125rem 0 0;
    accent-color: var(--color-accent-fill);
    cursor: pointer;
  }
  .hb-check-hint {
    display: block;
    font: var(--type-secondary);
    color: var(--color-text-muted);
    text-wrap: pretty;
  }
`

customElements.define('hb-check', HbCheck)

declare global {
  interface HTMLElementTagNameMap {
    'hb-check': HbCheck
  }
}
