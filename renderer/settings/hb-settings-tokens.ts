import { css, html, LitElement, nothing } from 'lit'
import type { Token } from '../../shared/contract/tokens.ts'
import { limits } from '../../shared/contract/values.ts'
import { checkLine, normalizeLine } from '../../shared/text/names.ts'
import {
  type FieldProblems,
  focusFirstProblem,
  renderProblem,
  formValues,
  closeFormByEscape,
} from '../ui/form.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { joinFacts } from '../text/direction.ts'
import { t } from '../text/t.ts'
import { relativeTime, dayTitle } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import { errorMessage, errorField } from '../ui/error-message.ts'
import '../ui/hb-choice.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-secret.ts'
import { KeepRowFocus } from '../ui/keep-row-focus.ts'
import { notify } from '../ui/hb-toasts.ts'
import { LoadWhenLive } from '../ui/load-when-live.ts'
import { listStyles } from '../ui/list-styles.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { UnseenSecrets } from '../ui/unseen-secrets.ts'

const lifetimeDays = [30, 90, 365]

/** Tokens for scripts: the list, creating one, revoking one. */
export class HbSettingsTokens extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    tokens: { state: true },
    secret: { state: true },
    busy: { state: true },
    problem: { state: true },
    problems: { state: true },
    isCreating: { state: true },
  }
  declare hub: Hub
  /** Undefined until they are loaded. */
  declare tokens: readonly Token[] | undefined
  /** The new token; the page shows it once. */
  declare secret: string
  declare busy: boolean
  declare problem: string
  declare problems: FieldProblems
  declare isCreating: boolean

  protected readonly keepFocus = new KeepRowFocus(this, { rows: '.things li' })
  readonly #loading = new LoadWhenLive(this, () => this.#load())
  readonly #unseen = new UnseenSecrets()

  static override styles = [
    baseStyles,
    buttonStyles,
    sectionStyles,
    listStyles,
    css`
      .api {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
      }
    `,
  ]

  constructor() {
    super()
    this.tokens = undefined
    this.secret = ''
    this.busy = false
    this.problem = ''
    this.problems = {}
    this.isCreating = false
  }

  override render() {
    return html`
      <section>
        <p class="muted-text">${t('tokens.lead')}</p>
        ${this.secret ? this.#renderSecret() : nothing}
        ${this.isCreating ? this.#renderForm() : this.#renderActions()} ${renderProblem(this.problem)}
      </section>
      <section>
        <h3>${t('tokens.mine')}</h3>
        ${this.#renderList()}
      </section>
    `
  }

  #renderActions() {
    return html`<div class="actions">
      <button class="button" @click=${() => void this.#openForm()}>
        <hb-icon name="plus"></hb-icon>${t('tokens.new')}
      </button>
      <a class="link api" href=${`${this.hub.origin}/api/docs#try`} target="_blank" rel="noopener"
        >${t('tokens.api')}</a
      >
    </div>`
  }

  #renderSecret() {
    return html`<hb-secret
      data-testid="new-token"
      .label=${t('tokens.secret')}
      .note=${t('tokens.once')}
      .action=${t('tokens.copy')}
      .value=${this.secret}
    ></hb-secret>`
  }

  #renderForm() {
    return html`<form novalidate @submit=${this.#submit} @keydown=${this.#onFormKey}>
      <hb-field
        name="name"
        .label=${t('tokens.name')}
        .placeholder=${t('tokens.nameExample')}
        .error=${this.problems.name ?? ''}
      ></hb-field>
      <hb-choice
        name="scope"
        .label=${t('tokens.scope')}
        .value=${'read'}
        .choices=${[
          { value: 'read', label: t('tokens.read'), hint: t('tokens.readHint') },
          { value: 'write', label: t('tokens.write'), hint: t('tokens.writeHint') },
        ]}
      ></hb-choice>
      <hb-field
        name="days"
        type="select"
        .label=${t('tokens.days')}
        .value=${'90'}
        .options=${[
          ...lifetimeDays.map((count) => ({ value: String(count), label: t('tokens.daysCount', { count }) })),
          { value: '', label: t('tokens.forEver') },
        ]}
      ></hb-field>
      <div class="actions">
        <button type="submit" class="button primary" aria-disabled=${this.busy}>
          ${this.busy ? t('tokens.making') : t('tokens.make')}
        </button>
        <button type="button" class="button" @click=${() => void this.#closeForm()}>
          ${t('common.cancel')}
        </button>
      </div>
    </form>`
  }

  #renderList() {
    if (!this.tokens) return html`<p class="muted-text">${this.problem ? nothing : t('common.loading')}</p>`
    if (this.tokens.length === 0)
      return html`<hb-empty-state small drawing="key" .text=${t('tokens.none')}></hb-empty-state>`
    return html`<ul class="things">
      ${keyedList(
        this.tokens,
        ({ id }) => id,
        (token) =>
          html`<li>
            <hb-icon name="key"></hb-icon>
            <div class="words">
              <bdi>${token.name}</bdi>
              <span>${joinFacts(this.#tokenFacts(token))}</span>
            </div>
            <button
              class="button small"
              aria-label=${t('tokens.revokeOne', { name: token.name })}
              @click=${() => void this.#revoke(token)}
            >
              ${t('tokens.revoke')}
            </button>
          </li>`,
      )}
    </ul>`
  }

  #tokenFacts({ scope, createdAt, usedAt, expiresAt }: Token): string[] {
    const now = this.hub.now()
    const facts = [
      scope === 'read' ? t('tokens.read') : t('tokens.write'),
      t('tokens.created', { ago: relativeTime(createdAt, now) }),
      usedAt === undefined ? t('tokens.unused') : t('tokens.used', { ago: relativeTime(usedAt, now) }),
    ]
    if (expiresAt !== undefined) {
      facts.push(
        expiresAt > now
          ? t('tokens.ends', { day: dayTitle(expiresAt, now) })
          : t('tokens.ended', { ago: relativeTime(expiresAt, now) }),
      )
    }
    return facts
  }

  async #openForm() {
    this.isCreating = true
    this.secret = ''
    this.problem = ''
    this.problems = {}
    await this.updateComplete
    this.renderRoot.querySelector('hb-field')?.focus()
  }

  /** The focus goes to the secret, if there is one, so that it is read and can be copied. */
  async #closeForm() {
    this.isCreating = false
    await this.updateComplete
    const secret = this.renderRoot.querySelector('hb-secret')
    await secret?.updateComplete
    ;(secret ?? this.renderRoot.querySelector<HTMLElement>('.actions .button'))?.focus()
  }

  async #load() {
    this.tokens = await this.#fetchTokens()
  }

  async #fetchTokens() {
    return (await this.hub.request('tokens.list', {})).tokens
  }

  #onFormKey = (event: KeyboardEvent) => closeFormByEscape(event, () => void this.#closeForm())

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (!this.busy) void this.#createToken(formValues(event.target as HTMLFormElement))
  }

  async #createToken(values: Record<string, string>) {
    this.problem = ''
    const name = normalizeLine(values.name ?? '')
    const wrong =
      name === '' ? t('tokens.needName') : checkLine(name, t('tokens.name'), limits.tokenName)?.message
    this.problems = wrong === undefined ? {} : { name: wrong }
    if (wrong !== undefined) {
      await this.#showProblems()
      return
    }
    this.busy = true
    try {
      const { token } = await this.#unseen.create(name, {
        list: () => this.#fetchTokens(),
        create: () =>
          this.hub.request('tokens.create', {
            name,
            scope: values.scope === 'write' ? 'write' : 'read',
            ...(values.days ? { days: Number(values.days) } : {}),
          }),
        revoke: (tokenId) => this.hub.request('tokens.revoke', { tokenId }),
      })
      this.secret = token
      await this.#closeForm()
      await this.#loading.now()
    } catch (error) {
      this.#loading.noteFailure(error)
      if (errorField(error) === 'name') this.problems = { name: errorMessage(error) }
      else this.problem = errorMessage(error)
      await this.#showProblems()
    } finally {
      this.busy = false
    }
  }

  async #showProblems() {
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  async #revoke({ id, name }: Token) {
    const done = await confirm({
      heading: t('tokens.revokeTitle', { name }),
      text: t('tokens.revokeText'),
      action: t('tokens.revokeOne', { name }),
      danger: true,
      run: () => this.hub.request('tokens.revoke', { tokenId: id }),
    })
    if (!done) return
    this.tokens = this.tokens?.filter((token) => token.id !== id)
    this.secret = ''
    notify(this, { text: t('tokens.revoked', { name }) })
  }
}

customElements.define('hb-settings-tokens', HbSettingsTokens)

declare global {
  interface HTMLElementTagNameMap {
    'hb-settings-tokens': HbSettingsTokens
  }
}
