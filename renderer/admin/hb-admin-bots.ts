import { css, html, nothing } from 'lit'
import type { User } from '../../shared/contract/users.ts'
import { limits } from '../../shared/contract/values.ts'
import { checkLine, checkUsername, normalizeLine } from '../../shared/text/names.ts'
import {
  withoutEmpty,
  type FieldProblems,
  focusFirstProblem,
  renderProblem,
  formValues,
  closeFormByEscape,
} from '../ui/form.ts'
import { withReauthentication } from '../accounts/reauthenticate.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { relativeTime, exactTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import { errorCode, errorMessage, errorField } from '../ui/error-message.ts'
import '../ui/hb-avatar.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-secret.ts'
import { notify } from '../ui/hb-toasts.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { AdminSection } from './admin-section.ts'
import { adminStyles } from './admin-styles.ts'

/** Accounts for programs: the list, creating one with its token, deleting one. */
export class HbAdminBots extends AdminSection {
  static override properties = {
    ...AdminSection.properties,
    bots: { state: true },
    createdBot: { state: true },
    isCreating: { state: true },
    busy: { state: true },
    problems: { state: true },
    formProblem: { state: true },
  }
  declare bots: readonly User[] | undefined
  /** The new bot with its token; the page shows it once. */
  declare createdBot: { name: string; token: string } | undefined
  declare isCreating: boolean
  declare busy: boolean
  declare problems: FieldProblems
  /** Why it was not created, if no field is wrong. */
  declare formProblem: string

  /** The hub may have created this bot: the request had no response. */
  #unansweredUsername: string | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    sectionStyles,
    adminStyles,
    css`
      form,
      hb-secret {
        max-inline-size: 560px;
      }
    `,
  ]

  constructor() {
    super()
    this.createdBot = undefined
    this.isCreating = false
    this.busy = false
    this.problems = {}
    this.formProblem = ''
  }

  protected async fetchContent() {
    const { bots } = await this.hub.request('admin.bots.list')
    return () => {
      this.bots = bots
    }
  }

  override render() {
    return html`<section>
        <div class="intro">
          <p class="muted-text">${t('admin.bots.lead')}</p>
          ${this.isCreating ? nothing : this.#renderNewButton()}
        </div>
        ${
          this.createdBot
            ? html`<hb-secret
                data-testid="new-bot"
                .label=${t('admin.bots.secret')}
                .note=${t('admin.bots.once', { name: this.createdBot.name })}
                .action=${t('tokens.copy')}
                .value=${this.createdBot.token}
              ></hb-secret>`
            : nothing
        }
        ${this.isCreating ? this.#renderForm() : nothing} ${renderProblem(this.problem)}
      </section>
      <section aria-label=${t('admin.bots.mine')}>${this.#renderList()}</section>`
  }

  #renderNewButton() {
    return html`<button class="button primary" @click=${() => void this.#openForm()}>
      <hb-icon name="plus"></hb-icon>${t('admin.bots.new')}
    </button>`
  }

  #renderForm() {
    return html`<form novalidate @submit=${this.#submit} @keydown=${this.#onFormKey}>
      <hb-field
        name="username"
        type="code"
        .label=${t('admin.bots.username')}
        .hint=${t('admin.bots.usernameHint')}
        .placeholder=${t('admin.bots.usernameExample')}
        .error=${this.problems.username ?? ''}
      ></hb-field>
      <hb-field
        name="displayName"
        optional
        .label=${t('admin.bots.displayName')}
        .error=${this.problems.displayName ?? ''}
      ></hb-field>
      ${renderProblem(this.formProblem)}
      <div class="actions">
        <button type="submit" class="button primary" aria-disabled=${this.busy}>
          ${this.busy ? t('admin.bots.making') : t('admin.bots.make')}
        </button>
        <button type="button" class="button" @click=${() => void this.#closeForm()}>
          ${t('common.cancel')}
        </button>
      </div>
    </form>`
  }

  #renderList() {
    const { bots } = this
    if (!bots) return html`<p class="muted-text">${this.problem ? nothing : t('common.loading')}</p>`
    if (bots.length === 0) {
      if (this.isCreating) return nothing
      return html`<hb-empty-state role="status" drawing="bot" .text=${t('admin.bots.none')}></hb-empty-state>`
    }
    return html`<ul class="rows">
      ${keyedList(
        bots,
        ({ id }) => id,
        ({ id, joined, username, displayName, createdAt }) =>
          html`<li>
            <div class="who main">
              <hb-avatar
                .userId=${id}
                .joined=${joined}
                .name=${displayName}
                .picture=${this.hub.avatarAddress(id)}
                kind="user"
              ></hb-avatar>
              <span>
                <span class="name" dir="auto">${displayName}</span>
                <span class="below" data-tip=${exactTime(createdAt)}>
                  ${t('admin.bots.made', { username, ago: relativeTime(createdAt, this.hub.now()) })}
                </span>
              </span>
            </div>
            <button
              class="button small"
              aria-label=${t('admin.bots.revokeOne', { name: displayName })}
              @click=${() => void this.#revoke(id, displayName)}
            >
              ${t('admin.bots.revoke')}
            </button>
          </li>`,
      )}
    </ul>`
  }

  async #openForm() {
    this.isCreating = true
    this.createdBot = undefined
    this.formProblem = ''
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
    ;(secret ?? this.renderRoot.querySelector<HTMLElement>('.intro .button'))?.focus()
  }

  #onFormKey = (event: KeyboardEvent) => closeFormByEscape(event, () => void this.#closeForm())

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (!this.busy) void this.#createBot(formValues(event.target as HTMLFormElement))
  }

  async #createBot(values: Record<string, string>) {
    const username = (values.username ?? '').trim()
    const displayName = normalizeLine(values.displayName ?? '')
    this.formProblem = ''
    this.problems = withoutEmpty({
      username: username ? checkUsername(username)?.message : t('admin.bots.needName'),
      displayName: displayName
        ? checkLine(displayName, t('admin.bots.displayName'), limits.displayName)?.message
        : undefined,
    })
    if (Object.keys(this.problems).length === 0) {
      this.busy = true
      try {
        const input = { username, ...(displayName ? { displayName } : {}) }
        const { user, token } = await withReauthentication(this.hub, () =>
          this.hub.request('admin.bots.create', input),
        )
        this.createdBot = { name: user.displayName, token }
        await this.#closeForm()
        this.#unansweredUsername = undefined
        await this.load()
        return
      } catch (error) {
        const isRepeat = this.#unansweredUsername === username
        if (errorCode(error) === 'offline') this.#unansweredUsername = username
        const field = errorField(error) ?? ''
        if (isRepeat && field === 'username') this.problems = { username: t('admin.bots.unseen') }
        else if (field in values) this.problems = { [field]: errorMessage(error) }
        else this.formProblem = errorMessage(error)
      } finally {
        this.busy = false
      }
    }
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  async #revoke(userId: string, name: string) {
    const done = await confirm({
      heading: t('admin.bots.revokeTitle', { name }),
      text: t('admin.bots.revokeText'),
      action: t('admin.bots.revokeOne', { name }),
      danger: true,
      run: () => this.hub.request('admin.bots.revoke', { userId }),
    })
    if (!done) return
    this.createdBot = undefined
    notify(this, { text: t('admin.bots.revoked', { name }) })
    await this.load()
  }
}

customElements.define('hb-admin-bots', HbAdminBots)
