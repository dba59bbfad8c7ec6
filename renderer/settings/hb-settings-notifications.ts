import { html, LitElement } from 'lit'
import type { Hub } from '../state/hub.ts'
import { updateAppearance, readAppearance } from '../styles/appearance.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import '../ui/hb-choice.ts'
import { sectionStyles } from '../ui/section-styles.ts'

/** The events that notify the user, and the settings for them. */
export class HbSettingsNotifications extends LitElement {
  static override properties = { hub: { attribute: false } }
  declare hub: Hub

  static override styles = [baseStyles, sectionStyles]

  override render() {
    return html`<section @change=${this.#onChange}>
      <hb-choice
        name="unreadMark"
        .label=${t('notifications.mark')}
        .value=${readAppearance().unreadMark}
        .choices=${[
          { value: 'count', label: t('notifications.count'), hint: t('notifications.countHint') },
          { value: 'dot', label: t('notifications.dot'), hint: t('notifications.dotHint') },
          { value: 'none', label: t('notifications.none'), hint: t('notifications.noneHint') },
        ]}
      ></hb-choice>
      <p class="muted-text">${t('notifications.now')}</p>
      <p class="muted-text">${t('appearance.note')}</p>
    </section>`
  }

  #onChange = (event: Event) => {
    const { value } = event.target as HTMLInputElement
    updateAppearance({ unreadMark: value as 'count' })
  }
}

customElements.define('hb-settings-notifications', HbSettingsNotifications)
