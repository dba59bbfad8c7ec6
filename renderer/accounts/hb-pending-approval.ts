import { html, LitElement } from 'lit'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-logo.ts'
import { authStyles } from './auth-styles.ts'

/** For a pending account. It stays until the session changes. */
export class HbPendingApproval extends SignalWatcher(LitElement) {
  static override properties = { hub: { attribute: false } }
  declare hub: Hub

  static override styles = [baseStyles, buttonStyles, authStyles]

  override render() {
    const { session, meta } = this.hub
    return html`<main>
      <hb-logo></hb-logo>
      <h1>${t('waiting.title', { hub: meta.value?.name ?? t('auth.hub') })}</h1>
      <p class="lead" role="status">${t('waiting.text', { name: session.me.value?.displayName ?? '' })}</p>
      <div class="actions">
        <button class="button wide" type="button" @click=${() => void session.logout()}>
          ${t('waiting.leave')}
        </button>
      </div>
    </main>`
  }
}

customElements.define('hb-pending-approval', HbPendingApproval)
