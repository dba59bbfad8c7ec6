import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { ConversationFiles } from '../files/conversation-files.ts'
import { fileDropStyles } from '../files/file-drop.ts'
import { isRequestError } from '../connection/request.ts'
import { closePanelButton } from '../navigation/close-panel-button.ts'
import { actionsFor } from '../messages/message-actions.ts'
import '../messages/hb-composer.ts'
import type { HbComposer } from '../messages/hb-composer.ts'
import '../messages/hb-message-list.ts'
import type { HbMessageList } from '../messages/hb-message-list.ts'
import { linkTargetOf } from '../navigation/message-links.ts'
import { messageRow } from '../messages/message-row.ts'
import { openGroup } from '../navigation/open-group.ts'
import { openSidePanel } from '../navigation/side-panel.ts'
import { emptyNameResolver } from '../messages/message-text.ts'
import { conversationSource, basicSource, type AutocompleteSource } from '../messages/autocomplete-sources.ts'
import { createNameResolver } from '../messages/name-resolver.ts'
import { ComposerContext, composerContextStyles } from '../messages/composer-context.ts'
import { toggleReaction } from '../reactions/reactions.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import { toMessageItem, type MessageItem } from '../state/message-item.ts'
import type { OpenThread } from '../state/open-thread.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import { notify } from '../ui/hb-toasts.ts'
import { panelStyles } from '../ui/panel-styles.ts'

