import { html, LitElement, nothing } from 'lit'
import type { Output } from '../../shared/contract.ts'
import { parseInviteFragment } from '../../shared/text/invite-link.ts'
import { navigateOnClick } from '../navigation/navigate-on-click.ts'
import type { Router } from '../navigation/router.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage, errorField } from '../ui/error-message.ts'
import '../ui/hb-field.ts'
import '../ui/hb-logo.ts'
import {
  checkSecurityAnswer,
  checkAccountDetails,
  parseInviteCode,
  toAccountInput,
} from './account-checks.ts'
import { type FieldProblems, focusFirstProblem, renderProblem, formValues } from '../ui/form.ts'
import { deviceName } from './device.ts'
import { renderSteps, renderAccountFields, renderTrustLink } from './auth-parts.ts'
import { authStyles } from './auth-styles.ts'
import './hb-invite-step.ts'
import './hb-recovery-key.ts'

type RegisterStep = 'invite' | 'you' | 'question' | 'key'

const ownQuestionId = 'own'

/** Registration, with an invite (`/join#CODE`) or without: the profile, a security question, the recovery key. */
export class HbRegister extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    router: { attribute: false },
    step: { state: true },
    busy: { state: true },
    problem: { state: true },
    problems: { state: true },
    questionId: { state: true },
    registered: { state: true },
  }
  declare hub: Hub
  declare router: Router
  declare step: RegisterStep
  declare busy: boolean
  declare problem: string
  declare problems: FieldProblems
  /** The id of the security question, or `own`. */
  declare questionId: string
  declare registered: Output<'accounts.register'> | undefined

  static override styles = [baseStyles, buttonStyles, authStyles]

  // The values survive every failed attempt and every step back.
  #invite = ''
  #account = { username: '', displayName: '', password: '' }
  #ownQuestion = ''
  #answer = ''
  /** The fragment that was read. Another link may be opened in the same tab. */
  #fragment: string | undefined

  constructor() {
    super()
    this.step = 'you'
    this.busy = false
    this.problem = ''
    this.problems = {}
    this.questionId = ''
    this.registered = undefined
  }

  protected override willUpdate(): void {
    const meta = this.hub.meta.value
    const fragment = this.router.fragment.value
    if (!meta || fragment === this.#fragment || this.registered) return
    const isFirst = this.#fragment === undefined
    this.#fragment = fragment
    if (isFirst) this.questionId = meta.securityQuestions[0]?.id ?? ownQuestionId
    const isForAnother = (parseInviteFragment(fragment)?.hubId ?? meta.hubId) !== meta.hubId
    this.#invite = isForAnother ? '' : parseInviteCode(fragment)
    this.problems = isForAnother ? { invite: t('register.otherHub') } : {}
    if (isForAnother || this.#invite || meta.registration === 'invite') this.step = 'invite'
  }

  override render() {
    const hub = this.hub.meta.value?.name ?? t('auth.hub')
    const { step } = this
    return html`<main>
      <hb-logo></hb-logo>
      ${
        this.hub.meta.value?.registration === 'closed' && step !== 'key'
          ? this.#renderClosed(hub)
          : step === 'invite'
            ? this.#renderInviteStep()
            : step === 'you'
              ? this.#renderAccountStep(hub)
              : step === 'question'
                ? this.#renderQuestionStep()
                : this.#renderKeyStep(hub)
      }
      ${
        step === 'key'
          ? nothing
          : html`<p class="below">
              ${t('register.haveAccount')}
              <a class="link" href="/login" @click=${navigateOnClick(this.router, { page: 'login' })}
                >${t('login.action')}</a
              >
            </p>`
      }
      ${renderTrustLink()}
    </main>`
  }

  /** Without an invite, at a hub whose admins approve registrations. */
  #needsApproval(): boolean {
    return this.hub.meta.value?.registration === 'approval' && !this.#invite
  }

  #renderClosed(hub: string) {
    return html`
      <h1>${t('register.closed', { hub })}</h1>
      <p class="lead">${t('register.closedText')}</p>
    `
  }

  #renderInviteStep() {
    return html`<hb-invite-step
      .hub=${this.hub}
      .code=${this.#invite}
      .refusal=${this.problems.invite ?? ''}
      @hb-invite=${(event: CustomEvent<string>) => {
        this.#invite = event.detail
        this.problems = {}
        this.step = 'you'
      }}
    ></hb-invite-step>`
  }

  #renderAccountStep(hub: string) {
    return html`
      ${renderSteps(1, 3)}
      <h1>${t('register.title', { hub })}</h1>
      <p class="lead">${this.#needsApproval() ? t('register.leadAsk', { hub }) : t('register.leadYou')}</p>
      <form novalidate @submit=${this.#submitAccount}>
        ${renderAccountFields(this.#account, this.problems)} ${renderProblem(this.problem)}
        <div class="actions">
          <button class="button primary wide" type="submit">${t('register.next')}</button>
        </div>
      </form>
    `
  }

  #submitAccount = (event: SubmitEvent) => {
    event.preventDefault()
    const { username = '', displayName = '', password = '' } = formValues(event.target as HTMLFormElement)
    this.#account = { username, displayName, password }
    this.problem = ''
    this.problems = checkAccountDetails(this.#account)
    if (Object.keys(this.problems).length === 0) this.step = 'question'
    else void this.#showProblems()
  }

  #renderQuestionStep() {
    const questions = this.hub.meta.value?.securityQuestions ?? []
    return html`
      ${renderSteps(2, 3)}
      <h1>${t('register.titleQuestion')}</h1>
      <p class="lead">${t('register.leadQuestion')}</p>
      <form novalidate @submit=${this.#submitQuestion}>
        <hb-field
          name="question"
          type="select"
          .label=${t('register.question')}
          .value=${this.questionId}
          .options=${[
            ...questions.map(({ id, text }) => ({ value: id, label: text })),
            { value: ownQuestionId, label: t('register.ownQuestion') },
          ]}
          @change=${(event: Event) => {
            this.questionId = (event.target as HTMLSelectElement).value
          }}
        ></hb-field>
        ${
          this.questionId === ownQuestionId
            ? html`<hb-field
                name="ownQuestion"
                .label=${t('register.ownQuestionLabel')}
                .hint=${t('register.ownQuestionHint')}
                .value=${this.#ownQuestion}
                .error=${this.problems.ownQuestion ?? ''}
                .maxlength=${200}
              ></hb-field>`
            : nothing
        }
        <hb-field
          name="securityAnswer"
          .label=${t('register.answer')}
          .hint=${t('register.answerHint')}
          .value=${this.#answer}
          .error=${this.problems.securityAnswer ?? ''}
          .maxlength=${100}
          autofocus
        ></hb-field>
        ${renderProblem(this.problem)}
        <div class="actions">
          <button class="button primary wide" type="submit" aria-disabled=${this.busy}>
            ${this.busy ? t('register.busy') : t('register.action')}
          </button>
          <div class="aside">
            <button class="link" type="button" @click=${this.#backToAccount}>${t('common.back')}</button>
            <button class="link" type="button" @click=${() => void this.#register()}>
              ${t('register.skip')}
            </button>
          </div>
        </div>
      </form>
    `
  }

  #backToAccount = (event: Event) => {
    const form = (event.target as HTMLElement).closest('form')
    if (form) this.#storeAnswer(formValues(form))
    this.problem = ''
    this.problems = {}
    this.step = 'you'
  }

  #storeAnswer(values: Record<string, string>) {
    this.#ownQuestion = values.ownQuestion ?? this.#ownQuestion
    this.#answer = values.securityAnswer ?? ''
  }

  #submitQuestion = (event: SubmitEvent) => {
    event.preventDefault()
    this.#storeAnswer(formValues(event.target as HTMLFormElement))
    const question = this.questionId === ownQuestionId ? this.#ownQuestion.trim() : this.questionId
    this.problems = checkSecurityAnswer(question, this.#answer)
    if (Object.keys(this.problems).length > 0) void this.#showProblems()
    else void this.#register({ securityQuestion: question, securityAnswer: this.#answer })
  }

  async #register(question: { securityQuestion?: string; securityAnswer?: string } = {}) {
    if (this.busy) return
    this.busy = true
    this.problem = ''
    try {
      this.registered = await this.hub.session.register({
        ...(this.#invite ? { invite: this.#invite } : {}),
        ...toAccountInput(this.#account),
        device: deviceName(),
        ...question,
      })
      this.step = 'key'
      // Both are used up, and a reload must not offer the invite again.
      this.#account = { username: '', displayName: '', password: '' }
      this.#answer = ''
    } catch (error) {
      this.#showError(error)
    } finally {
      this.busy = false
    }
  }

  /** Returns to the step with the problem; all other values are preserved. */
  #showError(error: unknown) {
    const field = errorField(error) ?? ''
    const words = errorMessage(error)
    if (field === 'invite') {
      this.step = 'invite'
      this.problems = { invite: words }
    } else if (['username', 'displayName', 'password'].includes(field)) {
      this.step = 'you'
      this.problems = { [field]: words }
    } else if (field === 'securityQuestion' && this.questionId === ownQuestionId) {
      this.problems = { ownQuestion: words }
    } else if (field === 'securityAnswer') {
      this.problems = { securityAnswer: words }
    } else {
      this.problem = words
    }
    void this.#showProblems()
  }

  #renderKeyStep(hub: string) {
    const { registered: opened } = this
    if (!opened) return nothing
    return html`<hb-recovery-key
      .recoveryKey=${opened.recoveryKey}
      .hubName=${hub}
      .username=${opened.user.username}
      .step=${3}
      .steps=${3}
      .busy=${this.busy}
      .error=${this.problem}
      @hb-done=${() => void this.#enterHub()}
    ></hb-recovery-key>`
  }

  async #enterHub() {
    this.busy = true
    this.problem = ''
    try {
      await this.hub.session.enterHub()
    } catch (error) {
      this.problem = errorMessage(error)
    } finally {
      this.busy = false
    }
  }

  async #showProblems() {
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has('step') && changed.get('step') !== undefined && Object.keys(this.problems).length === 0)
      queueMicrotask(() => this.renderRoot.querySelector<HTMLElement>('hb-field[autofocus]')?.focus())
  }
}

customElements.define('hb-register', HbRegister)
