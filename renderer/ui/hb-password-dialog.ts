import { css, html, LitElement } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from './button.ts'
import { dialogStyles } from './dialog-styles.ts'
import { errorField, errorMessage } from './error-message.ts'
import { focusFirstProblem, formValues, renderProblem } from './form.ts'
import './hb-dialog.ts'
import './hb-field.ts'
import { openQuestion } from './open-question.ts'

export interface PasswordQuestion {
  heading: string
  /** Above the field. */
  body: unknown
  /** On the button that confirms. */
  action: string
  /** On the button that leaves everything as it is. */
  cancel?: string
  /** The cancel button has the focus, and the other one a warning colour. */
  isDangerous?: boolean
  /** Sends the password. @throws RequestError with the field `current` for a wrong one */
  confirm: (current: string) => Promise<void>
}

/** Asks for the user's password. Opened by `askPassword()`. */
export class HbPasswordDialog extends LitElement {
  static override properties = {
    question: { attribute: false },
    busy: { state: true },
    problem: { state: true },
    passwordError: { state: true },
  }
  declare question: PasswordQuestion
  declare busy: boolean
  declare problem: string
  /** The problem with the password. */
  declare passwordError: string

  #password = ''

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    css`
      form {
        padding-block-end: var(--space-2);
      }
    `,
  ]

  constructor() {
    super()
    this.busy = false
    this.problem = ''
    this.passwordError = ''
  }

  override render() {
    const { heading, body, action, cancel = t('common.cancel'), isDangerous = false } = this.question
    return html`<hb-dialog .heading=${heading} .busy=${this.busy} @hb-close=${() => this.#finish(false)}>
      <form novalidate @submit=${this.#submit}>
        ${body}
        <hb-field
          name="current"
          type="password"
          ?autofocus=${!isDangerous}
          .label=${t('admin.password')}
          .value=${this.#password}
          .error=${this.passwordError}
          autocomplete="current-password"
        ></hb-field>
        ${renderProblem(this.problem)}
        <button type="submit" hidden></button>
      </form>
      <button
        slot="actions"
        class="button"
        ?autofocus=${isDangerous}
        ?disabled=${this.busy}
        @click=${() => this.#finish(false)}
      >
        ${cancel}
      </button>
      <button
        slot="actions"
        class="button ${isDangerous ? 'danger' : 'primary'}"
        ?disabled=${this.busy}
        @click=${() => this.renderRoot.querySelector('form')?.requestSubmit()}
      >
        ${action}
      </button>
    </hb-dialog>`
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (!this.busy) void this.#confirm(formValues(event.target as HTMLFormElement).current ?? '')
  }

  async #confirm(current: string) {
    this.#password = current
    this.problem = ''
    this.passwordError = current ? '' : t('admin.needPassword')
    if (current) {
      this.busy = true
      try {
        await this.question.confirm(current)
        this.busy = false
        this.#finish(true)
        return
      } catch (error) {
        this.busy = false
        if (errorField(error) === 'current') this.passwordError = errorMessage(error)
        else this.problem = errorMessage(error)
      }
    }
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  #finish(isConfirmed: boolean) {
    this.dispatchEvent(new CustomEvent('hb-result', { detail: isConfirmed }))
  }
}

customElements.define('hb-password-dialog', HbPasswordDialog)

/** Returns true once the password was confirmed; false if the user leaves the dialog. */
export function askPassword(question: PasswordQuestion): Promise<boolean> {
  const element = document.createElement('hb-password-dialog')
  element.question = question
  return openQuestion(element)
}

declare global {
  interface HTMLElementTagNameMap {
    'hb-password-dialog': HbPasswordDialog
  }
}
