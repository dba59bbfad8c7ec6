import { css, html, LitElement, nothing } from 'lit'
import { checkPassword } from '../../shared/text/names.ts'
import { checkAnswer, compact, type Problems } from '../accounts/account-checks.ts'
import { focusFirstProblem, problemLine, valuesOf } from '../accounts/entry-parts.ts'
import '../accounts/hb-recovery-key.ts'
import '../accounts/hb-strength.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../state/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { explain, fieldOf } from '../ui/explain.ts'
import '../ui/hb-check.ts'
import '../ui/hb-field.ts'
import { notify } from '../ui/hb-toasts.ts'
import { sectionStyles } from './section-styles.ts'

type Part = 'password' | 'question' | 'key'
const own = 'own'

/** The ways in: password, security question, recovery key. Each is changed by saying the password once more. */
export class HbSettingsSecurity extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    open: { state: true },
    busy: { state: true },
    problem: { state: true },
    problems: { state: true },
    asked: { state: true },
    question: { state: true },
    recoveryKey: { state: true },
  }
  declare hub: Hub
  /** The one that is being changed. */
  declare open: Part | undefined
  declare busy: boolean
  declare problem: string
  declare problems: Problems
  /** My question, '' without one, undefined until it is known. */
  declare asked: string | undefined
  /** The choice in the form: an id, or `own`. */
  declare question: string
  declare recoveryKey: string

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
    this.open = undefined
    this.busy = false
    this.problem = ''
    this.problems = {}
    this.asked = undefined
    this.question = own
    this.recoveryKey = ''
  }

  protected override firstUpdated(): void {
    void this.#load()
  }

  async #load() {
    try {
      this.asked = (await this.hub.request('me.get')).securityQuestion ?? ''
    } catch (error) {
      this.problem = explain(error)
    }
  }

  override render() {
    return html`${this.#passwordPart()} ${this.#questionPart()} ${this.#keyPart()}
    ${this.open ? nothing : problemLine(this.problem)}`
  }

  #passwordPart() {
    const names = [this.hub.session.me.value?.username ?? '', this.hub.meta.value?.name ?? '']
    return html`<section aria-labelledby="password">
      <header>
        <h3 id="password">${t('security.password')}</h3>
        <p class="quiet-words">${t('security.passwordText')}</p>
      </header>
      ${
        this.open === 'password'
          ? this.#form(
              html`${this.#currentField()}
                <hb-field
                  name="password"
                  type="password"
                  .label=${t('recovery.password')}
                  .hint=${t('register.passwordHint')}
                  .error=${this.problems.password ?? ''}
                  autocomplete="new-password"
                ></hb-field>
                <hb-strength .names=${names}></hb-strength>
                <hb-check
                  name="endTokens"
                  checked
                  .label=${t('security.endTokens')}
                  .hint=${t('security.endTokensHint')}
                ></hb-check>`,
              t('security.passwordChange'),
            )
          : this.#opener('password', t('security.passwordOpen'))
      }
    </section>`
  }

  #questionPart() {
    const closed = this.hub.meta.value?.recoveryByQuestion === false
    const isMember = this.hub.session.me.value?.role === 'member'
    return html`<section aria-labelledby="question">
      <header>
        <h3 id="question">${t('security.question')}</h3>
        <p class="quiet-words">
          ${isMember ? (closed ? t('security.questionClosed') : t('security.questionText')) : t('security.questionAdmin')}
        </p>
        ${
          this.asked === undefined
            ? nothing
            : html`<p class="quiet-words">
                ${this.asked ? html`${t('security.questionNow')} <q dir="auto">${this.asked}</q>` : t('security.questionNone')}
              </p>`
        }
      </header>
      ${this.open === 'question' ? this.#questionForm() : this.#opener('question', t('security.questionOpen'))}
    </section>`
  }

  #questionForm() {
    const questions = this.hub.meta.value?.securityQuestions ?? []
    return this.#form(
      html`${this.#currentField()}
        <hb-field
          name="question"
          type="select"
          .label=${t('register.question')}
          .value=${this.question}
          .options=${[
            ...questions.map(({ id, text }) => ({ value: id, label: text })),
            { value: own, label: t('register.ownQuestion') },
          ]}
          @change=${(event: Event) => {
            this.question = (event.target as HTMLSelectElement).value
          }}
        ></hb-field>
        ${
          this.question === own
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
      this.asked
        ? html`<button
            class="button"
            type="button"
            @click=${(event: Event) => void this.#run((event.target as HTMLElement).closest('form'), true)}
          >
            ${t('security.questionRemove')}
          </button>`
        : nothing,
    )
  }

  #keyPart() {
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
                <h3 id="key">${t('key.label')}</h3>
                <p class="quiet-words">${t('security.keyText')}</p>
              </header>
              ${
                this.open === 'key'
                  ? this.#form(this.#currentField(), t('security.keyMake'))
                  : this.#opener('key', t('security.keyOpen'))
              }`
      }
    </section>`
  }

  #opener(part: Part, words: string) {
    return html`<div class="actions">
      <button class="button" data-part=${part} @click=${() => void this.#show(part)}>${words}</button>
    </div>`
  }

  #currentField() {
    return html`<hb-field
      name="current"
      type="password"
      .label=${t('security.current')}
      .error=${this.problems.current ?? ''}
      autocomplete="current-password"
    ></hb-field>`
  }

  #form(fields: unknown, action: string, more: unknown = nothing) {
    return html`<form novalidate @submit=${this.#submit}>
      ${fields} ${problemLine(this.problem)}
      <div class="actions">
        <button class="button primary" type="submit" aria-disabled=${this.busy}>
          ${this.busy ? t('recovery.busy') : action}
        </button>
        ${more}
        <button class="button" type="button" @click=${() => void this.#show(undefined)}>
          ${t('common.cancel')}
        </button>
      </div>
    </form>`
  }

  async #show(part: Part | undefined) {
    const before = this.open
    this.open = part
    this.problem = ''
    this.problems = {}
    await this.updateComplete
    const next = part ? 'hb-field' : `button[data-part=${before ?? ''}]`
    this.renderRoot.querySelector<HTMLElement>(next)?.focus()
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    void this.#run(event.target as HTMLFormElement)
  }

  async #run(form: HTMLFormElement | null, remove = false) {
    if (this.busy || !form) return
    const values = valuesOf(form)
    this.problem = ''
    this.problems = this.#check(values, remove)
    if (Object.keys(this.problems).length === 0) {
      this.busy = true
      try {
        await this.#change(values, remove)
        return
      } catch (error) {
        const field = fieldOf(error) ?? ''
        if (field === 'securityQuestion') this.problems = { ownQuestion: explain(error) }
        else if (field in values) this.problems = { [field]: explain(error) }
        else this.problem = explain(error)
      } finally {
        this.busy = false
      }
    }
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  #check(
    { current, password, securityAnswer, ownQuestion }: Record<string, string>,
    remove: boolean,
  ): Problems {
    return compact({
      current: current ? undefined : t('login.needPassword'),
      ...(this.open === 'password' ? { password: checkPassword(password ?? '')?.message } : {}),
      ...(this.open === 'question' && !remove
        ? checkAnswer(this.question === own ? (ownQuestion ?? '') : this.question, securityAnswer ?? '')
        : {}),
    })
  }

  async #change(values: Record<string, string>, remove: boolean) {
    const { current = '', password = '', securityAnswer = '', ownQuestion = '' } = values
    if (this.open === 'password') {
      await this.hub.request('me.password', { current, password, endTokens: values.endTokens !== undefined })
      notify(this, { text: t('security.passwordDone') })
    } else if (this.open === 'question') {
      const securityQuestion = this.question === own ? ownQuestion.trim() : this.question
      await this.hub.request('me.recovery', {
        current,
        ...(remove ? {} : { securityQuestion, securityAnswer }),
      })
      notify(this, { text: remove ? t('security.questionRemoved') : t('security.questionDone') })
      await this.#load()
    } else {
      this.recoveryKey = (await this.hub.request('me.recoveryKey', { current })).recoveryKey
    }
    await this.#show(undefined)
  }
}

customElements.define('hb-settings-security', HbSettingsSecurity)
