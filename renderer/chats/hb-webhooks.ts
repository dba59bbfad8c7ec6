import { html, LitElement, nothing } from 'lit'
import type { Webhook } from '../../shared/contract/webhooks.ts'
import { limits } from '../../shared/contract/values.ts'
import { checkLine, normalizeLine } from '../../shared/text/names.ts'
import { type FieldProblems, focusFirstProblem, renderProblem, formValues } from '../ui/form.ts'
import { KeepRowFocus } from '../ui/keep-row-focus.ts'
import { LoadWhenLive } from '../ui/load-when-live.ts'
import { listStyles } from '../ui/list-styles.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { joinFacts } from '../text/direction.ts'
import { t } from '../text/t.ts'
import { relativeTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import { errorMessage, errorField } from '../ui/error-message.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-secret.ts'
import { notify } from '../ui/hb-toasts.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { UnseenSecrets } from '../ui/unseen-secrets.ts'

/** The webhooks of a group the user manages. Emits `hb-close`. */
export class HbWebhooks extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    chatId: { attribute: false },
    webhooks: { state: true },
    url: { state: true },
    busy: { state: true },
    problem: { state: true },
    problems: { state: true },
  }
  declare hub: Hub
  declare chatId: string
  /** Undefined until they are loaded. */
  declare webhooks: readonly Webhook[] | undefined
  /** The address of the new webhook. */
  declare url: string
  declare busy: boolean
  declare problem: string
  declare problems: FieldProblems

  protected readonly keepFocus = new KeepRowFocus(this, { rows: '.things li' })
  readonly #loading = new LoadWhenLive(this, () => this.#load())
  readonly #unseen = new UnseenSecrets()

  static override styles = [baseStyles, buttonStyles, dialogStyles, listStyles]

  constructor() {
    super()
    this.webhooks = undefined
    this.url = ''
    this.busy = false
    this.problem = ''
    this.problems = {}
  }

  override render() {
    const name = this.hub.chats.get(this.chatId)?.name ?? ''
    return html`<hb-dialog
      wide
      .heading=${t('webhooks.title', { name })}
      .busy=${this.busy}
      @hb-close=${() => this.dispatchEvent(new CustomEvent('hb-close'))}
    >
      <div class="stack">
        <p class="muted-text">${t('webhooks.lead')}</p>
        ${
          this.url
            ? html`<hb-secret
                data-testid="new-webhook"
                .label=${t('webhooks.url')}
                .note=${t('webhooks.once')}
                .action=${t('webhooks.copy')}
                .value=${this.url}
              ></hb-secret>`
            : nothing
        }
        <form novalidate @submit=${this.#submit}>
          <hb-field
            name="name"
            autofocus
            .label=${t('webhooks.name')}
            .placeholder=${t('webhooks.nameExample')}
            .error=${this.problems.name ?? ''}
          ></hb-field>
          <div>
            <button type="submit" class="button primary" aria-disabled=${this.busy}>
              ${this.busy ? t('webhooks.making') : t('webhooks.make')}
            </button>
          </div>
        </form>
        ${renderProblem(this.problem)} ${this.#renderList()}
      </div>
    </hb-dialog>`
  }

  #renderList() {
    if (!this.webhooks) return html`<p class="muted-text">${this.problem ? nothing : t('common.loading')}</p>`
    if (this.webhooks.length === 0)
      return html`<hb-empty-state small drawing="bot" .text=${t('webhooks.none')}></hb-empty-state>`
    return html`<ul class="things">
      ${keyedList(
        this.webhooks,
        ({ id }) => id,
        (webhook) =>
          html`<li>
            <hb-icon name="link"></hb-icon>
            <div class="words"><bdi>${webhook.name}</bdi><span>${this.#detailText(webhook)}</span></div>
            <button
              class="button small"
              aria-label=${t('webhooks.revokeOne', { name: webhook.name })}
              @click=${() => void this.#revoke(webhook)}
            >
              ${t('webhooks.revoke')}
            </button>
          </li>`,
      )}
    </ul>`
  }

  #detailText({ createdBy, usedAt }: Webhook): string {
    const used =
      usedAt === undefined
        ? t('tokens.unused')
        : t('tokens.used', { ago: relativeTime(usedAt, this.hub.now()) })
    return joinFacts([t('webhooks.byName', { name: this.hub.users.nameOf(createdBy) }), used])
  }

  async #load() {
    this.webhooks = await this.#fetchWebhooks()
  }

  async #fetchWebhooks() {
    return (await this.hub.request('webhooks.list', { chatId: this.chatId })).webhooks
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.target as HTMLFormElement
    if (!this.busy) void this.#create(form, formValues(form))
  }

  async #create(form: HTMLFormElement, values: Record<string, string>) {
    this.problem = ''
    const name = normalizeLine(values.name ?? '')
    const wrong =
      name === '' ? t('webhooks.needName') : checkLine(name, t('webhooks.name'), limits.displayName)?.message
    this.problems = wrong === undefined ? {} : { name: wrong }
    if (wrong !== undefined) {
      await this.#showProblems()
      return
    }
    this.busy = true
    try {
      const { chatId } = this
      const { url } = await this.#unseen.create(name, {
        list: () => this.#fetchWebhooks(),
        create: () => this.hub.request('webhooks.create', { chatId, name }),
        revoke: (webhookId) => this.hub.request('webhooks.revoke', { chatId, webhookId }),
      })
      this.url = url
      await this.#loading.now()
      const field = form.querySelector('hb-field')
      if (field) field.value = ''
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

  async #revoke({ id, name }: Webhook) {
    const done = await confirm({
      heading: t('webhooks.revokeTitle', { name }),
      text: t('webhooks.revokeText'),
      action: t('webhooks.revokeOne', { name }),
      danger: true,
      run: () => this.hub.request('webhooks.revoke', { chatId: this.chatId, webhookId: id }),
    })
    if (!done) return
    this.webhooks = this.webhooks?.filter((webhook) => webhook.id !== id)
    this.url = ''
    notify(this, { text: t('webhooks.revoked', { name }) })
  }
}

customElements.define('hb-webhooks', HbWebhooks)

declare global {
  interface HTMLElementTagNameMap {
    'hb-webhooks': HbWebhooks
  }
}
