import { html, LitElement, nothing } from 'lit'
import { dialogStyles } from '../ui/dialog-styles.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { exactTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-dialog.ts'
import { renderProblem } from '../ui/form.ts'

/** Tells the user once that their account was recovered, how and from where, in case it was not them. */
export class HbRecoveryNotice extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    busy: { state: true },
    problem: { state: true },
  }
  declare hub: Hub
  declare busy: boolean
  declare problem: string

  static override styles = [baseStyles, buttonStyles, dialogStyles]

  constructor() {
    super()
    this.busy = false
    this.problem = ''
  }

  override render() {
    const recovered = this.hub.session.recoveryNotice.value
    if (!recovered) return nothing
    const { way, at, address } = recovered
    return html`<hb-dialog
      .heading=${t('recoveryNotice.title')}
      .busy=${this.busy}
      @hb-close=${this.#onDismiss}
    >
      <div class="stack">
        <p>${t(`recoveryNotice.${way}`, { when: exactTime(at), address })}</p>
        <p class="muted-text">${t('recoveryNotice.advice')}</p>
        ${renderProblem(this.problem)}
      </div>
      <button
        slot="actions"
        class="button primary"
        autofocus
        ?disabled=${this.busy}
        @click=${this.#onDismiss}
      >
        ${t('recoveryNotice.seen')}
      </button>
    </hb-dialog>`
  }

  #onDismiss = () => {
    if (!this.busy) void this.#dismiss()
  }

  async #dismiss() {
    this.busy = true
    this.problem = ''
    try {
      await this.hub.session.dismissRecoveryNotice()
    } catch (error) {
      this.problem = errorMessage(error)
    } finally {
      this.busy = false
    }
  }
}

customElements.define('hb-recovery-notice', HbRecoveryNotice)
