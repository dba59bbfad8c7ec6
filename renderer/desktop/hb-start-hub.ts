import { css, html, LitElement, nothing } from 'lit'
import type { HostApi, HostStatus, HubInfo } from '../../shared/desktop.ts'
import { limits } from '../../shared/contract/values.ts'
import { checkLine, normalizeLine } from '../../shared/text/names.ts'
import { checkAccountDetails, toAccountInput } from '../accounts/account-checks.ts'
import { withoutEmpty, type FieldProblems, focusFirstProblem, renderProblem, formValues } from '../ui/form.ts'
import { renderBack, renderSteps, renderAccountFields } from '../accounts/auth-parts.ts'
import {
  checkTeamGroup,
  newTeamGroup,
  renderTeamGroupFields,
  toTeamGroup,
} from '../accounts/team-group-fields.ts'
import { authStyles } from '../accounts/auth-styles.ts'
import '../accounts/hb-recovery-key.ts'
import { holdPage } from '../navigation/leaving.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import './desktop-text.ts'
import '../ui/hb-field.ts'
import '../ui/hb-logo.ts'
import './hb-invite-others.ts'
import { shellErrorField, shellErrorMessage } from './shell-error.ts'

type SetupStep = 'form' | 'working' | 'key' | 'others'
/** The steps of the work, in order. */
const setupTasks = ['start.hub', 'start.account', 'start.open'] as const

/** The field of the form, by the member of the input that the hub refused. */
const fieldNames: Readonly<Record<string, string>> = {
  ...{ hubName: 'teamName', teamGroup: 'teamGroup' },
  ...{ username: 'username', displayName: 'displayName', password: 'password' },
}

/**
 * A hub on this computer, from its name to the invite for others. Emits `hb-hub-ready` with the hub the user is logged
 * in to, and `hb-back`.
 */
