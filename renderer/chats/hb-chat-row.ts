import { css, html, LitElement, nothing } from 'lit'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { openChat } from '../navigation/dialogs.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { filesSummary } from '../files/file-display.ts'
import { t } from '../text/t.ts'
import { exactTime, listTime } from '../text/time.ts'
import { nameMarks, nameMarksStyles } from '../users/name-marks.ts'
import { isNotes } from '../state/chat-names.ts'
import '../ui/hb-icon.ts'
import { listAxisStyles } from './chat-list-styles.ts'
import { nowWatchingDay } from '../signals/current-day.ts'
import { isTouchMenu, LongPress } from '../ui/long-press.ts'
import { unreadBadge, unreadBadgeStyles } from '../ui/unread-badge.ts'
import { chatAvatar } from '../users/avatars.ts'

/** One row of the chat list. Emits `hb-open-row-menu` with the position of the menu. */
export class HbChatRow extends SignalWatcher(LitElement) {
  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true }
  static override properties = {
    hub: { attribute: false },
    chat: { attribute: false },
    selected: { type: Boolean, reflect: true },
    tabbable: { type: Boolean },
    today: { attribute: false },
  }
  declare hub: Hub
  declare chat: ChatSummary
  declare selected: boolean
  /** The one row of the list that Tab reaches; arrow keys reach the others. */
  declare tabbable: boolean
  /** Changes at midnight, so that the times do too. */
  declare today: string

  static override styles = [
    baseStyles,
    nameMarksStyles,
    unreadBadgeStyles,
    listAxisStyles,
    css`
      :host {
        display: block;
        position: relative;
      }
      a {
        --avatar-ring: var(--color-paper);
        --avatar-size: var(--row-avatar);
        min-block-size: var(--row-height);
        padding-block: var(--row-padding);
        border-radius: var(--radius-card);
        color: inherit;
        text-decoration: none;
        -webkit-user-drag: none;
      }
      a:focus-visible {
        outline-offset: -2px;
      }
      a:hover {
        background: var(--color-surface-hover);
      }
      :host([selected]) a {
        background: var(--color-surface-selected);
      }
      .line {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-inline-size: 0;
      }
      .name {
        flex: 1;
        display: flex;
        align-items: center;
        min-inline-size: 0;
        font: var(--type-body);
        line-height: 1.25rem;
      }
      .words {
        min-inline-size: 0;
        overflow: hidden;
        white-space: nowrap;
        text-overflow: ellipsis;
      }
      .unread .name {
        font-weight: 600;
      }
      time {
        flex: none;
        font: var(--type-meta);
        font-variant-numeric: tabular-nums;
        color: var(--color-text-muted);
      }
      .last {
        flex: 1;
        min-inline-size: 0;
        min-block-size: 1.125rem;
        overflow: hidden;
        white-space: nowrap;
        text-overflow: ellipsis;
        text-align: -webkit-match-parent;
        text-align: match-parent;
        font: var(--type-secondary);
        color: var(--color-text-muted);
      }
      .unread .last {
        color: var(--color-text);
      }
      .draft {
        color: var(--color-accent-text);
        font-weight: 500;
      }
      .typing {
        color: var(--color-accent-text);
      }
      .second {
        display: var(--row-second-line);
      }
      .line > .pill {
        display: var(--row-one-line);
      }
      .second > .pill {
        display: block;
      }
      .quiet {
        flex: none;
        display: inline-flex;
        color: var(--color-text-muted);
      }
      .line > .quiet {
        display: var(--row-one-line);
      }
      .second > .quiet {
        display: inline-flex;
      }
      .muted .name {
        color: var(--color-text-muted);
      }
      .muted hb-avatar {
        opacity: 0.6;
      }
      @media (forced-colors: active) {
        a {
          forced-color-adjust: none;
          color: CanvasText;
        }
        :host([selected]) a {
          background: Highlight;
          color: HighlightText;
        }
        .last,
        .unread .last,
        time,
        .typing,
        .draft {
          color: inherit;
        }
      }
      .more {
        position: absolute;
        inset-block-start: 4px;
        inset-inline-end: 8px;
        display: none;
        align-items: center;
        justify-content: center;
        inline-size: 1.75rem;
        block-size: 1.375rem;
        border: 0;
        border-radius: var(--radius-control);
        background: var(--color-surface-floating);
        color: var(--color-text-muted);
        box-shadow: var(--shadow-raised);
        cursor: pointer;
      }
      .more:hover {
        color: var(--color-text);
      }
      @media (hover: hover) {
        :host(:hover) .more,
        .more:focus-visible {
          display: flex;
        }
        :host(:hover) time {
          visibility: hidden;
        }
      }
    `,
  ]

  get link(): HTMLElement | undefined {
    return this.renderRoot.querySelector('a') ?? undefined
  }

  override render() {
    const { hub, chat } = this
    const name = hub.chats.nameOf(chat)
    const peer = chat.peer === undefined || isNotes(chat) ? undefined : hub.users.get(chat.peer)
    const unread = chat.unread > 0 || chat.addedBy !== undefined
    const at = chat.lastMessage?.at
    return html`
      <a
        href="/chat/${chat.id}"
        class="axis ${unread && !chat.muted ? 'unread' : ''} ${chat.muted ? 'muted' : ''}"
        tabindex=${this.tabbable ? 0 : -1}
        aria-current=${this.selected ? 'page' : nothing}
        @click=${this.#open}
        @contextmenu=${this.#onContextMenu}
        @pointerdown=${this.#longPress.onPointerDown}
        @pointermove=${this.#longPress.onPointerMove}
        @pointerup=${this.#longPress.cancel}
        @pointercancel=${this.#longPress.cancel}
        @dragstart=${(event: Event) => event.preventDefault()}
      >
        ${chatAvatar(hub, chat, chat.peer ? hub.presence.of(chat.peer) : undefined)}
        <div>
          <div class="line">
            <span class="name"><span class="words" dir="auto">${name || '…'}</span>${nameMarks(peer)}</span>
            ${this.#renderNotificationIcon()} ${this.#renderUnreadBadge()}
            ${
              at === undefined
                ? nothing
                : html`<time data-tip=${exactTime(at)}>${listTime(at, nowWatchingDay())}</time>`
            }
          </div>
          <div class="line second">
            <span class="last">${this.#renderLastLine()}</span>
            ${this.#renderNotificationIcon()} ${this.#renderUnreadBadge()}
          </div>
        </div>
      </a>
      <button
        class="more"
        type="button"
        tabindex="-1"
        aria-label=${t('chats.menu', { name })}
        data-tip=${t('common.more')}
        @click=${this.#onMore}
      >
        <hb-icon name="more"></hb-icon>
      </button>
    `
  }

  /** The most current line: who is typing, the draft, or the last message. */
  #renderLastLine() {
    const { hub, chat } = this
    const [typing] = hub.typing.usersIn(chat.id)
    if (typing !== undefined) {
      const name = chat.kind === 'group' ? hub.users.nameOf(typing) : ''
      return html`<span class="typing"
        >${name ? t('chats.nameTyping', { name: isolateText(name) }) : t('chats.typing')}</span
      >`
    }
    const draft = hub.drafts.get(chat.id).trim()
    if (draft && !this.selected) {
      return html`<span class="draft">${t('chats.draft')}</span>
        ${isolateText(toOneLine(hub.plainText(draft)))}`
    }
    const reply = hub.drafts.getInThreads(chat.id)
    if (reply && !this.selected) {
      return html`<span class="draft">${t('chats.draftInThread')}</span>
        ${isolateText(toOneLine(hub.plainText(reply)))}`
    }
    const last = chat.lastMessage
    if (chat.addedBy !== undefined && chat.unread === 0)
      return t('chats.addedYou', { name: isolateText(hub.users.nameOf(chat.addedBy)) })
    if (!last) return chat.kind === 'group' ? (chat.topic ?? t('chats.noMessages')) : t('chats.noMessages')
    const words = toOneLine(hub.plainPreview(last.text)) || filesSummary(last.files)
    const text = last.deleted ? t('chats.deletedMessage') : isolateText(words)
    if (isNotes(chat)) return text
    if (last.author === hub.session.me.value?.id) return t('chats.byYou', { text })
    const name = chat.kind === 'group' ? hub.users.nameOf(last.author) : ''
    return name ? t('chats.byName', { name: isolateText(name), text }) : text
  }

  /** Shown if not every message notifies the user. */
  #renderNotificationIcon() {
    const { muted, notify = 'default' } = this.chat
    if (!muted && (notify === 'default' || notify === 'all')) return nothing
    const words = t(
      muted
        ? 'chatPreferences.muted'
        : notify === 'none'
          ? 'chatPreferences.noNotifications'
          : 'chatPreferences.onlyMentions',
    )
    const icon = !muted && notify === 'mentions' ? 'mention' : 'bell-off'
    return html`<span class="quiet" data-tip=${words}
      ><hb-icon name=${icon} .size=${13}></hb-icon><span class="visually-hidden">${words}</span></span
    >`
  }

  #renderUnreadBadge() {
    const { unread, mentions, threadMentions = 0, kind, memberIds, muted, addedBy } = this.chat
    if (unread === 0 && addedBy !== undefined) return unreadBadge(1, t('chats.addedNew'), false)
    const called = mentions + threadMentions > 0 || ((kind === 'direct' || memberIds !== undefined) && !muted)
    const words = [
      unread > 0 ? t('chats.unread', { count: unread }) : '',
      threadMentions > 0 ? t('chats.threadMentions', { count: threadMentions }) : '',
    ].filter(Boolean)
    return unreadBadge(unread, words.join(', '), called)
  }

  #open = (event: MouseEvent) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    openChat(this, this.chat.id)
  }

  #onContextMenu = (event: MouseEvent) => {
    event.preventDefault()
    if (isTouchMenu(event)) return
    const box = this.getBoundingClientRect()
    // The keyboard reaches it by the menu of the row.
    const byPointer = event.clientX > 0 || event.clientY > 0
    this.#requestMenu(byPointer ? event.clientX : box.left + 48, byPointer ? event.clientY : box.bottom - 8)
  }

  #onMore = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    this.#requestMenu(box.left, box.bottom + 4)
  }

  readonly #longPress = new LongPress(({ x, y }) => this.#requestMenu(x, y))

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#longPress.cancel()
  }

  #requestMenu(x: number, y: number) {
    this.dispatchEvent(new CustomEvent('hb-open-row-menu', { detail: { chat: this.chat, x, y, row: this } }))
  }
}

function toOneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}

/**
 * A name in one direction must not turn the text next to it: between these marks the text has its own direction
 * (Unicode's FSI, PDI).
 */
function isolateText(text: string): string {
  return `\u2068${text}\u2069`
}

customElements.define('hb-chat-row', HbChatRow)

declare global {
  interface HTMLElementTagNameMap {
    'hb-chat-row': HbChatRow
  }
}
