import { html, LitElement } from 'lit'
import type { User } from '../../shared/contract/users.ts'
import { focusFirstProblem, renderProblem, formValues } from '../ui/form.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorCode, errorMessage, errorField } from '../ui/error-message.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-field.ts'
import { notify } from '../ui/hb-toasts.ts'

/** Transfers the hub to another user, after the owner's password. */
export class HbTransferOwnership extends LitElement {
  static override properties = {
    hub: { attribute: false },
    user: { attribute: false },
    busy: { state: true },
    problem: { state: true },
    passwordProblem: { state: true },
  }
  declare hub: Hub
  declare user: User
  declare busy: boolean
  declare problem: string
  /** The problem with the password. */
  declare passwordProblem: string

  #password = ''

  static override styles = [baseStyles, buttonStyles, dialogStyles]

  constructor() {
    super()
    this.busy = false
    this.problem = ''
    this.passwordProblem = ''
  }

  override render() {
    const name = this.user.displayName
    return html`<hb-dialog
      .heading=${t('admin.handOverHeading', { name })}
      .busy=${this.busy}
      @hb-close=${this.#close}
    >
      <form novalidate @submit=${this.#submit}>
        <p class="muted-text">${t('admin.handOverText')}</p>
        <hb-field
          name="password"
          type="password"
          autofocus
          .label=${t('admin.password')}
          .value=${this.#password}
          .error=${this.passwordProblem}
          autocomplete="current-password"
        ></hb-field>
        ${renderProblem(this.problem)}
        <button type="submit" hidden></button>
      </form>
      <button slot="actions" class="button" @click=${this.#close}>${t('common.cancel')}</button>
      <button
        slot="actions"
        class="button danger"
        ?disabled=${this.busy}
        @click=${() => this.renderRoot.querySelector('form')?.requestSubmit()}
      >
        ${t('admin.handOverAction', { name })}
      </button>
    </hb-dialog>`
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (!this.busy) void this.#transferOwnership(formValues(event.target as HTMLFormElement).password ?? '')
  }

  async #transferOwnership(password: string) {
    this.#password = password
    this.problem = ''
    this.passwordProblem = password ? '' : t('admin.needPassword')
    if (password) {
      this.busy = true
      try {
        await this.hub.request('admin.ownership.transfer', { userId: this.user.id, password })
        this.busy = false
        return this.#finish()
      } catch (error) {
        this.busy = false
        // the response of an earlier try was lost
        if (errorCode(error) === 'forbidden' && this.hub.session.me.peek()?.role !== 'owner')
          return this.#finish()
        if (errorField(error) === 'password') this.passwordProblem = errorMessage(error)
        else this.problem = errorMessage(error)
      }
    }
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  #finish() {
    notify(this, { text: t('admin.handedOver', { name: this.user.displayName }) })
    this.#close()
  }

  #close = () => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-transfer-ownership', HbTransferOwnership)