export class HbStartHub extends LitElement {
  static override properties = {
    host: { attribute: false },
    step: { state: true },
    taskIndex: { state: true },
    problem: { state: true },
    problems: { state: true },
    createdHub: { state: true },
    status: { state: true },
  }
  declare host: HostApi
  declare step: SetupStep
  /** The step of the work that is running. */
  declare taskIndex: number
  declare problem: string
  declare problems: FieldProblems
  declare createdHub: { hub: HubInfo; recoveryKey: string } | undefined
  declare status: HostStatus | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    authStyles,
    css`
      .work {
        display: flex;
        flex-direction: column;
        gap: var(--space-3);
        margin-block-start: var(--space-6);
      }
      .work li {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        color: var(--color-text-muted);
      }
      .work li[data-state='now'] {
        color: var(--color-text);
        font-weight: 500;
      }
      .work li[data-state='done'] {
        color: var(--color-text);
      }
      .work i {
        display: grid;
        place-items: center;
        inline-size: 20px;
        block-size: 20px;
        border: 2px solid var(--color-border-control);
        border-radius: var(--radius-pill);
      }
      .work li[data-state='now'] i {
        border-color: var(--color-accent);
      }
      .work li[data-state='done'] i {
        border-color: transparent;
        background: var(--color-accent-fill);
        color: var(--color-on-accent);
      }
    `,
  ]

  #teamName = ''
  #teamGroup = newTeamGroup()
  #account = { username: '', displayName: '', password: '' }
  #unsubscribe: (() => void) | undefined

  constructor() {
    super()
    this.step = 'form'
    this.taskIndex = 0
    this.problem = ''
    this.problems = {}
    this.createdHub = undefined
    this.status = undefined
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#unsubscribe = this.host.onStatus((status) => (this.status = status))
    void this.host.status().then((status) => (this.status = status))
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe?.()
  }

  override render() {
    const { step, createdHub: made } = this
    if (step === 'key' && made) return this.#renderRecoveryKey(made)
    if (step === 'others' && made) {
      return html`<main>
        <hb-logo></hb-logo>
        ${renderSteps(3, 3)}
        <hb-invite-others
          .host=${this.host}
          .status=${this.status}
          .hubName=${made.hub.name}
          @hb-done=${() => this.#dispatchReady(made.hub)}
        ></hb-invite-others>
      </main>`
    }
    return html`<main>
      <hb-logo></hb-logo>
      ${step === 'working' ? this.#renderProgress() : this.#renderForm()}
    </main>`
  }

  #renderForm() {
    return html`
      ${renderSteps(1, 3)}
      <h1>${t('start.title')}</h1>
      <p class="lead">${t('start.lead')}</p>
      <form novalidate @submit=${this.#submit}>
        <hb-field
          name="teamName"
          .label=${t('setup.hubName')}
          .placeholder=${t('setup.hubNameExample')}
          .value=${this.#teamName}
          .error=${this.problems.teamName ?? ''}
          autocomplete="organization"
          ?autofocus=${!this.problem && Object.keys(this.problems).length === 0}
        ></hb-field>
        ${renderTeamGroupFields(this.#teamGroup, this.problems, { asksForAnnouncements: false })}
        ${renderAccountFields(this.#account, this.problems, false)} ${renderProblem(this.problem)}
        <div class="actions">
          <button class="button primary wide" type="submit">${t('start.action')}</button>
          ${renderBack(() => this.dispatchEvent(new CustomEvent('hb-back')))}
        </div>
        <p class="note"><hb-icon name="info"></hb-icon><span>${t('start.network')}</span></p>
      </form>
    `
  }

  #renderProgress() {
    const hub = normalizeLine(this.#teamName)
    return html`
      <h1>${t('start.working', { hub })}</h1>
      <ol class="work" aria-live="polite">
        ${setupTasks.map((key, index) => {
          const state = index < this.taskIndex ? 'done' : index === this.taskIndex ? 'now' : 'later'
          return html`<li data-state=${state} aria-current=${state === 'now' ? 'step' : nothing}>
            <i>${state === 'done' ? html`<hb-icon name="check" .size=${14}></hb-icon>` : nothing}</i>${t(key)}
          </li>`
        })}
      </ol>
    `
  }

  #renderRecoveryKey({ hub, recoveryKey }: { hub: HubInfo; recoveryKey: string }) {
    return html`<main>
      <hb-logo></hb-logo>
      <hb-recovery-key
        .recoveryKey=${recoveryKey}
        .hubName=${hub.name}
        .username=${this.#account.username}
        .step=${2}
        .steps=${3}
        .action=${t('register.next')}
        @hb-done=${() => (this.step = 'others')}
      ></hb-recovery-key>
    </main>`
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    const values = formValues(event.target as HTMLFormElement)
    const { teamName = '', username = '', displayName = '', password = '' } = values
    this.#teamName = teamName
    this.#teamGroup = toTeamGroup(values)
    this.#account = { username, displayName, password }
    this.problem = ''
    this.problems = {
      ...withoutEmpty({
        teamName: teamName.trim()
          ? checkLine(normalizeLine(teamName), t('setup.hubName'), limits.hubName)?.message
          : t('setup.needHubName'),
        teamGroup: checkTeamGroup(this.#teamGroup),
      }),
      ...checkAccountDetails(this.#account),
    }
    if (Object.keys(this.problems).length === 0) void this.#start()
    else void this.#showProblems()
  }

  async #start() {
    this.step = 'working'
    this.taskIndex = 0
    // the key that follows would be shown to nobody
    const release = holdPage()
    try {
      // a hub that is here already may be closed to others, and stays so if it has an owner
      const isNew = (await this.host.status()).hubId === undefined
      this.status = await this.host.start(isNew ? { lan: true } : {})
      if (this.status.state !== 'running')
        return this.#showFailure(this.status.problem ?? t('error.unexpected'))
      if (this.status.isSetUp) return this.#showFailure(t('start.ownedText', { hub: this.status.name ?? '' }))
      if (!isNew) await this.host.change({ lan: true })
      this.taskIndex = 1
      this.createdHub = await this.host.setUp({
        teamName: normalizeLine(this.#teamName),
        ...(this.#teamGroup.name ? { teamGroup: this.#teamGroup.name } : {}),
        ...toAccountInput(this.#account),
      })
      this.taskIndex = 2
      this.#account.password = ''
      this.step = 'key'
    } catch (error) {
      this.#showFailure(shellErrorMessage(error), shellErrorField(error))
    } finally {
      await this.updateComplete
      release()
    }
  }

  /** Returns to the form, with all its values. */
  #showFailure(problem: string, refused = '') {
    const field = fieldNames[refused]
    if (field === undefined) this.problem = problem
    else this.problems = { [field]: problem }
    this.step = 'form'
    void this.#showProblems()
  }

  #dispatchReady(hub: HubInfo) {
    this.dispatchEvent(new CustomEvent<HubInfo>('hb-hub-ready', { detail: hub }))
  }

  async #showProblems() {
    await this.updateComplete
    // after a failed start the fields are new
    const fields = this.renderRoot.querySelectorAll('hb-field')
    await Promise.all([...fields].map((field) => field.updateComplete))
    focusFirstProblem(this.renderRoot)
    this.renderRoot.querySelector('.problem')?.scrollIntoView({ block: 'nearest' })
  }
}

customElements.define('hb-start-hub', HbStartHub)

declare global {
  interface HTMLElementTagNameMap {
    'hb-start-hub': HbStartHub
  }
}
