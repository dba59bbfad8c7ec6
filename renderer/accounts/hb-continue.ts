import { html, LitElement } from 'lit'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import { renderProblem } from '../ui/form.ts'
import '../ui/hb-logo.ts'
import { authStyles } from './auth-styles.ts'

/** Asks a user who comes from a former address of the hub. */
export class HbContinue extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    busy: { state: true },
    problem: { state: true },
  }
  declare hub: Hub
  declare busy: boolean
  declare problem: string

  static override styles = [baseStyles, buttonStyles, authStyles]

  constructor() {
    super()
    this.busy = false
    this.problem = ''
  }

  override render() {
    const { meta, arrival } = this.hub
    const user = arrival.value?.user.value
    const names = { name: user?.displayName ?? '', username: user?.username ?? '' }
    return html`<main>
      <hb-logo></hb-logo>
      <h1>${t('continue.title', { hub: meta.value?.name ?? t('auth.hub') })}</h1>
      <p class="lead">${t('continue.text', names)}</p>
      ${renderProblem(this.problem)}
      <div class="actions">
        <button
          class="button primary wide"
          type="button"
          aria-disabled=${this.busy}
          @click=${() => void this.#continue()}
        >
          ${t('continue.action', names)}
        </button>
        <div class="aside">
          <button class="link" type="button" @click=${() => arrival.value?.decline()}>
            ${t('continue.other')}
          </button>
        </div>
      </div>
    </main>`
  }

  async #continue() {
    if (this.busy) return
    this.busy = true
    this.problem = ''
    try {
      await this.hub.arrival.value?.confirm()
    } catch (error) {
      this.problem = errorMessage(error)
    }
    this.busy = false
  }
}

customElements.define('hb-continue', HbContinue)
