import { html, LitElement } from 'lit'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { renderUnreadMark } from './unread-mark.ts'

/** In a browser, which has no notifications yet: what marks unread messages meanwhile. */
export class HbSettingsNotifications extends LitElement {
  static override properties = { hub: { attribute: false } }
  declare hub: Hub

  static override styles = [baseStyles, sectionStyles]

  override render() {
    return html`<section>
      <p>${t('notifications.now')}</p>
      ${renderUnreadMark()}
    </section>`
  }
}

customElements.define('hb-settings-notifications', HbSettingsNotifications)
