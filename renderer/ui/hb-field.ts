import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { live } from 'lit/directives/live.js'
import { t } from '../text/t.ts'
import { adoptStyles } from './adopt-styles.ts'
import './hb-icon.ts'

/**
 * A labelled input with its hint or its error. It renders into the light DOM, so that forms, autofill and password
 * managers see a plain form. The root around it adopts its styles.
 */
export class HbField extends LitElement {
  static override properties = {
    label: { type: String },
    name: { type: String },
    type: { type: String },
    value: { type: String },
    hint: { type: String },
    error: { type: String },
    placeholder: { type: String },
    autocomplete: { type: String },
    maxlength: { type: Number },
    min: { type: String },
    rows: { type: Number },
    options: { attribute: false },
    optional: { type: Boolean },
    disabled: { type: Boolean },
    shown: { state: true },
  }
  declare label: string
  declare name: string
  declare type: 'text' | 'password' | 'multiline' | 'code' | 'select' | 'datetime-local'
  /** The choices of a `select`. */
  declare options: readonly { value: string; label: string }[]
  declare value: string
  declare hint: string
  declare error: string
  declare placeholder: string
  declare autocomplete: string
  declare maxlength: number | undefined
  /** Of a date and time. */
  declare min: string
  declare rows: number
  declare optional: boolean
  declare disabled: boolean
  declare shown: boolean

  #id = `field-${(fieldCount += 1)}`

  constructor() {
    super()
    this.label = ''
    this.name = ''
    this.type = 'text'
    this.value = ''
    this.hint = ''
    this.error = ''
    this.placeholder = ''
    this.autocomplete = 'off'
    this.maxlength = undefined
    this.min = ''
    this.rows = 2
    this.options = []
    this.optional = false
    this.disabled = false
    this.shown = false
  }

  get input(): HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement | null {
    return this.querySelector('input, textarea, select')
  }

  override focus(options?: FocusOptions): void {
    this.input?.focus(options)
  }

  protected override createRenderRoot() {
    return this
  }

  override connectedCallback(): void {
    adoptStyles(this, styles)
    super.connectedCallback()
  }

  protected override firstUpdated(): void {
    if (this.autofocus) this.focus()
  }

