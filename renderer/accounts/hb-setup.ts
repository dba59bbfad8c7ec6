import { html, LitElement, nothing } from 'lit'
import type { Output } from '../../shared/contract.ts'
import { limits, type Registration } from '../../shared/contract/values.ts'
import { checkLine, normalizeLine } from '../../shared/text/names.ts'
import type { Router } from '../navigation/router.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage, errorField } from '../ui/error-message.ts'
import '../ui/hb-field.ts'
import '../ui/hb-choice.ts'
import '../ui/hb-logo.ts'
import { checkAccountDetails, toAccountInput } from './account-checks.ts'
import { withoutEmpty, type FieldProblems, focusFirstProblem, renderProblem, formValues } from '../ui/form.ts'
import { deviceName } from './device.ts'
import { renderBack, renderSteps, renderAccountFields } from './auth-parts.ts'
import { authStyles } from './auth-styles.ts'
import {
  checkTeamGroup,
  newTeamGroup,
  renderTeamGroupFields,
  toTeamGroup,
  toTeamGroupInput,
  type TeamGroupDraft,
} from './team-group-fields.ts'
import './hb-recovery-key.ts'

type SetupStep = 'hub' | 'you' | 'key'

/** The first start: the user with the set-up code names the hub and becomes its owner. */
export class HbSetup extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    router: { attribute: false },
    step: { state: true },
    busy: { state: true },
    problem: { state: true },
    problems: { state: true },
    setupResult: { state: true },
  }
  declare hub: Hub
  declare router: Router
  declare step: SetupStep
  declare busy: boolean
  declare problem: string
  declare problems: FieldProblems
  declare setupResult: Output<'hub.setup'> | undefined

  static override styles = [baseStyles, buttonStyles, authStyles]

  #code: string | undefined
  #hubName = ''
  #teamGroup: TeamGroupDraft = newTeamGroup()
  #registration: Registration = 'invite'
  #account = { username: '', displayName: '', password: '' }

  constructor() {
    super()
    this.step = 'hub'
    this.busy = false
    this.problem = ''
    this.problems = {}
    this.setupResult = undefined
  }

  protected override willUpdate(): void {
    if (this.#code !== undefined) return
    // Users get both `/setup#CODE` and `/setup#code=CODE`.
    this.#code = this.router.fragment.value.replace(/^code=/, '')
    if (this.#code) void this.#checkLink(this.#code)
  }

  /** Says that the code of a link is wrong before the user fills in the form. */
  async #checkLink(code: string) {
    await this.updateComplete
    const error = await this.#findCodeError(code)
    // An unreachable hub, for example: the form says more when it is sent.
    if (errorField(error) !== 'code' || this.step !== 'hub') return
    this.problems = { ...this.problems, code: errorMessage(error) }
    const form = this.renderRoot.querySelector('form')
    // A user who is already typing the name stays there.
    if (form && !formValues(form).hubName) void this.#showProblems()
  }

  async #findCodeError(code: string): Promise<unknown> {
    try {
      await this.hub.request('hub.checkSetupCode', { code })
      return undefined
    } catch (error) {
      return error
    }
  }

  override render() {
    return html`<main>
      <hb-logo></hb-logo>
      ${this.step === 'hub' ? this.#renderHubStep() : this.step === 'you' ? this.#renderAccountStep() : this.#renderKeyStep()}
    </main>`
  }

  #renderHubStep() {
    return html`
      ${renderSteps(1, 3)}
      <h1>${t('setup.title')}</h1>
      <p class="lead">${t('setup.lead')}</p>
      <form novalidate @submit=${this.#submitHub}>
        <hb-field
          name="code"
          type="code"
          .label=${t('setup.code')}
          .hint=${t('setup.codeHint')}
          .value=${this.#code ?? ''}
          .error=${this.problems.code ?? ''}
          autocomplete="one-time-code"
          ?autofocus=${!this.#code}
        ></hb-field>
        <hb-field
          name="hubName"
          .label=${t('setup.hubName')}
          .placeholder=${t('setup.hubNameExample')}
          .value=${this.#hubName}
          .error=${this.problems.hubName ?? ''}
          autocomplete="organization"
          ?autofocus=${Boolean(this.#code)}
        ></hb-field>
        ${renderTeamGroupFields(this.#teamGroup, this.problems)}
        <hb-choice
          name="registration"
          .label=${t('setup.registration')}
          .value=${this.#registration}
          .choices=${[
            { value: 'invite', label: t('setup.invite'), hint: t('setup.inviteHint') },
            { value: 'open', label: t('setup.open'), hint: t('setup.openHint') },
          ]}
        ></hb-choice>
        ${renderProblem(this.problem)}
        <div class="actions">
          <button class="button primary wide" type="submit">${t('register.next')}</button>
        </div>
      </form>
    `
  }

  #submitHub = (event: SubmitEvent) => {
    event.preventDefault()
    if (this.busy) return
    const values = formValues(event.target as HTMLFormElement)
    const { code = '', hubName = '', registration } = values
    this.#teamGroup = toTeamGroup(values)
    this.#code = code.trim()
    this.#hubName = hubName
    this.#registration = registration === 'open' ? 'open' : 'invite'
    this.problem = ''
    this.problems = withoutEmpty({
      code: this.#code ? undefined : t('setup.needCode'),
      hubName: hubName.trim()
        ? checkLine(normalizeLine(hubName), t('setup.hubName'), limits.hubName)?.message
        : t('setup.needHubName'),
      teamGroup: checkTeamGroup(this.#teamGroup),
    })
    if (Object.keys(this.problems).length === 0) void this.#continueToAccount(this.#code)
    else void this.#showProblems()
  }

  async #continueToAccount(code: string) {
    this.busy = true
    const error = await this.#findCodeError(code)
    this.busy = false
    if (error === undefined) this.step = 'you'
    else this.#showError(error)
  }

  #showError(error: unknown) {
    const field = errorField(error) ?? ''
    if (field === 'code' || field === 'hubName' || field === 'teamGroup') this.step = 'hub'
    if (field) this.problems = { [field]: errorMessage(error) }
    else this.problem = errorMessage(error)
    void this.#showProblems()
  }

  #renderAccountStep() {
    const hub = normalizeLine(this.#hubName)
    return html`
      ${renderSteps(2, 3)}
      <h1>${t('setup.titleYou')}</h1>
      <p class="lead">${t('setup.leadYou', { hub })}</p>
      <form novalidate @submit=${this.#submitAccount}>
        ${renderAccountFields(this.#account, this.problems)} ${renderProblem(this.problem)}
        <div class="actions">
          <button class="button primary wide" type="submit" aria-disabled=${this.busy}>
            ${this.busy ? t('setup.busy') : t('setup.action', { hub })}
          </button>
          ${renderBack(this.#backToHub)}
        </div>
      </form>
    `
  }

  #backToHub = (event: Event) => {
    const form = (event.target as HTMLElement).closest('form')
    if (form) this.#storeAccount(form)
    this.step = 'hub'
  }

  #storeAccount(form: HTMLFormElement) {
    const { username = '', displayName = '', password = '' } = formValues(form)
    this.#account = { username, displayName, password }
  }

  #submitAccount = (event: SubmitEvent) => {
    event.preventDefault()
    if (this.busy) return
    this.#storeAccount(event.target as HTMLFormElement)
    this.problem = ''
    this.problems = checkAccountDetails(this.#account)
    if (Object.keys(this.problems).length === 0) void this.#setup()
    else void this.#showProblems()
  }

  async #setup() {
    this.busy = true
    try {
      this.setupResult = await this.hub.session.setup({
        code: this.#code ?? '',
        hubName: normalizeLine(this.#hubName),
        registration: this.#registration,
        ...toTeamGroupInput(this.#teamGroup),
        ...toAccountInput(this.#account),
        device: deviceName(),
      })
      this.step = 'key'
      this.#account = { username: '', displayName: '', password: '' }
    } catch (error) {
      this.#showError(error)
    } finally {
      this.busy = false
    }
  }

  #renderKeyStep() {
    const { setupResult: opened } = this
    if (!opened) return nothing
    return html`<hb-recovery-key
      .recoveryKey=${opened.recoveryKey}
      .hubName=${normalizeLine(this.#hubName)}
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

customElements.define('hb-setup', HbSetup)
