import { css, html, LitElement, nothing } from 'lit'
import type { Input } from '../../shared/contract.ts'
import { checkPassword } from '../../shared/text/names.ts'
import { checkSecurityAnswer } from '../accounts/account-checks.ts'
import {
  withoutEmpty,
  type FieldProblems,
  focusFirstProblem,
  renderProblem,
  formValues,
  closeFormByEscape,
} from '../ui/form.ts'
import '../accounts/hb-recovery-key.ts'
import '../accounts/hb-password-strength.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorCode, errorMessage, errorField } from '../ui/error-message.ts'
import '../ui/hb-check.ts'
import '../ui/hb-field.ts'
import { notify } from '../ui/hb-toasts.ts'
import { LoadWhenLive } from '../ui/load-when-live.ts'
import { sectionStyles } from '../ui/section-styles.ts'

type CredentialKind = 'password' | 'question' | 'key'
const ownQuestionId = 'own'

/** Password, security question and recovery key. Each is changed after the current password. */
export class HbSettingsSecurity extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    openPart: { state: true },
    busy: { state: true },
    problem: { state: true },
    problems: { state: true },
    currentQuestion: { state: true },
    chosenQuestion: { state: true },
    recoveryKey: { state: true },
  }
  declare hub: Hub
  /** The credential that is being changed. */
  declare openPart: CredentialKind | undefined
  declare busy: boolean
  declare problem: string
  declare problems: FieldProblems
  /** The security question; '' if there is none, undefined until it is loaded. */
  declare currentQuestion: string | undefined
  /** The choice in the form: an id, or `own`. */
  declare chosenQuestion: string
  declare recoveryKey: string

  readonly #loading = new LoadWhenLive(this, () => this.#load())
  /** The hub may have set it: the request had no response. */
  #unansweredPassword: string | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    sectionStyles,
    css`
      q {
        color: var(--color-text);
        overflow-wrap: anywhere;
      }
    `,
  ]

  constructor() {
    super()
    this.openPart = undefined
    this.busy = false
    this.problem = ''
    this.problems = {}
    this.currentQuestion = undefined
    this.chosenQuestion = ownQuestionId
    this.recoveryKey = ''
  }

  async #load() {
    this.currentQuestion = (await this.hub.request('me.get')).securityQuestion ?? ''
  }

  override render() {
    return html`${this.#renderPassword()} ${this.#renderQuestion()} ${this.#renderRecoveryKey()}
    ${this.openPart ? nothing : renderProblem(this.problem)}`
  }

  #renderPassword() {
    const names = [this.hub.session.me.value?.username ?? '', this.hub.meta.value?.name ?? '']
    return html`<section aria-labelledby="password">
      <header>
        <h3 id="password">${t('security.password')}</h3>
        <p class="muted-text">${t('security.passwordText')}</p>
      </header>
      ${
        this.openPart === 'password'
          ? this.#renderForm(
              html`${this.#renderCurrentField()}
                <hb-field
                  name="password"
                  type="password"
                  .label=${t('recovery.password')}
                  .hint=${t('register.passwordHint')}
                  .error=${this.problems.password ?? ''}
                  autocomplete="new-password"
                ></hb-field>
                <hb-password-strength .names=${names}></hb-password-strength>
                <hb-check
                  name="endTokens"
                  checked
                  .label=${t('security.endTokens')}
                  .hint=${t('security.endTokensHint')}
                ></hb-check>`,
              t('security.passwordChange'),
            )
          : this.#renderOpenButton('password', t('security.passwordOpen'))
      }
    </section>`
  }

  #renderQuestion() {
    // The hub does not let owners and admins recover by a question, so there is nothing to change.
    if (this.hub.session.me.value?.role !== 'member')
      return html`<section aria-labelledby="question">
        <header>
          <h3 id="question">${t('security.question')}</h3>
          <p class="muted-text">${t('security.questionAdmin')}</p>
        </header>
      </section>`
    const closed = this.hub.meta.value?.recoveryByQuestion === false
    return html`<section aria-labelledby="question">
      <header>
        <h3 id="question">${t('security.question')}</h3>
        <p class="muted-text">${closed ? t('security.questionClosed') : t('security.questionText')}</p>
        ${
          this.currentQuestion === undefined
            ? nothing
            : html`<p class="muted-text">
                ${this.currentQuestion ? html`${t('security.questionNow')} <q dir="auto">${this.currentQuestion}</q>` : t('security.questionNone')}
              </p>`
        }
      </header>
      ${this.openPart === 'question' ? this.#renderQuestionForm() : this.#renderOpenButton('question', t(this.currentQuestion === '' ? 'security.questionAdd' : 'security.questionOpen'))}
    </section>`
  }

  #renderQuestionForm() {
    const questions = this.hub.meta.value?.securityQuestions ?? []
    return this.#renderForm(
      html`${this.#renderCurrentField()}
        <hb-field
          name="question"
          type="select"
          .label=${t('register.question')}
          .value=${this.chosenQuestion}
          .options=${[
            ...questions.map(({ id, text }) => ({ value: id, label: text })),
            { value: ownQuestionId, label: t('register.ownQuestion') },
          ]}
          @change=${(event: Event) => {
            this.chosenQuestion = (event.target as HTMLSelectElement).value
          }}
        ></hb-field>
        ${
          this.chosenQuestion === ownQuestionId
            ? html`<hb-field
                name="ownQuestion"
                .label=${t('register.ownQuestionLabel')}
                .hint=${t('register.ownQuestionHint')}
                .error=${this.problems.ownQuestion ?? ''}
                .maxlength=${200}
              ></hb-field>`
            : nothing
        }
        <hb-field
          name="securityAnswer"
          .label=${t('register.answer')}
          .hint=${t('register.answerHint')}
          .error=${this.problems.securityAnswer ?? ''}
          .maxlength=${100}
        ></hb-field>`,
      t('security.questionSave'),
      this.currentQuestion
        ? html`<button
            class="button"
            type="button"
            @click=${(event: Event) => void this.#submitForm((event.target as HTMLElement).closest('form'), true)}
          >
            ${t('security.questionRemove')}
          </button>`
        : nothing,
    )
  }

  #renderRecoveryKey() {
    return html`<section aria-labelledby="key">
      ${
        this.recoveryKey
          ? html`<hb-recovery-key
              .recoveryKey=${this.recoveryKey}
              .hubName=${this.hub.meta.value?.name ?? ''}
              .username=${this.hub.session.me.value?.username ?? ''}
              .steps=${0}
              .action=${t('common.done')}
              @hb-done=${() => (this.recoveryKey = '')}
            ></hb-recovery-key>`
          : html`<header>
                <h3 id="key">${t('recoveryKey.label')}</h3>
                <p class="muted-text">${t('security.keyText')}</p>
              </header>
              ${
                this.openPart === 'key'
                  ? this.#renderForm(this.#renderCurrentField(), t('security.keyMake'))
                  : this.#renderOpenButton('key', t('security.keyOpen'))
              }`
      }
    </section>`
  }

  #renderOpenButton(part: CredentialKind, words: string) {
    return html`<div class="actions">
      <button class="button" data-part=${part} @click=${() => void this.#showPart(part)}>${words}</button>
    </div>`
  }

  #renderCurrentField() {
    return html`<hb-field
      name="current"
      type="password"
      .label=${t('security.current')}
      .error=${this.problems.current ?? ''}
      autocomplete="current-password"
    ></hb-field>`
  }

  #renderForm(fields: unknown, action: string, more: unknown = nothing) {
    return html`<form novalidate @submit=${this.#submit} @keydown=${this.#onFormKey}>
      ${fields} ${renderProblem(this.problem)}
      <div class="actions">
        <button class="button primary" type="submit" aria-disabled=${this.busy}>
          ${this.busy ? t('recovery.busy') : action}
        </button>
        ${more}
        <button class="button" type="button" @click=${() => void this.#showPart(undefined)}>
          ${t('common.cancel')}
        </button>
      </div>
    </form>`
  }

  async #showPart(part: CredentialKind | undefined) {
    const before = this.openPart
    this.openPart = part
    this.problem = ''
    this.problems = {}
    await this.updateComplete
    const next = part ? 'hb-field' : `button[data-part=${before ?? ''}]`
    this.renderRoot.querySelector<HTMLElement>(next)?.focus()
  }

  #onFormKey = (event: KeyboardEvent) => closeFormByEscape(event, () => void this.#showPart(undefined))

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    void this.#submitForm(event.target as HTMLFormElement)
  }

  async #submitForm(form: HTMLFormElement | null, remove = false) {
    if (this.busy || !form) return
    const values = formValues(form)
    this.problem = ''
    this.problems = this.#validate(values, remove)
    if (Object.keys(this.problems).length === 0) {
      this.busy = true
      try {
        await this.#saveChange(values, remove)
        return
      } catch (error) {
        const field = errorField(error) ?? ''
        if (field === 'securityQuestion') this.problems = { ownQuestion: errorMessage(error) }
        else if (field in values) this.problems = { [field]: errorMessage(error) }
        else this.problem = errorMessage(error)
      } finally {
        this.busy = false
      }
    }
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  #validate(
    { current, password, securityAnswer, ownQuestion }: Record<string, string>,
    remove: boolean,
  ): FieldProblems {
    return withoutEmpty({
      current: current ? undefined : t('login.needPassword'),
      ...(this.openPart === 'password' ? { password: checkPassword(password ?? '')?.message } : {}),
      ...(this.openPart === 'question' && !remove
        ? checkSecurityAnswer(
            this.chosenQuestion === ownQuestionId ? (ownQuestion ?? '') : this.chosenQuestion,
            securityAnswer ?? '',
          )
        : {}),
    })
  }

  async #saveChange(values: Record<string, string>, remove: boolean) {
    const { current = '', password = '', securityAnswer = '', ownQuestion = '' } = values
    if (this.openPart === 'password') {
      await this.#changePassword({ current, password, endTokens: values.endTokens !== undefined })
      notify(this, { text: t('security.passwordDone') })
    } else if (this.openPart === 'question') {
      const securityQuestion =
        this.chosenQuestion === ownQuestionId ? ownQuestion.trim() : this.chosenQuestion
      await this.hub.request('me.recovery', {
        current,
        ...(remove ? {} : { securityQuestion, securityAnswer }),
      })
      notify(this, { text: remove ? t('security.questionRemoved') : t('security.questionDone') })
      await this.#loading.now()
    } else {
      this.recoveryKey = (await this.hub.request('me.createRecoveryKey', { current })).recoveryKey
    }
    await this.#showPart(undefined)
  }

  async #changePassword(input: Input<'me.password'>) {
    const isRepeat = this.#unansweredPassword === input.password
    try {
      await this.hub.request('me.password', input)
    } catch (error) {
      if (errorCode(error) === 'offline') this.#unansweredPassword = input.password
      const isSet = isRepeat && errorField(error) === 'current' && (await this.#isMyPassword(input.password))
      if (!isSet) throw error
    }
    this.#unansweredPassword = undefined
  }

  #isMyPassword(current: string): Promise<boolean> {
    return this.hub.request('sessions.reauthenticate', { current }).then(
      () => true,
      () => false,
    )
  }
}

customElements.define('hb-settings-security', HbSettingsSecurity)
