import { css, html, LitElement, nothing } from 'lit'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { numberText, t } from '../text/t.ts'
import { nameMarks, nameMarksStyles, userLine } from '../users/name-marks.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-icon.ts'
import { altShiftKeys, commandKeys } from '../ui/key-names.ts'
import { openSearch } from '../navigation/open-search.ts'
import { isNotes } from '../state/chat-names.ts'
import { closeSidePanel, openSidePanel, peoplePanelOf, type SidePanel } from '../navigation/side-panel.ts'
import { chatAvatar } from '../users/avatars.ts'

/** "About 20 minutes ago" has to grow older by itself. */
const refreshIntervalMs = 60_000

/**
 * The header of a conversation. Events: `hb-back` (bubbles), `hb-open-panel` (`detail`: what to open), `hb-close-
 * panel`. Slot `menu`.
 */
export class HbConversationHeader extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    chat: { attribute: false },
    panel: { attribute: false },
  }
  declare hub: Hub
  declare chat: ChatSummary
  /** The open side panel. */
  declare panel: SidePanel | undefined

  #refreshTimer = 0
  #requestedPeer: string | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    nameMarksStyles,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: var(--space-1);
        min-block-size: var(--bar-height);
        padding-inline: var(--space-4) var(--space-3);
        border-block-end: 1px solid var(--color-border);
      }
      .back {
        display: none;
      }
      .tools {
        flex: none;
        display: flex;
        align-items: center;
        gap: var(--space-1);
        margin-inline-start: auto;
      }
      h2 {
        flex: 1;
        min-inline-size: 0;
        font: inherit;
      }
      .who {
        --avatar-size: 2.25rem;
        all: unset;
        box-sizing: border-box;
        inline-size: 100%;
        display: flex;
        align-items: center;
        gap: var(--space-3);
        padding: 6px var(--space-2);
        border-radius: var(--radius-control);
        cursor: pointer;
      }
      .who:focus-visible {
        outline: 2px solid var(--color-focus);
        outline-offset: -2px;
      }
      .face {
        display: inline-flex;
      }
      .words {
        flex: 1;
        min-inline-size: 0;
      }
      .title bdi,
      .about {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .title {
        display: flex;
        align-items: center;
        font: var(--type-title);
        line-height: 1.375rem;
      }
      .about {
        color: var(--color-text-muted);
        font: var(--type-secondary);
      }
      .here {
        color: var(--color-text);
      }
      .count {
        inline-size: auto;
        gap: 6px;
        padding-inline: 10px;
        font: var(--type-label);
        font-variant-numeric: tabular-nums;
      }
      @media print {
        .icon-button,
        slot {
          display: none !important;
        }
      }
      @media (width < 45em) {
        :host {
          padding-inline: var(--space-1);
        }
        .back {
          display: inline-flex;
        }
        .count {
          inline-size: 2rem;
          padding-inline: 0;
        }
        .count span {
          display: none;
        }
        .who {
          padding-inline: var(--space-1);
        }
        /* With large letters the buttons have a line of their own, so that the name stays readable. */
        :host {
          flex-wrap: wrap;
        }
        h2 {
          flex-basis: 8rem;
        }
      }
    `,
  ]

  constructor() {
    super()
    this.panel = undefined
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#refreshTimer = window.setInterval(() => this.requestUpdate(), refreshIntervalMs)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#refreshTimer)
  }

  protected override willUpdate(): void {
    const { peer } = this.chat
    if (peer === undefined || peer === this.#requestedPeer || isNotes(this.chat)) return
    this.#requestedPeer = peer
    // The last-seen time is only sent on request. Without a response the header shows less text.
    void this.hub.presence.fetch(peer).catch(() => undefined)
  }

  protected override render(): unknown {
    const { chat, hub } = this
    const name = hub.chats.nameOf(chat)
    const notes = isNotes(chat)
    const peer = chat.peer === undefined || notes ? undefined : hub.users.get(chat.peer)
    const direct = chat.kind === 'direct'
    const presence = chat.peer === undefined ? undefined : hub.presence.of(chat.peer)
    const people = peoplePanelOf(chat)
    const open = this.panel?.kind === 'members' || this.panel?.kind === 'user'
    const panelWords = direct
      ? t('conversation.user', { name })
      : t(open ? 'conversation.hideMembers' : 'conversation.showMembers')
    return html`
      <button class="icon-button back" aria-label=${t('common.back')} @click=${this.#back}>
        <hb-icon name="arrow-left" .size=${20}></hb-icon>
      </button>
      <h2>
        <button
          class="who"
          data-tip=${panelWords}
          data-tip-key=${altShiftKeys('M')}
          aria-expanded=${open}
          @click=${() => (open ? closeSidePanel(this) : openSidePanel(this, people))}
        >
          <span class="face" aria-hidden="true">${chatAvatar(this.hub, chat, presence)}</span>
          <span class="words">
            <span class="title"><bdi>${name}</bdi>${nameMarks(peer)}</span>
            <span class="about ${presence === 'active' ? 'here' : ''}"><bdi>${this.#subtitle()}</bdi></span>
          </span>
        </button>
      </h2>
      <div class="tools">
        ${
          direct
            ? nothing
            : html`<button
                class="icon-button count"
                aria-label="${panelWords}, ${t('conversation.members', { count: chat.memberCount })}"
                data-tip=${panelWords}
                data-tip-key=${altShiftKeys('M')}
                aria-pressed=${open}
                @click=${() => (open ? closeSidePanel(this) : openSidePanel(this, people))}
              >
                <hb-icon name="users" .size=${18}></hb-icon><span>${numberText(chat.memberCount)}</span>
              </button>`
        }
        ${this.#renderSearchButton()} ${this.#renderPinsButton()} ${this.#renderFilesButton()}
        <slot name="menu"></slot>
      </div>
    `
  }

  #renderSearchButton(): unknown {
    const open = this.panel?.kind === 'search'
    return html`<button
      class="icon-button"
      aria-label=${t('search.here')}
      data-tip=${t('search.here')}
      data-tip-key=${commandKeys('F')}
      aria-pressed=${open}
      @click=${() => (open ? closeSidePanel(this) : openSearch(this, this.chat.id))}
    >
      <hb-icon name="search" .size=${18}></hb-icon>
    </button>`
  }

  #renderPinsButton(): unknown {
    const open = this.panel?.kind === 'pins'
    return html`<button
      class="icon-button"
      aria-label=${t('pins.show')}
      data-tip=${t('pins.show')}
      data-tip-key=${altShiftKeys('P')}
      aria-pressed=${open}
      @click=${() => (open ? closeSidePanel(this) : openSidePanel(this, { kind: 'pins' }))}
    >
      <hb-icon name="pin" .size=${18}></hb-icon>
    </button>`
  }

  #renderFilesButton(): unknown {
    const open = this.panel?.kind === 'files'
    return html`<button
      class="icon-button"
      aria-label=${t('filesPanel.show')}
      data-tip=${t('filesPanel.show')}
      data-tip-key=${altShiftKeys('L')}
      aria-pressed=${open}
      @click=${() => (open ? closeSidePanel(this) : openSidePanel(this, { kind: 'files' }))}
    >
      <hb-icon name="image" .size=${18}></hb-icon>
    </button>`
  }

  #subtitle(): unknown {
    const { chat, hub } = this
    if (isNotes(chat)) return t('chats.notesHint')
    if (chat.peer !== undefined) return userLine(hub, chat.peer)
    return chat.topic || t('conversation.members', { count: chat.memberCount })
  }

  #back = (): void => {
    this.dispatchEvent(new CustomEvent('hb-back', { bubbles: true, composed: true }))
  }
}

customElements.define('hb-conversation-header', HbConversationHeader)

declare global {
  interface HTMLElementTagNameMap {
    'hb-conversation-header': HbConversationHeader
  }
}
