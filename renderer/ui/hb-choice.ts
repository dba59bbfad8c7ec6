import { css, html, LitElement, nothing } from 'lit'
import { adoptStyles } from './adopt-styles.ts'
import './hb-icon.ts'
import type { IconName } from './icons.ts'

export interface Choice {
  value: string
  label: string
  hint?: string
  icon?: IconName
  /** A colour to choose, as the name of a token: it is shown as a dot. */
  swatch?: string
}

/** One of a few choices, each with a line of explanation. Native radio buttons in the light DOM; emits `change`. */
export class HbChoice extends LitElement {
  static override properties = {
    label: { type: String },
    name: { type: String },
    value: { type: String },
    choices: { attribute: false },
    inline: { type: Boolean, reflect: true },
  }
  declare label: string
  declare name: string
  declare value: string
  declare choices: readonly Choice[]
  /** Side by side, for choices of one word. */
  declare inline: boolean

  constructor() {
    super()
    this.label = ''
    this.name = ''
    this.value = ''
    this.choices = []
    this.inline = false
  }

  protected override createRenderRoot() {
    return this
  }

  override connectedCallback(): void {
    adoptStyles(this, styles)
    super.connectedCallback()
  }

  override render() {
    return html`<fieldset class="hb-choice">
      <legend>${this.label}</legend>
      <div class="hb-choice-all">
        ${this.choices.map(
          ({ value, label, hint, icon, swatch }) =>
            html`<label ?data-swatch=${swatch !== undefined}>
              <input
                type="radio"
                name=${this.name}
                value=${value}
                .checked=${value === this.value}
                @change=${() => {
                  this.value = value
                }}
              />
              ${swatch ? html`<i class="hb-choice-swatch" .style=${`background: var(${swatch})`}></i>` : nothing}
              ${icon ? html`<hb-icon name=${icon} .size=${18}></hb-icon>` : nothing}
              <span>
                <span class="hb-choice-label">${label}</span>
                ${hint ? html`<span class="hb-choice-hint">${hint}</span>` : nothing}
              </span>
            </label>`,
        )}
      </div>
    </fieldset>`
  }
}

const styles = css`
  hb-choice {
    display: block;
  }
  .hb-choice {
    min-inline-size: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }
  .hb-choice legend {
    margin-block-end: 6px;
    padding: 0;
    font: var(--type-label);
  }
  .hb-choice-all {
    border: 1px solid var(--color-border-field);
    border-radius: var(--radius-control);
    background: var(--color-control);
    overflow: hidden;
  }
  .hb-choice label {
    display: flex;
    align-items: flex-start;
    gap: 10px;
    padding: 10px var(--space-3);
    cursor: pointer;
  }
  .hb-choice label + label {
    border-block-start: 1px solid var(--color-border);
  }
  .hb-choice label:hover {
    background: var(--color-surface-hover);
  }
  .hb-choice label:has(:focus-visible) {
    outline: 2px solid var(--color-focus);
    outline-offset: -2px;
    border-radius: var(--radius-control);
  }
  .hb-choice input {
    inline-size: 1rem;
    block-size: 1rem;
    flex: none;
    margin: 0.1875rem 0 0;
    accent-color: var(--color-accent-fill);
    outline: 0;
  }
  .hb-choice hb-icon {
    margin-block-start: 2px;
    color: var(--color-text-muted);
  }
  .hb-choice-label {
    display: block;
    font: var(--type-body);
  }
  .hb-choice-hint {
    display: block;
    font: var(--type-secondary);
    color: var(--color-text-muted);
  }
  hb-choice[inline] .hb-choice-all {
    display: flex;
    flex-wrap: wrap;
  }
  hb-choice[inline] label {
    flex: 1 1 auto;
    align-items: center;
    gap: 7px;
    padding: 7px 9px;
    position: relative;
  }
  hb-choice[inline] input {
    margin: 0;
  }
  hb-choice[inline] label + label {
    border-block-start: 0;
    border-inline-start: 1px solid var(--color-border);
  }
  /* The dot is the radio button, and a ring around it says which one is chosen. */
  hb-choice[inline] label[data-swatch] {
    flex-direction: column;
    align-items: center;
    gap: var(--space-1);
  }
  .hb-choice label[data-swatch] input {
    position: absolute;
    opacity: 0;
  }
  .hb-choice-swatch {
    inline-size: 1.5rem;
    block-size: 1.5rem;
    border-radius: var(--radius-pill);
    forced-color-adjust: none;
  }
  .hb-choice input:checked + .hb-choice-swatch {
    outline: 2px solid var(--color-text);
    outline-offset: 2px;
  }
  .hb-choice label[data-swatch] .hb-choice-label {
    font: var(--type-secondary);
  }
  .hb-choice label[data-swatch]:has(:checked) .hb-choice-label {
    font-weight: 600;
  }
`

customElements.define('hb-choice', HbChoice)

declare global {
  interface HTMLElementTagNameMap {
    'hb-choice': HbChoice
  }
}
