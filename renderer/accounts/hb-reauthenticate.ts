import { css, html, LitElement } from 'lit'
import { reauthenticationField } from '../../shared/errors.ts'
import { focusFirstProblem, renderProblem, formValues } from '../ui/form.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage, errorField } from '../ui/error-message.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-field.ts'

/** Asks for the password before a sensitive request. Opened by `withReauthentication()`. */
export class HbReauthenticate extends LitElement {
  static override properties = {
    hub: { attribute: false },
    busy: { state: true },
    problem: { state: true },
    passwordError: { state: true },
  }
  declare hub: Hub
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
    return html`<hb-dialog
      .heading=${t('reauthenticate.heading')}
      .busy=${this.busy}
      @hb-close=${() => this.#finish(false)}
    >
      <form novalidate @submit=${this.#submit}>
        <p class="muted-text">${t('reauthenticate.text')}</p>
        <hb-field
          name="current"
          type="password"
          autofocus
          .label=${t('admin.password')}
          .value=${this.#password}
          .error=${this.passwordError}
          autocomplete="current-password"
        ></hb-field>
        ${renderProblem(this.problem)}
        <button type="submit" hidden></button>
      </form>
      <button slot="actions" class="button" ?disabled=${this.busy} @click=${() => this.#finish(false)}>
        ${t('common.cancel')}
      </button>
      <button
        slot="actions"
        class="button primary"
        ?disabled=${this.busy}
        @click=${() => this.renderRoot.querySelector('form')?.requestSubmit()}
      >
        ${t('reauthenticate.action')}
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
        await this.hub.request('sessions.reauthenticate', { current })
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

  #finish(done: boolean) {
    this.dispatchEvent(new CustomEvent('hb-result', { detail: done }))
  }
}

customElements.define('hb-reauthenticate', HbReauthenticate)

/** Runs `run`. If the hub asks for the password, asks the user for it and runs it again. @throws what `run` throws */
export async function withReauthentication<T>(hub: Hub, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (errorField(error) !== reauthenticationField || !(await reauthenticate(hub))) throw error
    return run()
  }
}

function reauthenticate(hub: Hub): Promise<boolean> {
  const element = document.createElement('hb-reauthenticate')
  element.hub = hub
  return new Promise((resolve) => {
    element.addEventListener('hb-result', (event) => {
      element.remove()
      resolve((event as CustomEvent<boolean>).detail)
    })
    document.body.append(element)
  })
}

declare global {
  interface HTMLElementTagNameMap {
    'hb-reauthenticate': HbReauthenticate
  }
}
