import { html, LitElement, nothing, type PropertyValues } from 'lit'
import type { User } from '../../shared/contract/users.ts'
import { openChat } from '../navigation/dialogs.ts'
import { openDirect } from '../navigation/open-direct.ts'
import { openSearch } from '../navigation/open-search.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { dayMonthYear, localTimeIn } from '../text/time.ts'
import { chatAvatar, userAvatar } from '../users/avatars.ts'
import { nameMarks, nameMarksStyles, userLine } from '../users/name-marks.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-icon.ts'
import { userCardStyles } from './user-card-styles.ts'

/** The clock of the user is right to the minute, or nearly so. */
const clockIntervalMs = 10_000

/** One user: who it is, how to reach them, what they wrote, and the groups that both are in. Emits `hb-open-chat` (bubbles). */
export class HbUserCard extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    userId: { attribute: false },
    canMessage: { attribute: false },
    sharedGroups: { state: true },
    zone: { state: true },
    now: { state: true },
  }
  declare hub: Hub
  declare userId: string
  /** False in the direct chat with this user. */
  declare canMessage: boolean
  /** The ids of the groups that both are in. */
  declare sharedGroups: readonly string[]
  /** The time zone of the user, if it is known. */
  declare zone: string | undefined
  declare now: number

  #clockTimer: ReturnType<typeof setInterval> | undefined

  static override styles = [baseStyles, nameMarksStyles, buttonStyles, userCardStyles]

  constructor() {
    super()
    this.canMessage = true
    this.sharedGroups = []
    this.zone = undefined
    this.now = Date.now()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#clockTimer = setInterval(() => (this.now = Date.now()), clockIntervalMs)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#clockTimer)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('userId')) return
    this.sharedGroups = []
    this.zone = undefined
    // Without a response the card shows less.
    void this.#load(this.userId).catch(() => undefined)
  }

  async #load(userId: string): Promise<void> {
    const { groups, zone } = await this.hub.presence.fetch(userId)
    if (userId !== this.userId) return
    this.sharedGroups = groups
    this.zone = zone
  }

  protected override render(): unknown {
    const { hub, userId } = this
    const user = hub.users.get(userId)
    if (!user) return html`<div class="who">${userAvatar(hub, userId)}</div>`
    return html`${this.#renderWho(user)} ${this.#renderActions(user)} ${this.#renderAbout(user)}
    ${this.#renderGroups()}`
  }

  #renderWho(user: User): unknown {
    const { hub, userId } = this
    const presence = hub.presence.of(userId)
    return html`<div class="who">
      <span aria-hidden="true">${userAvatar(hub, userId, user.deactivated ? undefined : presence)}</span>
      <div>
        <h3><bdi>${user.displayName}</bdi>${nameMarks(user)}</h3>
        <p class="username">
          <bdi>@${user.username}</bdi>${this.#isMe ? html` (${t('members.you')})` : nothing}
        </p>
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
      </div>
    </div>`
  }

  #renderActions(user: User): unknown {
    const { hub, userId } = this
    const mayWrite = this.canMessage && !this.#isMe && !user.deactivated
    return html`<div class="actions">
      ${
        mayWrite
          ? html`<button class="button primary" @click=${() => void openDirect(hub, this, userId)}>
              <hb-icon name="message"></hb-icon>${t('members.message')}
            </button>`
          : nothing
      }
      <button
        class="button"
        aria-label=${t('members.findMessagesOf', { name: user.displayName })}
        @click=${this.#findMessages}
      >
        <hb-icon name="search"></hb-icon>${t('members.findMessages')}
      </button>
    </div>`
  }

  #renderAbout(user: User): unknown {
    return html`<section>
      <h4>${t('members.about')}</h4>
      ${user.bio ? html`<p class="bio" dir="auto">${user.bio}</p>` : nothing} ${this.#renderLocalTime()}
      <p class="username">${t('members.since', { date: dayMonthYear(user.createdAt) })}</p>
    </section>`
  }

  /** Only if the clock there is another than here. */
  #renderLocalTime(): unknown {
    const time = this.zone === undefined || this.#isMe ? undefined : localTimeIn(this.zone, this.now)
    if (time === undefined) return nothing
    return html`<p class="time"><hb-icon name="clock"></hb-icon>${t('members.localTime', { time })}</p>`
  }

  #renderGroups(): unknown {
    const { hub } = this
    const groups = this.sharedGroups.flatMap((id) => hub.chats.get(id) ?? [])
    if (groups.length === 0) return nothing
    return html`<section>
      <h4 id="groups">${t('members.sharedGroups')}</h4>
      <ul aria-labelledby="groups">
        ${groups.map(
          (group) =>
            html`<li>
              <button class="group" @click=${() => openChat(this, group.id)}>
                ${chatAvatar(hub, group)}<bdi>${hub.chats.nameOf(group)}</bdi>
              </button>
            </li>`,
        )}
      </ul>
    </section>`
  }

  get #isMe(): boolean {
    return this.hub.session.me.value?.id === this.userId
  }

  #findMessages = (): void => {
    this.hub.search.run({ text: '', chips: [{ kind: 'from', userId: this.userId }] })
    openSearch(this)
  }
}

customElements.define('hb-user-card', HbUserCard)

declare global {
  interface HTMLElementTagNameMap {
    'hb-user-card': HbUserCard
  }
}
