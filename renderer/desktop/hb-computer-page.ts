import { html, LitElement } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import './hb-computer-notifications.ts'
import './hb-settings-computer.ts'
import { hostingStyles } from './hosting-styles.ts'
import { pageHeader } from './page-parts.ts'

/** The settings of the app, for a user who is logged in nowhere. Emits `hb-back`. */
export class HbComputerPage extends LitElement {
  static override styles = [baseStyles, buttonStyles, hostingStyles]

  override render() {
    return html`<main>
      ${pageHeader(this, t('settings.computer'))}
      <div class="card">
        <h2>${t('settings.notifications')}</h2>
        <hb-computer-notifications></hb-computer-notifications>
      </div>
      <div class="card"><hb-settings-computer></hb-settings-computer></div>
    </main>`
  }
}

customElements.define('hb-computer-page', HbComputerPage)
