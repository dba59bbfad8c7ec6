import { html, LitElement, nothing } from 'lit'
import { doNotDisturbUntil } from '../../shared/do-not-disturb.ts'
import '../activity/hb-keywords.ts'
import { notificationSettings, updateNotificationSettings } from '../notifications/notification-settings.ts'
import { notificationSupport, turnOnNotifications } from '../notifications/notification-support.ts'
import { SignalWatcher } from '../signals/signal.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { clockTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-check.ts'
import '../ui/hb-choice.ts'
import { KeepRowFocus } from '../ui/keep-row-focus.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { renderUnreadMark } from './unread-mark.ts'

/** Notifications in a browser. Where it allows none, it says why and what helps. */
export class HbSettingsNotifications extends SignalWatcher(LitElement) {
  static override properties = { hub: { attribute: false } }
  declare hub: Hub

  /** What is pressed gives way to what is possible next. */
  protected readonly keepFocus = new KeepRowFocus(this, { rows: 'section' })

  static override styles = [baseStyles, buttonStyles, sectionStyles]

  override render() {
    const isOn = notificationSettings.value.isOn && notificationSupport.value === 'granted'
    return html`<section @change=${this.#onChange}>
        ${isOn ? this.#renderChoices() : this.#renderOff()}
      </section>
      <section><hb-keywords .hub=${this.hub}></hb-keywords></section>
      <section>${renderUnreadMark()}</section>`
  }

  #renderOff() {
    const support = notificationSupport.value
    if (support !== 'ask' && support !== 'granted') {
      return html`<p role="note">${t(`notifications.${support}`)}</p>
        ${
          support === 'insecure' && location.protocol === 'http:'
            ? html`<p><a href=${`https://${location.host}/`}>${t('insecure.better')}</a></p>`
            : nothing
        }`
    }
    return html`<p>${t('notifications.offer')}</p>
      <div class="actions">
        <button class="button primary" type="button" @click=${() => void turnOnNotifications()}>
          ${t('notifications.turnOn')}
        </button>
      </div>`
  }

  #renderChoices() {
    const { notifications, sounds, showsText } = notificationSettings.value
    return html`<hb-choice
        name="notifications"
        .label=${t('computer.notifyOf')}
        .value=${notifications}
        .choices=${(['mentions', 'all', 'none'] as const).map((value) => ({
          value,
          label: t(`computer.notify.${value}`),
          hint: t(`computer.notifyHint.${value}`),
        }))}
      ></hb-choice>
      <hb-check
        name="showsText"
        .label=${t('computer.showsText')}
        .hint=${t('computer.showsTextHint')}
        .checked=${showsText}
      ></hb-check>
      <hb-check
        name="sounds"
        .label=${t('computer.sounds')}
        .hint=${t('computer.soundsHint')}
        .checked=${sounds}
      ></hb-check>
      ${this.#renderDoNotDisturb()}
      <p class="muted-text">${t('notifications.whileOpen')}</p>
      <div class="actions">
        <button class="button" type="button" @click=${() => updateNotificationSettings({ isOn: false })}>
          ${t('notifications.turnOff')}
        </button>
      </div>`
  }

  #renderDoNotDisturb() {
    const { quietUntil } = notificationSettings.value
    if (quietUntil > Date.now()) {
      return html`<p class="actions">
        <span>${t('computer.quietUntil', { time: clockTime(quietUntil) })}</span>
        <button
          class="button small"
          type="button"
          @click=${() => updateNotificationSettings({ quietUntil: 0 })}
        >
          ${t('computer.quietEnd')}
        </button>
      </p>`
    }
    return html`<div class="actions" role="group" aria-label=${t('computer.quiet')}>
      <span>${t('computer.quiet')}</span>
      ${(['hour', 'morning'] as const).map(
        (choice) =>
          html`<button
            class="button small"
            type="button"
            @click=${() => updateNotificationSettings({ quietUntil: doNotDisturbUntil(choice, Date.now()) })}
          >
            ${t(`computer.quiet.${choice}`)}
          </button>`,
      )}
    </div>`
  }

  #onChange = (event: Event) => {
    const { name, value, checked } = event.target as HTMLInputElement
    if (name === 'notifications') updateNotificationSettings({ notifications: value as 'all' })
    else if (name === 'sounds' || name === 'showsText') updateNotificationSettings({ [name]: checked })
  }
}

customElements.define('hb-settings-notifications', HbSettingsNotifications)