/** A message and what was answered to it, with a composer of its own: a panel (`app/side-panel-registry.ts`). */
export class HbThreadPanel extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    conversation: { attribute: false },
    messageId: { attribute: false },
  }
  declare hub: Hub
  declare conversation: Conversation
  declare messageId: string

  readonly #composerContext = new ComposerContext(this)
  readonly #files = new ConversationFiles(this, {
    hub: () => this.hub,
    place: () => this.#thread,
    items: () => this.#itemsWithParent(),
  })
  #thread: OpenThread | undefined
  #nameResolverOf: HbMessageList['nameResolverOf'] = () => emptyNameResolver
  #autocompleteSource: AutocompleteSource = basicSource
  #atEnd = false

  static override styles = [
    baseStyles,
    buttonStyles,
    panelStyles,
    composerContextStyles,
    fileDropStyles,
    css`
      :host {
        position: relative;
      }
      .follow {
        flex: none;
      }
      .fill {
        flex: 1;
        display: grid;
        place-content: center;
      }
      hb-message-list {
        --thread: 1;
      }
      hb-composer {
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

  override focus(): void {
    this.#composer?.focus()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('focus', this.#markReadIfVisible)
    document.addEventListener('visibilitychange', this.#markReadIfVisible)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('focus', this.#markReadIfVisible)
    document.removeEventListener('visibilitychange', this.#markReadIfVisible)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('messageId') || changed.has('conversation')) {
      untracked(() => {
        this.#thread = this.hub.threads.open(this.conversation.chatId, this.messageId)
        this.#nameResolverOf = createNameResolver(this.hub, this.conversation)
        this.#autocompleteSource = conversationSource(this.hub, this.conversation)
      })
    }
    this.#composerContext.setTarget(this.conversation.chatId, this.messageId)
  }

  protected override render(): unknown {
    const chat = this.conversation.chat.value
    const thread = this.#thread
    if (!chat || !thread) return nothing
    return html`
      <div class="bar">
        <h2>${t('threads.title')}</h2>
        ${this.#renderFollowButton()} ${closePanelButton(this)}
      </div>
      ${this.#renderMessages(thread)} ${this.#renderComposer(thread, chat)}
      ${this.#files.renderDropOverlay(t('files.dropInThread'))} ${this.#files.renderViewer()}
    `
  }

  protected override updated(changed: PropertyValues<this>): void {
    untracked(() => this.#markReadIfVisible())
    if (changed.has('messageId') && matchMedia('(pointer: fine)').matches) this.focus()
  }

  #renderFollowButton(): unknown {
    const following = this.hub.threads.get(this.messageId)?.following ?? false
    return html`<button
      class="button small follow"
      aria-pressed=${following}
      @click=${() => this.#notifyOnError(this.hub.threads.setFollowing(this.messageId, !following))}
    >
      <hb-icon name=${following ? 'check' : 'bell'} .size=${14}></hb-icon>
      ${t(following ? 'threads.following' : 'threads.follow')}
    </button>`
  }

  #renderMessages(thread: OpenThread): unknown {
    if (!thread.ready.value && this.hub.connectionState.value !== 'live' && thread.items.value.length === 0) {
      return html`<div class="fill">
        <hb-empty-state drawing="offline" .text=${t('threads.offline')}></hb-empty-state>
      </div>`
    }
    return keyed(
      thread.id,
      html`<hb-message-list
        .items=${thread.items.value}
        .nameOf=${this.#nameOf}
        .pictureOf=${this.#pictureOf}
        .isBot=${this.#isBot}
        .nameResolverOf=${this.#nameResolverOf}
        .stateOf=${this.#stateOf}
        .actionsOf=${this.#actionsOf}
        .files=${this.#files.view}
        .me=${this.#me}
        .saved=${this.hub.saved.ids.value}
        .linkTargetOf=${this.#linkTargetOf}
        .shownAround=${thread.shownAround.value}
        .moreBefore=${thread.hasOlder.value}
        .loading=${!thread.ready.value}
        .loadingBefore=${thread.loadingOlder.value}
        .beginning=${this.#renderParent(thread)}
        .label=${t('threads.log')}
        @hb-load-older=${() => this.#notifyOnError(thread.loadOlder())}
        @hb-at-end-change=${this.#onAtEndChange}
        @hb-retry=${(event: CustomEvent<{ cid: string }>) => thread.retry(event.detail.cid)}
        @hb-discard=${(event: CustomEvent<{ cid: string }>) => thread.discard(event.detail.cid)}
        @hb-open-user=${(event: CustomEvent<{ userId: string }>) => openSidePanel(this, { kind: 'person', userId: event.detail.userId })}
        @hb-open-group=${(event: CustomEvent<{ chatId: string }>) => void openGroup(this.hub, this, event.detail.chatId)}
        @hb-react=${({ detail }: CustomEvent<{ item: MessageItem; emoji: string }>) => void toggleReaction(this.hub, detail.item, detail.emoji, this)}
        @hb-jump=${this.#onJump}
        @hb-open-file=${(event: CustomEvent<{ fileId?: string }>) => this.#files.openPicture(event.detail.fileId)}
      ></hb-message-list>`,
    )
  }

  #itemsWithParent(): readonly MessageItem[] {
    const thread = this.#thread
    if (!thread) return []
    const parent = this.conversation.items.peek().filter(({ id }) => id === thread.id)
    return [...parent, ...thread.items.peek()]
  }

  /** The message that it all hangs on. */
  #renderParent(thread: OpenThread): unknown {
    const message =
      this.hub.threads.get(thread.id)?.message ??
      this.conversation.messages.find(({ id }) => id === thread.id) ??
      thread.parent
    if (!message) return nothing
    const item = toMessageItem(thread.chatId, message, this.#me)
    return messageRow(
      { ...item, replies: undefined },
      {
        isGroupStart: true,
        isNew: false,
        name: item.author === undefined ? '' : this.#nameOf(item.author),
        isBot: item.author !== undefined && this.#isBot(item.author),
        picture: item.author === undefined ? '' : this.#pictureOf(item.author),
        state: undefined,
        expanded: true,
        files: this.#files.view,
        isTabStop: false,
        highlighted: false,
        isSaved: item.id !== undefined && this.hub.saved.ids.value.has(item.id),
        names: this.#nameResolverOf(item),
        mentionsMe: false,
        me: this.#me,
        nameOf: this.#nameOf,
        pictureOf: this.#pictureOf,
      },
    )
  }

  #renderComposer(thread: OpenThread, chat: ChatSummary): unknown {
    if (chat.archived) return html`<p class="closed">${t('composer.archived')}</p>`
    if (chat.posting === 'admins' && chat.role === 'member')
      return html`<p class="closed">${t('composer.onlyAdmins')}</p>`
    if (chat.peer !== undefined && this.hub.users.get(chat.peer)?.deactivated)
      return html`<p class="closed">${t('composer.accountClosed')}</p>`
    return html`${this.#composerContext.renderBar()}<hb-composer
        .chatId=${this.#composerContext.key}
        .draft=${this.#composerContext.text ?? thread.draft.value}
        .label=${t('actions.thread')}
        .placeholder=${t('threads.reply')}
        .autocompleteSource=${this.#autocompleteSource}
        .hasAttachments=${this.#files.hasAttachments}
        @hb-send=${this.#onSend}
        @hb-edit-last=${this.#editLastMessage}
        @hb-draft=${(event: CustomEvent<{ text: string }>) =>
          this.#composerContext.saveEditDraft(event.detail.text) || thread.setDraft(event.detail.text)}
        @keydown=${this.#onComposerKey}
        >${this.#files.renderComposerParts()}</hb-composer
      >`
  }

  #onSend = (event: CustomEvent<{ text: string }>): void => {
    if (this.#composerContext.submitEdit(event.detail.text)) return
    this.#thread?.send(event.detail.text, this.#composerContext.consumeReply())
    this.renderRoot.querySelector('hb-message-list')?.scrollToEnd()
  }

  /** The last one that can still be edited. */
  #editLastMessage = (event: Event): void => {
    event.stopPropagation()
    const item = this.#thread?.items
      .peek()
      .findLast(({ isMine: mine, deleted, id }) => mine && !deleted && id !== undefined)
    const edit = item && this.#actionsOf(item).find(({ name }) => name === 'edit')
    if (edit) void edit.run(this)
  }

  #onComposerKey = (event: KeyboardEvent): void => {
    // what is typed here is meant for here
    if (event.key.length === 1) event.stopPropagation()
    if (event.key !== 'Escape' || !this.#composerContext.isActive || event.defaultPrevented) return
    event.preventDefault()
    this.#composerContext.cancel()
  }

  #onJump = ({ detail }: CustomEvent<{ no: number; id: string }>): void => {
    const loaded = this.#thread?.messages.find(({ id }) => id === detail.id)
    if (loaded) this.#notifyOnError(this.#thread?.showAround(loaded.no) ?? Promise.resolve())
    else this.#notifyOnError(this.conversation.showAround(detail.no))
  }

  #onAtEndChange = (event: CustomEvent<{ atEnd: boolean }>): void => {
    this.#atEnd = event.detail.atEnd
    this.#markReadIfVisible()
  }

  #markReadIfVisible = (): void => {
    if (this.#atEnd && this.isConnected) this.#thread?.markRead()
  }

  #actionsOf: HbMessageList['actionsOf'] = (item) => {
    const chat = this.conversation.chat.peek()
    if (!chat) return []
    const parentNo = this.hub.threads.get(this.messageId)?.message.no
    const write = this.#composer
      ? {
          reply: (each: MessageItem) => this.#composerContext.reply(each),
          edit: (each: MessageItem) => this.#composerContext.edit(each),
        }
      : {}
    return actionsFor(item, { hub: this.hub, chat, from: this, threadNo: parentNo, ...write })
  }

  #nameOf = (userId: string): string => this.hub.users.nameOf(userId)
  #pictureOf = (userId: string): string => this.hub.avatarAddress(userId)
  #linkTargetOf: HbMessageList['linkTargetOf'] = (link) => linkTargetOf(this.hub, link)
  #isBot = (userId: string): boolean => this.hub.users.get(userId)?.bot === true
  #stateOf: HbMessageList['stateOf'] = (item) =>
    item.pending ?? (item.isMine && !item.deleted ? 'sent' : undefined)

  get #me(): string {
    return this.hub.session.me.value?.id ?? ''
  }

  get #composer(): HbComposer | null {
    return this.renderRoot.querySelector('hb-composer')
  }

  #notifyOnError(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
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
