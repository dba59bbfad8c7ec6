import { html, LitElement } from 'lit'
import { limits, type Registration } from '../../shared/contract/values.ts'
import { checkLine, tidyLine } from '../../shared/text/names.ts'
import { compact, type Problems } from '../accounts/account-checks.ts'
import { focusFirstProblem, problemLine, valuesOf } from '../accounts/entry-parts.ts'
import { dialogStyles } from '../chats/dialog-styles.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../state/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { explain, fieldOf } from '../ui/explain.ts'
import '../ui/hb-choice.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-field.ts'
import { notify } from '../ui/hb-toasts.ts'

/** The hub's name, and who may join: the latter is the owner's alone. */
export class HbHubSettings extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    busy: { state: true },
    problem: { state: true },
    problems: { state: true },
  }
  declare hub: Hub
  declare busy: boolean
  declare problem: string
  declare problems: Problems

  static override styles = [baseStyles, buttonStyles, dialogStyles]

  #draft: { hubName: string; registration: Registration } | undefined

  constructor() {
    super()
    this.busy = false
    this.problem = ''
    this.problems = {}
  }

  protected override willUpdate(): void {
    const meta = this.hub.meta.value
    if (meta) this.#draft ??= { hubName: meta.name, registration: meta.registration }
  }

  override render() {
    const isOwner = this.hub.session.me.value?.role === 'owner'
    const draft = this.#draft
    return html`<hb-dialog .heading=${t('admin.settingsTitle')} .busy=${this.busy} @hb-close=${this.#close}>
      <form novalidate @submit=${this.#submit}>
        <hb-field
          name="hubName"
          autofocus
          .label=${t('admin.hubName')}
          .value=${draft?.hubName ?? ''}
          .error=${this.problems.hubName ?? ''}
        ></hb-field>
        ${
          isOwner
            ? html`<hb-choice
                name="registration"
                .label=${t('admin.registration')}
                .value=${draft?.registration ?? 'invite'}
                .choices=${[
                  { value: 'invite', label: t('setup.invite'), hint: t('setup.inviteHint') },
                  { value: 'open', label: t('setup.open'), hint: t('setup.openHint') },
                ]}
              ></hb-choice>`
            : html`<p class="quiet-words">${t('admin.onlyOwner')}</p>`
        }
        ${problemLine(this.problem)}
        <button type="submit" hidden></button>
      </form>
      <button slot="actions" class="button" @click=${this.#close}>${t('common.cancel')}</button>
      <button
        slot="actions"
        class="button primary"
        ?disabled=${this.busy}
        @click=${() => this.renderRoot.querySelector('form')?.requestSubmit()}
      >
        ${this.busy ? t('group.saving') : t('group.save')}
      </button>
    </hb-dialog>`
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (this.busy) return
    const values = valuesOf(event.target as HTMLFormElement)
    const hubName = tidyLine(values.hubName ?? '')
    const registration = values.registration as Registration | undefined
    this.#draft = { hubName, registration: registration ?? this.#draft?.registration ?? 'invite' }
    this.problem = ''
    this.problems = compact({
      hubName: hubName
        ? checkLine(hubName, t('admin.hubName'), limits.hubName)?.message
        : t('setup.needHubName'),
    })
    if (this.problems.hubName) void this.#showProblems()
    else void this.#save(hubName, registration)
  }

  async #save(hubName: string, registration: Registration | undefined) {
    this.busy = true
    try {
      await this.hub.request('admin.settings.update', {
        hubName,
        ...(registration ? { registration } : {}),
      })
      this.busy = false
      notify(this, { text: t('admin.saved') })
      this.#close()
    } catch (error) {
      this.busy = false
      if (fieldOf(error) === 'hubName') this.problems = { hubName: explain(error) }
      else this.problem = explain(error)
      void this.#showProblems()
    }
  }

  async #showProblems() {
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  #close = () => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-hub-settings', HbHubSettings)
