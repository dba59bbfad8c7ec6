import { html, LitElement } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-icon.ts'
import './hb-settings-computer.ts'
import { hostingStyles } from './hosting-styles.ts'

/** The settings of the app, for who is logged in nowhere. Emits `hb-back`. */
export class HbComputerPage extends LitElement {
  static override styles = [baseStyles, buttonStyles, hostingStyles]

  override render() {
    return html`<main>
      <header class="top">
        <button
          class="icon-button"
          aria-label=${t('common.back')}
          title=${t('common.back')}
          @click=${() => this.dispatchEvent(new CustomEvent('hb-back'))}
        >
          <hb-icon name="arrow-left"></hb-icon>
        </button>
        <h1>${t('settings.computer')}</h1>
      </header>
      <div class="card"><hb-settings-computer></hb-settings-computer></div>
    </main>`
  }
}

customElements.define('hb-computer-page', HbComputerPage)
