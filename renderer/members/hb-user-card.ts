import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { nameMarks, nameMarksStyles, userLine } from '../users/name-marks.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-icon.ts'
import { openDirect } from '../navigation/open-direct.ts'
import { userAvatar } from '../users/avatars.ts'

/** One user: avatar, names, presence, and a button to write to them. Emits `hb-open-chat` (bubbles). */
export class HbUserCard extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    userId: { attribute: false },
    canMessage: { attribute: false },
  }
  declare hub: Hub
  declare userId: string
  /** False in the direct chat with this user. */
  declare canMessage: boolean

  static override styles = [
    baseStyles,
    nameMarksStyles,
    buttonStyles,
    css`
      :host {
        --avatar-size: 5.5rem;
        display: flex;
        flex-direction: column;
        align-items: center;
        padding: var(--space-6) var(--space-4);
        text-align: center;
      }
      hb-avatar {
        margin-block-end: var(--space-4);
      }
      h3 {
        max-inline-size: 100%;
        font: var(--type-heading);
        overflow-wrap: anywhere;
      }
      p {
        max-inline-size: 100%;
        overflow-wrap: anywhere;
      }
      .username,
      .role {
        color: var(--color-text-muted);
        font: var(--type-secondary);
      }
      .presence {
        margin-block-start: var(--space-2);
      }
      .presence.away {
        color: var(--color-text-muted);
      }
      .bio {
        margin-block-start: var(--space-4);
        white-space: pre-line;
        unicode-bidi: plaintext;
      }
      .button {
        margin-block-start: var(--space-6);
        min-inline-size: 160px;
      }
    `,
  ]

  constructor() {
    super()
    this.canMessage = true
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('userId')) return
    // Without a response the card shows less.
    void this.hub.presence.fetch(this.userId).catch(() => undefined)
  }

  protected override render(): unknown {
    const { hub, userId } = this
    const user = hub.users.get(userId)
    const isMe = hub.session.me.value?.id === userId
    const presence = hub.presence.of(userId)
    if (!user) return userAvatar(hub, userId)
    return html`
      ${userAvatar(hub, userId, presence)}
      <h3><bdi>${user.displayName}</bdi>${nameMarks(user)}</h3>
      <p class="username"><bdi>@${user.username}</bdi>${isMe ? html` (${t('members.you')})` : nothing}</p>
      ${
        user.deactivated
          ? html`<p class="presence away">${t('members.deactivated')}</p>`
          : html`<p class="presence ${presence === 'active' ? '' : 'away'}">${userLine(hub, userId)}</p>`
      }
      ${
        user.role === 'member'
          ? nothing
          : html`<p class="role">${t(user.role === 'owner' ? 'members.hubOwner' : 'members.hubAdmin')}</p>`
      }
      ${user.bio ? html`<p class="bio" dir="auto">${user.bio}</p>` : nothing}
      ${
        this.canMessage && !isMe && !user.deactivated
          ? html`<button class="button primary" @click=${() => void openDirect(hub, this, userId)}>
              <hb-icon name="message"></hb-icon>${t('members.message')}
            </button>`
          : nothing
      }
    `
  }
}

customElements.define('hb-user-card', HbUserCard)

declare global {
  interface HTMLElementTagNameMap {
    'hb-user-card': HbUserCard
  }
}
