import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { isRequestError } from '../connection/request.ts'
import { closedReason } from '../messages/closed-reason.ts'
import '../messages/hb-timeline.ts'
import { closePanelButton } from '../navigation/close-panel-button.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import { toMessageItem, type MessageItem } from '../state/message-item.ts'
import type { OpenThread } from '../state/open-thread.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import { threadPlace } from './thread-place.ts'
import '../ui/hb-icon.ts'
import { notify } from '../ui/hb-toasts.ts'
import { panelStyles } from '../ui/panel-styles.ts'

/** A message with the replies in its thread and a composer for more: a side panel (`app/side-panel-registry.ts`). */
export class HbThreadPanel extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    conversation: { attribute: false },
    messageId: { attribute: false },
  }
  declare hub: Hub
  declare conversation: Conversation
  /** The id of the parent message. */
  declare messageId: string

  #thread: OpenThread | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    panelStyles,
    css`
      :host {
        --timeline-inset: var(--space-2);
        position: relative;
      }
      .title {
        flex: 1;
        min-inline-size: 0;
      }
      .title h2 {
        line-height: 1.375rem;
      }
      .title p {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        color: var(--color-text-muted);
        font: var(--type-secondary);
      }
      .follow {
        flex: none;
      }
      .closed {
        flex: none;
        margin: var(--space-2) var(--space-4) var(--space-4);
        padding: 10px var(--space-4);
        border-radius: var(--radius-card);
        background: var(--color-paper);
        color: var(--color-text-muted);
        font: var(--type-secondary);
        text-align: center;
      }
    `,
  ]

  /** Focuses the composer, if there is one. */
  override focus(): void {
    this.renderRoot.querySelector('hb-timeline')?.focus()
  }

  /** Resolves when the composer can have the focus. */
  protected override async getUpdateComplete(): Promise<boolean> {
    const complete = await super.getUpdateComplete()
    await this.renderRoot.querySelector('hb-timeline')?.updateComplete
    return complete
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('messageId') || changed.has('conversation')) {
      untracked(() => {
        this.#thread = this.hub.threads.open(this.conversation.chatId, this.messageId)
      })
    }
  }

  protected override render(): unknown {
    const chat = this.conversation.chat.value
    const thread = this.#thread
    if (!chat || !thread) return nothing
    return html`
      <div class="bar">
        <div class="title">
          <h2>${t('threads.title')}</h2>
          <p><bdi>${threadPlace(this.hub, chat)}</bdi></p>
        </div>
        ${this.#renderFollowButton()} ${closePanelButton(this)}
      </div>
      ${this.#renderTimeline(thread, chat)}
    `
  }

  #renderFollowButton(): unknown {
    const following = this.hub.threads.get(this.messageId)?.following ?? false
    return html`<button
      class="button small follow"
      aria-pressed=${following}
      @click=${() => this.#setFollowing(!following)}
    >
      <hb-icon name=${following ? 'check' : 'bell'} .size=${14}></hb-icon>
      ${t(following ? 'threads.following' : 'threads.follow')}
    </button>`
  }

  #renderTimeline(thread: OpenThread, chat: ChatSummary): unknown {
    const closed = closedReason(this.hub, chat)
    const connectionState = this.hub.connectionState.value
    const isUnavailable =
      thread.status.value !== 'ready' && connectionState !== 'live' && thread.items.value.length === 0
    return html`<hb-timeline
      .hub=${this.hub}
      .conversation=${this.conversation}
      .timeline=${thread}
      .isWritable=${closed === undefined}
      .parentItem=${this.#parentItem(thread)}
      .offlineText=${isUnavailable ? t('threads.offline') : ''}
      .label=${t('threads.log')}
      .composerLabel=${t('actions.thread')}
      .placeholder=${t('threads.reply')}
      .dropText=${t('files.dropInThread')}
      .dropArea=${this}
    >
      ${closed ? html`<p class="closed" slot="closed">${t(`composer.${closed}`)}</p>` : nothing}
    </hb-timeline>`
  }

  #parentItem(thread: OpenThread): MessageItem | undefined {
    const message =
      this.hub.threads.get(thread.threadId)?.message ??
      this.conversation.messages.find(({ id }) => id === thread.threadId) ??
      thread.parent
    return message && toMessageItem(thread.chatId, message, this.hub.session.me.value?.id ?? '')
  }

  #setFollowing(following: boolean): void {
    this.hub.threads.setFollowing(this.messageId, following).catch((error: unknown) => {
      if (!isRequestError(error)) throw error
      notify(this, { text: errorMessage(error), tone: 'danger' })
    })
  }
}

customElements.define('hb-thread-panel', HbThreadPanel)

declare global {
  interface HTMLElementTagNameMap {
    'hb-thread-panel': HbThreadPanel
  }
}
