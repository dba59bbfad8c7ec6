import { css, html, LitElement } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import { countCharacters } from '../../shared/text/names.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { strengthOf } from './password-strength.ts'

/** The strength of a password, below its field, while it is typed. Listens to the form around it. */
export class HbPasswordStrength extends LitElement {
  static override properties = {
    names: { attribute: false },
    password: { state: true },
  }
  /** Words an attacker would try, besides the values of the form: the user's name, the hub's name. */
  declare names: readonly string[]
  declare password: string

  #form: HTMLFormElement | null = null

  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        margin-block-start: calc(-1 * var(--space-2));
        font: var(--type-secondary);
        color: var(--color-text-muted);
      }
      /* one line below the whole field, in ink: not to be taken for the dots that count the steps */
      div {
        display: grid;
        grid-template-columns: repeat(4, 1fr);
        gap: var(--space-1) 2px;
      }
      i {
        block-size: 3px;
        background: var(--color-badge);
      }
      i[data-on] {
        background: var(--color-text);
      }
      [data-strength='1'] i[data-on] {
        background: var(--color-danger);
      }
      [data-strength='2'] i[data-on] {
        background: var(--color-attention-mark);
      }
      span {
        grid-column: 1 / -1;
        min-block-size: 1lh;
      }
      @media (forced-colors: active) {
        i[data-on] {
          forced-color-adjust: none;
          background: CanvasText !important;
        }
      }
    `,
  ]

  constructor() {
    super()
    this.names = []
    this.password = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#form = this.closest('form')
    this.#form?.addEventListener('input', this.#updatePassword)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#form?.removeEventListener('input', this.#updatePassword)
  }

  protected override firstUpdated(): void {
    // After a step back the form has values already.
    queueMicrotask(this.#updatePassword)
  }

  override render() {
    const strength = strengthOf(this.password, [...this.names, ...this.#typedNames()])
    return html`<div data-strength=${strength} ?hidden=${this.password === ''}>
      ${[1, 2, 3, 4].map((step) => html`<i ?data-on=${step <= strength}></i>`)}
      <span role="status">${this.password === '' ? '' : this.#strengthText(strength)}</span>
    </div>`
  }

  #strengthText(strength: number): string {
    if (strength > 0) return t(`passwordStrength.${strength as 1 | 2 | 3 | 4}`)
    return t('passwordStrength.short', { count: limits.password.min - countCharacters(this.password) })
  }

  #valueOf(name: string): string {
    return this.#form?.querySelector<HTMLInputElement>(`input[name=${name}]`)?.value ?? ''
  }

  #typedNames(): string[] {
    const full = this.#valueOf('displayName')
    return [this.#valueOf('username'), full, ...full.split(/\s+/)].filter((name) => name.length > 1)
  }

  #updatePassword = () => {
    this.password = this.#valueOf('password')
    this.requestUpdate()
  }
}

customElements.define('hb-password-strength', HbPasswordStrength)
