import { html, LitElement, nothing } from 'lit'
import { SignalWatcher } from '../signals/signal.ts'
import type { Hub } from '../state/hub.ts'
import type { Router } from '../navigation/router.ts'
import { navigateOnClick } from '../navigation/navigate-on-click.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorCode, errorMessage, errorField } from '../ui/error-message.ts'
import '../ui/hb-field.ts'
import '../ui/hb-check.ts'
import '../ui/hb-logo.ts'
import { withoutEmpty, type FieldProblems, focusFirstProblem, renderProblem, formValues } from '../ui/form.ts'
import { deviceName } from './device.ts'
import { renderTrustLink } from './auth-parts.ts'
import { authStyles } from './auth-styles.ts'

/** The link for new users. */
const registerLinkKeys = {
  open: 'login.register',
  invite: 'login.invited',
  approval: 'login.ask',
} as const

export class HbLogin extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    router: { attribute: false },
    busy: { state: true },
    problem: { state: true },
    problems: { state: true },
  }
  declare hub: Hub
  declare router: Router
  declare busy: boolean
  declare problem: string
  declare problems: FieldProblems

  static override styles = [baseStyles, buttonStyles, authStyles]

  #username = ''
  #password = ''
  #remember = true

  constructor() {
    super()
    this.busy = false
    this.problem = ''
    this.problems = {}
  }

  override render() {
    const meta = this.hub.meta.value
    const reason = this.hub.session.reason.value
    return html`<main>
      <hb-logo></hb-logo>
      <h1>${meta ? t('login.title', { hub: meta.name }) : t('login.titleUnknown')}</h1>
      ${
        reason && !this.problem
          ? html`<p class="note" role="status"><hb-icon name="info"></hb-icon><span>${reason}</span></p>`
          : nothing
      }
      <form novalidate @submit=${this.#submit}>
        <hb-field
          name="username"
          type="code"
          .label=${t('login.username')}
          .value=${this.#username}
          .error=${this.problems.username ?? ''}
          autocomplete="username"
          autofocus
        ></hb-field>
        <hb-field
          name="password"
          type="password"
          .label=${t('login.password')}
          .value=${this.#password}
          .error=${this.problems.password ?? ''}
          autocomplete="current-password"
        ></hb-field>
        <hb-check name="remember" .label=${t('login.remember')} .checked=${this.#remember}></hb-check>
        ${renderProblem(this.problem)}
        <div class="actions">
          <button class="button primary wide" type="submit" aria-disabled=${this.busy}>
            ${this.busy ? t('login.busy') : t('login.action')}
          </button>
          <div class="aside">
            <a class="link" href="/recover" @click=${navigateOnClick(this.router, { page: 'recover' })}
              >${t('login.forgot')}</a
            >
          </div>
        </div>
      </form>
      ${
        meta?.registration === 'closed'
          ? nothing
          : html`<p class="below">
              ${t('login.newHere')}
              <a class="link" href="/register" @click=${navigateOnClick(this.router, { page: 'register' })}
                >${t(registerLinkKeys[meta?.registration ?? 'invite'])}</a
              >
            </p>`
      }
      ${renderTrustLink()}
    </main>`
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (!this.busy) void this.#login(event.target as HTMLFormElement)
  }

  async #login(form: HTMLFormElement) {
    const { username = '', password = '', remember } = formValues(form)
    this.#remember = remember !== undefined
    this.#username = username
    this.#password = password
    this.problem = ''
    this.problems = withoutEmpty({
      username: username.trim() ? undefined : t('login.needName'),
      password: password ? undefined : t('login.needPassword'),
    })
    if (Object.keys(this.problems).length === 0) {
      this.busy = true
      try {
        await this.hub.session.login({
          username: username.trim(),
          password,
          device: deviceName(),
          remember: this.#remember,
        })
        return
      } catch (error) {
        // The hub does not say which of the two is wrong. The password is what the user types again.
        const field = errorCode(error) === 'unauthenticated' ? 'password' : errorField(error)
        if (field === 'username' || field === 'password') this.problems = { [field]: errorMessage(error) }
        else this.problem = errorMessage(error)
      } finally {
        this.busy = false
      }
    }
    await this.updateComplete
    if (this.problem) this.renderRoot.querySelector<HTMLElement>('hb-field[name=password]')?.focus()
    else focusFirstProblem(this.renderRoot)
  }
}

customElements.define('hb-login', HbLogin)
