import { css, html, LitElement, nothing } from 'lit'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { notificationSettings, updateNotificationSettings } from './notification-settings.ts'
import { notificationSupport, turnOnNotifications } from './notification-support.ts'

/**
 * Offers notifications below the chat list: once there is something to be notified of, and until the user has answered.
 * The browser itself asks only after the press.
 */
export class HbNotificationOffer extends SignalWatcher(LitElement) {
  static override properties = { hub: { attribute: false } }
  declare hub: Hub

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      section {
        margin: var(--space-2);
        padding: var(--space-3);
        border: 1px solid var(--color-border);
        border-radius: var(--radius-card);
        background: var(--color-surface);
      }
      p {
        margin: 0 0 var(--space-3);
        font: var(--type-secondary);
        text-wrap: pretty;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
      }
    `,
  ]

  protected override render(): unknown {
    if (window.hubbub || notificationSettings.value.isOfferAnswered || notificationSupport.value !== 'ask')
      return nothing
    const hasNews = this.hub.chats.list.value.some(
      ({ lastMessage }) => lastMessage && lastMessage.author !== this.hub.session.me.value?.id,
    )
    if (!hasNews) return nothing
    return html`<section aria-label=${t('settings.notifications')}>
      <p>${t('notifications.offer')}</p>
      <div class="actions">
        <button class="button small primary" @click=${() => void turnOnNotifications()}>
          ${t('notifications.turnOn')}
        </button>
        <button
          class="button small quiet"
          @click=${() => updateNotificationSettings({ isOfferAnswered: true })}
        >
          ${t('notifications.notNow')}
        </button>
      </div>
    </section>`
  }
}

customElements.define('hb-notification-offer', HbNotificationOffer)
