import { css, html, LitElement } from 'lit'
import type { ContinuityStatus } from '../../shared/contract/standbys.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import { errorField, errorMessage } from '../ui/error-message.ts'
import { focusFirstProblem, formValues, renderProblem } from '../ui/form.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-field.ts'

/**
 * Asks the owner if the hub is to go on without the standby, and for the password: the hub cannot write down that it was
 * confirmed before. Opened by `goOnWithout()`.
 */
export class HbGoOn extends LitElement {
  static override properties = {
    hub: { attribute: false },
    name: { attribute: false },
    busy: { state: true },
    problem: { state: true },
    passwordError: { state: true },
  }
  declare hub: Hub
  /** The name of the standby. */
  declare name: string
  declare busy: boolean
  declare problem: string
  declare passwordError: string

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
    const { name } = this
    return html`<hb-dialog
      .heading=${t('standbys.goOnHeading', { name })}
      .busy=${this.busy}
      @hb-close=${() => this.#finish(undefined)}
    >
      <form novalidate @submit=${this.#submit}>
        <p>${t('standbys.goOnTwo', { name })}</p>
        <p>${t('standbys.goOnLoss')}</p>
        <p class="muted-text">${t('standbys.goOnAlone')}</p>
        <hb-field
          name="current"
          type="password"
          .label=${t('admin.password')}
          .error=${this.passwordError}
          autocomplete="current-password"
        ></hb-field>
        ${renderProblem(this.problem)}
        <button type="submit" hidden></button>
      </form>
      <button
        slot="actions"
        class="button"
        autofocus
        ?disabled=${this.busy}
        @click=${() => this.#finish(undefined)}
      >
        ${t('standbys.goOnCancel')}
      </button>
      <button
        slot="actions"
        class="button danger"
        ?disabled=${this.busy}
        @click=${() => this.renderRoot.querySelector('form')?.requestSubmit()}
      >
        ${t('standbys.goOn', { name })}
      </button>
    </hb-dialog>`
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (!this.busy) void this.#confirm(formValues(event.target as HTMLFormElement).current ?? '')
  }

  async #confirm(current: string) {
    this.problem = ''
    this.passwordError = current ? '' : t('admin.needPassword')
    if (current) {
      this.busy = true
      try {
        const status = await this.hub.request('continuity.goOn', { current })
        this.busy = false
        return this.#finish(status)
      } catch (error) {
        this.busy = false
        if (errorField(error) === 'current') this.passwordError = errorMessage(error)
        else this.problem = errorMessage(error)
      }
    }
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  #finish(status: ContinuityStatus | undefined) {
    this.dispatchEvent(new CustomEvent('hb-result', { detail: status }))
  }
}

customElements.define('hb-go-on', HbGoOn)

/** Returns the status of the hub once it goes on; undefined if the owner waits. */
export function goOnWithout(hub: Hub, name: string): Promise<ContinuityStatus | undefined> {
  const element = document.createElement('hb-go-on')
  element.hub = hub
  element.name = name
  return new Promise((resolve) => {
    element.addEventListener('hb-result', (event) => {
      element.remove()
      resolve((event as CustomEvent<ContinuityStatus | undefined>).detail)
    })
    document.body.append(element)
  })
}

declare global {
  interface HTMLElementTagNameMap {
    'hb-go-on': HbGoOn
  }
}
