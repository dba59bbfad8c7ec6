import { html, LitElement } from 'lit'
import type { User } from '../../shared/contract/users.ts'
import { focusFirstProblem, problemLine, valuesOf } from '../accounts/entry-parts.ts'
import { dialogStyles } from '../chats/dialog-styles.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { explain, fieldOf } from '../ui/explain.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-field.ts'
import { notify } from '../ui/hb-toasts.ts'

/** Gives the hub to somebody else, with one's own password. */
export class HbHandOver extends LitElement {
  static override properties = {
    hub: { attribute: false },
    person: { attribute: false },
    busy: { state: true },
    problem: { state: true },
    wrong: { state: true },
  }
  declare hub: Hub
  declare person: User
  declare busy: boolean
  declare problem: string
  /** What is wrong with the password. */
  declare wrong: string

  #password = ''

  static override styles = [baseStyles, buttonStyles, dialogStyles]

  constructor() {
    super()
    this.busy = false
    this.problem = ''
    this.wrong = ''
  }

  override render() {
    const name = this.person.displayName
    return html`<hb-dialog
      .heading=${t('admin.handOverHeading', { name })}
      .busy=${this.busy}
      @hb-close=${this.#close}
    >
      <form novalidate @submit=${this.#submit}>
        <p class="quiet-words">${t('admin.handOverText')}</p>
        <hb-field
          name="password"
          type="password"
          autofocus
          .label=${t('admin.password')}
          .value=${this.#password}
          .error=${this.wrong}
          autocomplete="current-password"
        ></hb-field>
        ${problemLine(this.problem)}
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
    if (!this.busy) void this.#handOver(valuesOf(event.target as HTMLFormElement).password ?? '')
  }

  async #handOver(password: string) {
    this.#password = password
    this.problem = ''
    this.wrong = password ? '' : t('admin.needPassword')
    if (password) {
      this.busy = true
      try {
        await this.hub.request('admin.ownership.transfer', { userId: this.person.id, password })
        this.busy = false
        notify(this, { text: t('admin.handedOver', { name: this.person.displayName }) })
        this.#close()
        return
      } catch (error) {
        this.busy = false
        if (fieldOf(error) === 'password') this.wrong = explain(error)
        else this.problem = explain(error)
      }
    }
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  #close = () => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-hand-over', HbHandOver)
