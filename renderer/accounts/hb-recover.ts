import { css, html, LitElement, nothing } from 'lit'
import { checkPassword } from '../../shared/text/names.ts'
import { navigateOnClick } from '../navigation/navigate-on-click.ts'
import type { Router } from '../navigation/router.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorCode, errorMessage, errorField } from '../ui/error-message.ts'
import '../ui/hb-field.ts'
import '../ui/hb-logo.ts'
import { withoutEmpty, type FieldProblems, focusFirstProblem, renderProblem, formValues } from '../ui/form.ts'
import { authStyles } from './auth-styles.ts'
import './hb-recovery-key.ts'
import './hb-password-strength.ts'

type RecoveryStep = 'checking' | 'refused' | 'name' | 'answer' | 'key' | 'password' | 'done'

/** The request of each step. The page checks the password first. */
type SubmitAction = (values: Record<string, string>) => Promise<void>

/**
 * Recovers an account: by the username and its security question, or the recovery key. A reset link of an admin
 * (`/reset#TOKEN`) is checked at once and begins at the new password. The last step shows a new recovery key.
 */
export class HbRecover extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    router: { attribute: false },
    byLink: { type: Boolean },
    step: { state: true },
    busy: { state: true },
    problem: { state: true },
    problems: { state: true },
  }
  declare hub: Hub
  declare router: Router
  declare byLink: boolean
  declare step: RecoveryStep
  declare busy: boolean
  declare problem: string
  declare problems: FieldProblems

  #username = ''
  #question = ''
  #token = ''
  /** The hub may have set the password: the request had no response. */
  #unansweredToken = ''
  #result = { username: '', recoveryKey: '' }
  /** The link that was read. Another one may be opened in the same tab. */
  #link: string | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    authStyles,
    css`
      blockquote {
        margin: 0;
        padding: var(--space-3) var(--space-4);
        border-inline-start: 3px solid var(--color-accent);
        background: var(--color-surface-raised);
        border-radius: var(--radius-control);
        overflow-wrap: anywhere;
      }
    `,
  ]

  constructor() {
    super()
    this.byLink = false
    this.step = 'name'
    this.busy = false
    this.problem = ''
    this.problems = {}
  }

  protected override willUpdate(): void {
    const link = this.byLink ? this.router.fragment.value : undefined
    if (link === this.#link || this.step === 'done') return
    this.#link = link
    this.#token = link ?? ''
    this.#setStep('checking')
    void this.#checkLink(this.#token)
  }

  /** Nobody chooses a password for a link that the hub refuses. */
  async #checkLink(resetToken: string) {
    let isRefused = false
    try {
      await this.hub.request('recovery.checkReset', { resetToken })
    } catch (error) {
      // An older hub without the check, or one that cannot answer now: the form says more when it is sent.
      isRefused = errorField(error) === 'resetToken'
    }
    if (this.#token === resetToken && this.step === 'checking')
      this.#setStep(isRefused ? 'refused' : 'password')
  }

  get #hubName(): string {
    return this.hub.meta.value?.name ?? t('auth.hub')
  }

  override render() {
    const { step } = this
    return html`<main>
      <hb-logo></hb-logo>
      ${this.#renderStep(step)} ${step === 'done' ? nothing : this.#renderLoginLink()}
    </main>`
  }

  #renderStep(step: RecoveryStep) {
    if (step === 'checking') return html`<h1>${t('recovery.titlePassword')}</h1>`
    if (step === 'refused') return this.#renderRefusedStep()
    if (step === 'name') return this.#renderNameStep()
    if (step === 'answer') return this.#renderAnswerStep()
    if (step === 'key') return this.#renderKeyStep()
    return step === 'password' ? this.#renderPasswordStep() : this.#renderDoneStep()
  }

  #renderLoginLink() {
    return html`<p class="below">
      ${t('recovery.remembered')}
      <a class="link" href="/login" @click=${navigateOnClick(this.router, { page: 'login' })}
        >${t('login.action')}</a
      >
    </p>`
  }

  #renderRefusedStep() {
    const byQuestion = this.hub.meta.value?.recoveryByQuestion !== false
    return html`
      <h1 tabindex="-1">${t('recovery.titleRefused')}</h1>
      <p class="lead" role="alert">${t('recovery.leadRefused')}</p>
      <div class="actions">
        <button class="button primary wide" type="button" @click=${() => this.#setStep('key')}>
          ${t('recovery.useKey')}
        </button>
        <div class="aside">
          ${byQuestion ? this.#renderStepButton('name', t('recovery.useQuestion')) : nothing}
        </div>
      </div>
    `
  }

  #renderNameStep() {
    const byQuestion = this.hub.meta.value?.recoveryByQuestion !== false
    return html`
      <h1>${t('recovery.title')}</h1>
      <p class="lead">${byQuestion ? t('recovery.leadName') : t('recovery.leadNoQuestion')}</p>
      ${
        byQuestion
          ? this.#renderForm(
              (values) => this.#requestQuestion(values),
              html`${this.#renderNameField()}`,
              t('recovery.toQuestion'),
              this.#renderStepButton('key', t('recovery.useKey')),
            )
          : this.#renderForm(
              (values) => this.#submitRecoveryKey(values),
              this.#renderKeyFields(),
              t('recovery.next'),
            )
      }
    `
  }

  #renderAnswerStep() {
    return html`
      <h1>${t('recovery.titleQuestion')}</h1>
      ${this.#renderForm(
        (values) => this.#submitAnswer(values),
        html`<blockquote dir="auto" data-testid="question">${this.#question}</blockquote>
          <hb-field
            name="answer"
            .label=${t('register.answer')}
            .hint=${t('register.answerHint')}
            .error=${this.problems.answer ?? ''}
            .maxlength=${1000}
            autofocus
          ></hb-field>`,
        t('recovery.next'),
        html`${this.#renderStepButton('name', t('recovery.otherName'))}
        ${this.#renderStepButton('key', t('recovery.useKey'))}`,
      )}
    `
  }

  #renderKeyStep() {
    return html`
      <h1>${t('recovery.titleKey')}</h1>
      <p class="lead">${t('recovery.leadKey')}</p>
      ${this.#renderForm(
        (values) => this.#submitRecoveryKey(values),
        this.#renderKeyFields(),
        t('recovery.next'),
        this.#renderStepButton('name', t('recovery.useQuestion')),
      )}
    `
  }

  #renderPasswordStep() {
    return html`
      <h1>${t('recovery.titlePassword')}</h1>
      <p class="lead">${t('recovery.leadPassword')}</p>
      ${this.#renderForm(
        (values) => this.#resetPassword(values),
        html`<hb-field
            name="password"
            type="password"
            .label=${t('recovery.password')}
            .hint=${t('register.passwordHint')}
            .error=${this.problems.password ?? ''}
            autocomplete="new-password"
            autofocus
          ></hb-field>
          <hb-password-strength .names=${[this.#username, this.#hubName]}></hb-password-strength>`,
        t('recovery.set'),
      )}
    `
  }

  #renderDoneStep() {
    return html`<hb-recovery-key
      .recoveryKey=${this.#result.recoveryKey}
      .hubName=${this.#hubName}
      .username=${this.#result.username}
      .steps=${0}
      .lead=${t('recovery.done')}
      .action=${t('recovery.toLogin')}
      @hb-done=${() => this.router.navigate({ page: 'login' }, { replace: true })}
    ></hb-recovery-key>`
  }

  #renderNameField() {
    return html`<hb-field
      name="username"
      type="code"
      .label=${t('login.username')}
      .value=${this.#username}
      .error=${this.problems.username ?? ''}
      autocomplete="username"
      autofocus
    ></hb-field>`
  }

  #renderKeyFields() {
    return html`${this.#renderNameField()}
      <hb-field
        name="recoveryKey"
        type="code"
        .label=${t('recoveryKey.label')}
        .hint=${t('recovery.keyHint')}
        .error=${this.problems.recoveryKey ?? ''}
      ></hb-field>`
  }

  #renderForm(act: SubmitAction, fields: unknown, action: string, aside: unknown = nothing) {
    return html`<form novalidate @submit=${(event: SubmitEvent) => this.#submit(event, act)}>
      ${fields} ${renderProblem(this.problem)}
      <div class="actions">
        <button class="button primary wide" type="submit" aria-disabled=${this.busy}>
          ${this.busy ? t('recovery.busy') : action}
        </button>
        <div class="aside">${aside}</div>
      </div>
    </form>`
  }

  #renderStepButton(step: RecoveryStep, words: string) {
    return html`<button
      class="link"
      type="button"
      @click=${(event: Event) => this.#onStepButton(event, step)}
    >
      ${words}
    </button>`
  }

  #onStepButton(event: Event, step: RecoveryStep) {
    const form = (event.target as HTMLElement).closest('form')
    if (form) this.#username = formValues(form).username ?? this.#username
    this.#setStep(step)
  }

  #setStep(step: RecoveryStep) {
    this.problem = ''
    this.problems = {}
    this.step = step
  }

  #submit(event: SubmitEvent, act: SubmitAction) {
    event.preventDefault()
    if (!this.busy) void this.#runAction(formValues(event.target as HTMLFormElement), act)
  }

  async #runAction(values: Record<string, string>, act: SubmitAction) {
    this.#username = values.username ?? this.#username
    this.problem = ''
    this.problems = this.#findProblems(values)
    if (Object.keys(this.problems).length === 0) {
      this.busy = true
      try {
        await act(values)
        return
      } catch (error) {
        const field = errorField(error)
        if (field !== undefined && field in values) this.problems = { [field]: errorMessage(error) }
        else this.problem = errorMessage(error)
      } finally {
        this.busy = false
      }
    }
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  #findProblems(values: Record<string, string>): FieldProblems {
    const missing = (name: string, words: string) =>
      values[name] !== undefined && values[name].trim() === '' ? words : undefined
    return withoutEmpty({
      username: missing('username', t('login.needName')),
      answer: missing('answer', t('recovery.needAnswer')),
      recoveryKey: missing('recoveryKey', t('recovery.needKey')),
      password: values.password === undefined ? undefined : checkPassword(values.password)?.message,
    })
  }

  async #requestQuestion({ username = '' }: Record<string, string>) {
    this.#question = (await this.hub.request('recovery.question', { username: username.trim() })).question
    this.#setStep('answer')
  }

  async #submitAnswer({ answer = '' }: Record<string, string>) {
    const username = this.#username.trim()
    this.#token = (await this.hub.request('recovery.answer', { username, answer })).resetToken
    this.#setStep('password')
  }

  async #submitRecoveryKey({ username = '', recoveryKey = '' }: Record<string, string>) {
    const input = { username: username.trim(), recoveryKey }
    this.#token = (await this.hub.request('recovery.key', input)).resetToken
    this.#setStep('password')
  }

  async #resetPassword({ password = '' }: Record<string, string>) {
    const resetToken = this.#token
    try {
      this.#result = await this.hub.request('recovery.reset', { resetToken, password })
    } catch (error) {
      const isUsed = this.#unansweredToken === resetToken && errorField(error) === 'resetToken'
      if (errorCode(error) === 'offline') this.#unansweredToken = resetToken
      if (!isUsed) throw error
      this.problem = t('recovery.maybeSet')
      return
    }
    this.#token = ''
    this.#setStep('done')
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.get('step') === undefined || Object.keys(this.problems).length > 0) return
    queueMicrotask(() =>
      this.renderRoot.querySelector<HTMLElement>('hb-field[autofocus], h1[tabindex]')?.focus(),
    )
  }
}

customElements.define('hb-recover', HbRecover)