  override render() {
    const note = this.error || this.hint
    return html`
      <label class="hb-field-label" for=${this.#id}
        >${this.label}${
          this.optional ? html` <span class="hb-field-optional">(${t('common.optional')})</span>` : nothing
        }</label
      >
      <div class="hb-field-box" ?data-invalid=${Boolean(this.error)}>
        ${this.#renderInput(note ? `${this.#id}-note` : undefined)}
        ${this.type === 'password' ? this.#renderRevealButton() : nothing}
      </div>
      <div class="hb-field-note" id="${this.#id}-note" ?data-error=${Boolean(this.error)} aria-live="polite">
        ${this.error ? html`<hb-icon name="alert" .size=${14}></hb-icon>` : nothing}${note}
      </div>
    `
  }

  #renderInput(note: string | undefined): TemplateResult {
    const typed = (event: Event) => {
      this.value = (event.target as HTMLInputElement).value
      if (this.error) this.error = ''
    }
    if (this.type === 'select') {
      return html`<select
        id=${this.#id}
        name=${this.name}
        aria-describedby=${note ?? nothing}
        aria-invalid=${this.error ? 'true' : 'false'}
        ?disabled=${this.disabled}
        @change=${typed}
      >
        ${this.options.map(
          ({ value, label }) =>
            html`<option value=${value} ?selected=${value === this.value}>${label}</option>`,
        )}
      </select>`
    }
    if (this.type === 'multiline') {
      return html`<textarea
        id=${this.#id}
        name=${this.name}
        rows=${this.rows}
        maxlength=${this.maxlength ?? nothing}
        placeholder=${this.placeholder || nothing}
        aria-describedby=${note ?? nothing}
        aria-invalid=${this.error ? 'true' : 'false'}
        .value=${live(this.value)}
        ?disabled=${this.disabled}
        dir="auto"
        @input=${typed}
      ></textarea>`
    }
    const secret = this.type === 'password' && !this.shown
    const verbatim = this.type === 'password' || this.type === 'code'
    return html`<input
      id=${this.#id}
      name=${this.name}
      type=${secret ? 'password' : this.type === 'datetime-local' ? this.type : 'text'}
      min=${this.min || nothing}
      autocomplete=${this.autocomplete}
      autocapitalize=${verbatim ? 'none' : nothing}
      spellcheck="false"
      maxlength=${this.maxlength ?? nothing}
      placeholder=${this.placeholder || nothing}
      aria-describedby=${note ?? nothing}
      aria-invalid=${this.error ? 'true' : 'false'}
      aria-required=${this.optional ? 'false' : 'true'}
      .value=${live(this.value)}
      ?disabled=${this.disabled}
      dir=${this.type === 'password' ? 'ltr' : 'auto'}
      @input=${typed}
    />`
  }

  #renderRevealButton() {
    const words = this.shown ? t('field.hide') : t('field.show')
    return html`<button
      type="button"
      class="hb-field-reveal"
      aria-label=${words}
      data-tip=${words}
      aria-pressed=${this.shown}
      @click=${() => {
        this.shown = !this.shown
      }}
    >
      <hb-icon name=${this.shown ? 'eye-off' : 'eye'} .size=${18}></hb-icon>
    </button>`
  }
}

let fieldCount = 0

const styles = css`
  hb-field {
    display: block;
  }
  .hb-field-label {
    display: block;
    margin-block-end: 6px;
    font: var(--type-label);
    color: var(--color-text);
  }
  .hb-field-optional {
    font-weight: 400;
    color: var(--color-text-muted);
  }
  .hb-field-box {
    display: flex;
    align-items: center;
    background: var(--color-control);
    border: 1px solid var(--color-border-field);
    border-radius: var(--radius-control);
    transition: border-color var(--motion-hover);
  }
  .hb-field-box:focus-within {
    border-color: var(--color-focus);
    box-shadow: 0 0 0 1px var(--color-focus);
  }
  .hb-field-box[data-invalid] {
    border-color: var(--color-danger);
  }
  .hb-field-box[data-invalid]:focus-within {
    box-shadow: 0 0 0 1px var(--color-danger);
  }
  .hb-field-box :is(input, textarea) {
    flex: 1;
    min-inline-size: 0;
    min-block-size: 38px;
    margin: 0;
    padding: 7px var(--space-3);
    border: 0;
    outline: 0;
    background: transparent;
    color: var(--color-text);
    font: var(--type-body);
  }
  .hb-field-box select {
    flex: 1;
    min-inline-size: 0;
    min-block-size: 38px;
    padding: 7px 8px;
    border: 0;
    border-radius: var(--radius-control);
    outline: 0;
    background: var(--color-control);
    color: var(--color-text);
    font: var(--type-body);
  }
  .hb-field-box textarea {
    display: block;
    resize: vertical;
  }
  .hb-field-box ::placeholder {
    color: var(--color-text-muted);
    opacity: 1;
  }
  .hb-field-box input:autofill {
    -webkit-text-fill-color: var(--color-text);
    box-shadow: inset 0 0 0 100px var(--color-control);
    border-radius: var(--radius-control);
  }
  .hb-field-reveal {
    display: flex;
    align-items: center;
    justify-content: center;
    inline-size: 38px;
    block-size: 38px;
    flex: none;
    border: 0;
    border-radius: var(--radius-control);
    background: none;
    color: var(--color-text-muted);
    cursor: pointer;
  }
  .hb-field-reveal:hover {
    color: var(--color-text);
  }
  .hb-field-reveal:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: -3px;
  }
  .hb-field-note {
    font: var(--type-secondary);
    color: var(--color-text-muted);
  }
  .hb-field-note:not(:empty) {
    margin-block-start: 6px;
  }
  .hb-field-note[data-error] {
    display: flex;
    gap: 5px;
    color: var(--color-danger);
  }
  .hb-field-note hb-icon {
    margin-block-start: 2px;
  }
`

customElements.define('hb-field', HbField)

declare global {
  interface HTMLElementTagNameMap {
    'hb-field': HbField
  }
}
