import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorField, errorMessage } from '../ui/error-message.ts'
import '../ui/hb-field.ts'
import { focusFirstProblem, formValues, renderProblem } from '../ui/form.ts'
import { parseInviteCode } from './account-checks.ts'
import { authStyles } from './auth-styles.ts'

/**
 * Asks for an invite, or checks the one of a link as soon as it is opened: nobody fills in a form for an invite that the
 * hub refuses. Emits `hb-invite` with the accepted code, or with '' if the user continues without one.
 */
export class HbInviteStep extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    code: { attribute: false },
    refusal: { attribute: false },
    checking: { state: true },
    fieldProblem: { state: true },
    problem: { state: true },
  }
  declare hub: Hub
  /** The code of the link, or ''. */
  declare code: string
  /** The reason why the code is known to be of no use: it is not checked then. */
  declare refusal: string
  declare checking: boolean
  declare fieldProblem: string
  declare problem: string

  static override styles = [
    baseStyles,
    buttonStyles,
    authStyles,
    css`
      :host {
        min-block-size: 0;
        background: none;
      }
    `,
  ]

  constructor() {
    super()
    this.code = ''
    this.refusal = ''
    this.checking = false
    this.fieldProblem = ''
    this.problem = ''
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('code') && !changed.has('refusal')) return
    this.fieldProblem = this.refusal
    this.checking = this.code !== '' && this.refusal === ''
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('code') && !changed.has('refusal')) return
    if (this.checking) void this.#checkLink(this.code)
    else if (this.fieldProblem) focusFirstProblem(this.renderRoot)
  }

  override render() {
    const hub = this.hub.meta.value?.name ?? t('auth.hub')
    if (this.checking) return html`<h1>${t('register.title', { hub })}</h1>`
    const isRefused = this.fieldProblem !== '' && this.code !== ''
    return html`
      <h1>${isRefused ? t('register.titleRefused') : t('register.titleInvite')}</h1>
      <p class="lead">${isRefused ? t('register.leadRefused') : t('register.leadInvite', { hub })}</p>
      <form novalidate @submit=${this.#submit}>
        <hb-field
          name="invite"
          type="code"
          .label=${t('register.invite')}
          .value=${this.code}
          .error=${this.fieldProblem}
          autofocus
        ></hb-field>
        ${renderProblem(this.problem)}
        <div class="actions">
          <button class="button primary wide" type="submit">${t('register.next')}</button>
          ${this.#renderWithout()}
        </div>
      </form>
    `
  }

  /** The hub accepts people without an invite, too: a dead link does not keep them out. */
  #renderWithout() {
    const registration = this.hub.meta.value?.registration
    if (registration !== 'open' && registration !== 'approval') return nothing
    return html`<div class="aside">
      <button class="link" type="button" @click=${() => this.#dispatchInvite('')}>
        ${t('register.withoutInvite')}
      </button>
    </div>`
  }

  async #checkLink(code: string) {
    const error = await this.#findError(code)
    if (code !== this.code) return
    // An older hub without the check, or one that cannot answer now: the form says more when it is sent.
    if (errorField(error) !== 'invite') return this.#dispatchInvite(code)
    this.fieldProblem = errorMessage(error)
    this.checking = false
    await this.#showProblems()
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    const code = parseInviteCode(formValues(event.target as HTMLFormElement).invite ?? '')
    this.problem = ''
    this.fieldProblem = code ? '' : t('register.needInvite')
    if (code) void this.#checkTyped(code)
    else void this.#showProblems()
  }

  async #checkTyped(code: string) {
    const error = await this.#findError(code)
    if (error === undefined) return this.#dispatchInvite(code)
    if (errorField(error) === 'invite') this.fieldProblem = errorMessage(error)
    else this.problem = errorMessage(error)
    await this.#showProblems()
  }

  async #findError(code: string): Promise<unknown> {
    try {
      await this.hub.request('accounts.checkInvite', { invite: code })
      return undefined
    } catch (error) {
      return error
    }
  }

  async #showProblems() {
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  #dispatchInvite(code: string) {
    this.dispatchEvent(new CustomEvent<string>('hb-invite', { detail: code }))
  }
}

customElements.define('hb-invite-step', HbInviteStep)

declare global {
  interface HTMLElementTagNameMap {
    'hb-invite-step': HbInviteStep
  }
}
