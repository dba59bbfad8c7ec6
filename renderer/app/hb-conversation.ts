import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { guard } from 'lit/directives/guard.js'
import { keyed } from 'lit/directives/keyed.js'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Thread } from '../../shared/contract/threads.ts'
import { ConversationFiles } from '../files/conversation-files.ts'
import { fileDropStyles } from '../files/file-drop.ts'
import { unarchiveChat } from '../chats/chat-menu.ts'
import { isRequestError } from '../connection/request.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import type { MessageItem } from '../state/message-item.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import { deepActiveElement, isTextField } from '../ui/focus.ts'
import { notify } from '../ui/hb-toasts.ts'
import '../ui/hb-avatar.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import { conversationStyles } from './conversation-styles.ts'
import { isWindowActive } from '../messages/window-active.ts'
import '../messages/hb-composer.ts'
import type { HbComposer } from '../messages/hb-composer.ts'
import './hb-conversation-header.ts'
import '../messages/hb-message-list.ts'
import type { HbMessageList } from '../messages/hb-message-list.ts'
import { linkTargetOf } from '../navigation/message-links.ts'
import { actionsFor } from '../messages/message-actions.ts'
import { openSidePanel, type SidePanel } from '../navigation/side-panel.ts'
import { renderPanel, panelLabel, staysOpenAcrossChats } from './side-panel-registry.ts'
import { toggleReaction } from '../reactions/reactions.ts'
import { ComposerContext, composerContextStyles } from '../messages/composer-context.ts'
import { emptyNameResolver } from '../messages/message-text.ts'
import { conversationSource, basicSource, type AutocompleteSource } from '../messages/autocomplete-sources.ts'
import { openGroup } from '../navigation/open-group.ts'
import { createNameResolver } from '../messages/name-resolver.ts'

const noMessages: readonly MessageItem[] = []
const retryDelayMs = 2_000

/**
 * One chat: its header, its messages, the composer, and a panel beside them.
 *
 * Slot `menu`: the chat's menu, at the end of the header. Events, all bubbling: `hb-back` (to the list of chats, on a narrow
 * window, or because the chat is gone), `hb-open-chat` (`detail.chatId`: the direct chat with somebody of the panel).
 */
export class HbConversation extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    chatId: { attribute: false },
    target: { attribute: false },
    panel: { state: true },
  }
  static override styles = [
    baseStyles,
    buttonStyles,
    conversationStyles,
    fileDropStyles,
    composerContextStyles,
  ]

  declare hub: Hub
  declare chatId: string
  /** The message to open at: a new object each time it is asked for. */
  declare target: { no?: number; reply?: number } | undefined
  declare panel: SidePanel | undefined

  readonly #composerContext = new ComposerContext(this)
  #conversation: Conversation | undefined
  #isShown = false
  #atEnd = false
  #wasOffline = false
  /** False until the first unread message is there to open at, where that takes a request. */
  #isPositioned = false
  #requestedUnreadNo: number | undefined
  #retryTimer = 0
  #handledTarget: object | undefined
  readonly #files = new ConversationFiles(this, {
    hub: () => this.hub,
    place: () => this.#conversation,
    items: () => this.#conversation?.items.peek() ?? noMessages,
  })
  /** What opened the panel: the focus goes back there. */
  #opener: HTMLElement | undefined

  constructor() {
    super()
    this.target = undefined
    this.panel = undefined
  }

  override focus(): void {
    this.#composer?.focus()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('focus', this.#markReadIfVisible)
    addEventListener('blur', this.#markReadIfVisible)
    document.addEventListener('visibilitychange', this.#markReadIfVisible)
    document.addEventListener('keydown', this.#onKey)
    this.addEventListener('hb-open-panel', this.#onPanel)
    this.addEventListener('hb-close-panel', this.#onPanelClose)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('focus', this.#markReadIfVisible)
    removeEventListener('blur', this.#markReadIfVisible)
    document.removeEventListener('visibilitychange', this.#markReadIfVisible)
    document.removeEventListener('keydown', this.#onKey)
    clearTimeout(this.#retryTimer)
    this.#retryTimer = 0
    this.#hideConversation()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.#conversation || changed.has('chatId') || changed.has('hub'))
      untracked(() => this.#changeConversation())
    if (!this.#isShown && this.isConnected) {
      this.#isShown = true
      untracked(() => this.#conversation?.show())
    }
    if (this.#conversation) {
      if (this.target && this.target !== this.#handledTarget)
        this.#openAtMessage(this.#conversation, this.target)
      else this.#openAtFirstUnread(this.#conversation)
    }
    const state = this.hub.connectionState.value
    if (state !== 'connecting') this.#wasOffline = state === 'waiting'
  }

  protected override render(): unknown {
    const conversation = this.#conversation as Conversation
    const chat = conversation.chat.value
    if (!chat) return this.hub.chats.ready.value ? this.#renderGone() : html`<div class="column"></div>`
    const name = this.hub.chats.nameOf(chat)
    return html`
      <section class="column" aria-label=${t('conversation.label', { name })}>
        <hb-conversation-header .hub=${this.hub} .chat=${chat} .panel=${this.panel}>
          <slot name="menu" slot="menu"></slot>
        </hb-conversation-header>
        ${conversation.status.value === 'offline' ? this.#renderOffline() : this.#renderMessages(conversation, chat, name)}
        ${this.#renderComposer(conversation, chat, name)}
        ${this.#files.renderDropOverlay(t('files.drop', { name }))}
      </section>
      ${this.#files.renderViewer()}
      ${
        this.panel
          ? html`<div class="scrim" @click=${() => this.#closePanel()}></div>
              <aside class="panel" aria-label=${panelLabel(this.panel)} tabindex="-1">
                ${renderPanel(this.panel, { hub: this.hub, conversation })}
              </aside>`
          : nothing
      }
    `
  }

  protected override updated(changed: PropertyValues<this>): void {
    untracked(() => this.#markReadIfVisible())
    if (changed.has('chatId') && matchMedia('(pointer: fine)').matches) void this.#focusComposer()
  }

  /** A phone would unfold its keyboard over what one came to read, so there it waits for a touch. */
  async #focusComposer(): Promise<void> {
    // who walks through what was found goes on there
    if (this.panel?.kind === 'search') return
    const composer = this.#composer
    await composer?.updateComplete
    if (!deepActiveElement()?.closest('dialog, input')) composer?.focus()
  }

  #renderMessages(conversation: Conversation, chat: ChatSummary, name: string): unknown {
    const items = this.#isPositioned ? conversation.items.value : noMessages
    return keyed(
      chat.id,
      html`<hb-message-list
        .items=${items}
        .nameOf=${this.#nameOf}
        .pictureOf=${this.#pictureOf}
        .isBot=${this.#isBot}
        .stateOf=${this.#stateOf}
        .nameResolverOf=${this.#nameResolverOf}
        .files=${this.#files.view}
        @hb-open-file=${(event: CustomEvent<{ fileId?: string }>) => this.#files.openPicture(event.detail.fileId)}
        .newFrom=${conversation.firstUnreadNo.value}
        .shownAround=${conversation.shownAround.value}
        .actionsOf=${this.#actionsOf}
        .me=${this.hub.session.me.value?.id ?? ''}
        .saved=${this.hub.saved.ids.value}
        .linkTargetOf=${this.#linkTargetOf}
        @hb-react=${this.#onReact}
        @hb-thread=${this.#onThread}
        @hb-jump=${this.#onJump}
        .unread=${chat.unread}
        .moreBefore=${conversation.hasOlder.value}
        .moreAfter=${conversation.hasNewer.value}
        .loading=${!this.#isPositioned || conversation.status.value === 'loading'}
        .loadingBefore=${conversation.loadingOlder.value}
        .loadingAfter=${conversation.loadingNewer.value}
        .beginning=${guard([chat.visibility, chat.picture, name, items.length === 0], () =>
          items.length === 0 ? this.#renderEmpty(chat, name) : this.#renderBeginning(chat, name),
        )}
        .label=${t('messages.log', { name })}
        @hb-load-older=${() => this.#retryTimer || this.#loadWithRetry(conversation.loadOlder())}
        @hb-load-newer=${() => this.#retryTimer || this.#loadWithRetry(conversation.loadNewer())}
        @hb-jump-to-end=${() => this.#loadWithRetry(conversation.jumpToEnd())}
        @hb-at-end-change=${this.#onAtEndChange}
        @hb-retry=${(event: CustomEvent<{ cid: string }>) => conversation.retry(event.detail.cid)}
        @hb-discard=${(event: CustomEvent<{ cid: string }>) => conversation.discard(event.detail.cid)}
        @hb-open-user=${(event: CustomEvent<{ userId: string }>) => openSidePanel(event.target as EventTarget, { kind: 'person', userId: event.detail.userId })}
        @hb-open-group=${(event: CustomEvent<{ chatId: string }>) => void openGroup(this.hub, this, event.detail.chatId)}
      ></hb-message-list>`,
    )
  }

  /** What was begun stays a draft, for when I may write again. */
  #renderComposer(conversation: Conversation, chat: ChatSummary, name: string): unknown {
    if (chat.archived) {
      return html`<div class="closed">
        <p><hb-icon name="archive"></hb-icon>${t('composer.archived')}</p>
        ${
          chat.role === 'member'
            ? nothing
            : html`<button class="button small" @click=${() => void unarchiveChat(this.hub, chat, this)}>
                ${t('composer.restore')}
              </button>`
        }
      </div>`
    }
    if (chat.posting === 'admins' && chat.role === 'member') {
      return html`<div class="closed">
        <p><hb-icon name="megaphone"></hb-icon>${t('composer.onlyAdmins')}</p>
      </div>`
    }
    if (chat.peer !== undefined && this.hub.users.get(chat.peer)?.deactivated) {
      return html`<div class="closed">
        <p><hb-icon name="lock"></hb-icon>${t('composer.accountClosed')}</p>
      </div>`
    }
    this.#composerContext.setTarget(chat.id)
    return html`${this.#composerContext.renderBar()}<hb-composer
        .chatId=${this.#composerContext.key}
        .draft=${this.#composerContext.text ?? conversation.draft.value}
        .placeholder=${t(chat.kind === 'direct' ? 'composer.toPerson' : 'composer.toGroup', { name })}
        .hint=${this.#composerHint(conversation)}
        .autocompleteSource=${this.#autocompleteSource}
        .hasAttachments=${this.#files.hasAttachments}
        @hb-send=${this.#onSend}
        @hb-edit-last=${this.#editLastMessage}
        @hb-draft=${(event: CustomEvent<{ text: string }>) =>
          this.#composerContext.saveEditDraft(event.detail.text) || conversation.setDraft(event.detail.text)}
        @hb-typing=${() => conversation.notifyTyping()}
        @keydown=${this.#onComposerKey}
        >${this.#files.renderComposerParts()}</hb-composer
      >`
  }

  #renderEmpty(chat: ChatSummary, name: string): unknown {
    const text = chat.kind === 'direct' ? t('messages.noneDirect', { name }) : t('messages.noneGroup')
    return html`<hb-empty-state drawing="chat" .text=${text}></hb-empty-state>`
  }

  #renderBeginning(chat: ChatSummary, name: string): unknown {
    const kind = chat.kind === 'direct' ? 'person' : chat.visibility === 'public' ? 'group' : 'private'
    return html`<div class="begin">
      <hb-avatar
        .userId=${chat.peer ?? chat.id}
        .name=${name}
        .picture=${this.hub.chatPictureAddress(chat)}
        .kind=${kind}
      ></hb-avatar>
      <p class="begin-name"><bdi>${name}</bdi></p>
      <p>${t(chat.kind === 'direct' ? 'messages.beginDirect' : 'messages.beginGroup', { name })}</p>
    </div>`
  }

  #renderOffline(): unknown {
    return html`<div class="fill">
      <hb-empty-state drawing="offline" .text=${t('messages.offlineText')}></hb-empty-state>
    </div>`
  }

  #renderGone(): unknown {
    return html`<div class="column">
      <div class="fill">
        <hb-empty-state drawing="lost" .text=${t('conversation.gone')}>
          <button class="button" @click=${() => this.#dispatch('hb-back')}>
            ${t('conversation.goneAction')}
          </button>
        </hb-empty-state>
      </div>
    </div>`
  }

  #composerHint(conversation: Conversation): string {
    const names = conversation.typing.value.map(this.#nameOf).filter(Boolean)
    const [a, b] = names
    if (this.#wasOffline) return t('conversation.offline')
    if (a === undefined) return ''
    if (b === undefined) return t('conversation.typingOne', { a })
    return names.length === 2 ? t('conversation.typingTwo', { a, b }) : t('conversation.typingMany')
  }

  // The chat behind it

  #changeConversation(): void {
    this.#hideConversation()
    this.#conversation = this.hub.conversation(this.chatId)
    this.#nameResolverOf = createNameResolver(this.hub, this.#conversation)
    this.#autocompleteSource = conversationSource(this.hub, this.#conversation)
    // Groups I am not in may be named in texts; without an answer a name is just a name.
    if (!this.hub.groups.ready.value) this.hub.groups.load().catch(() => undefined)
    this.#atEnd = false
    this.#isPositioned = false
    this.#requestedUnreadNo = undefined
    this.#handledTarget = undefined
    // The list of members goes along to the next group; a person belongs to the chat where they were looked at.
    if (this.panel && !staysOpenAcrossChats(this.panel)) this.panel = undefined
  }

  #hideConversation(): void {
    if (this.#isShown) this.#conversation?.hide()
    this.#isShown = false
  }

  #pictureOf = (userId: string): string => this.hub.avatarAddress(userId)

  #nameOf = (userId: string): string => this.hub.users.nameOf(userId)
  #linkTargetOf: HbMessageList['linkTargetOf'] = (link) => linkTargetOf(this.hub, link)
  #isBot = (userId: string): boolean => this.hub.users.get(userId)?.bot === true

  #actionsOf: HbMessageList['actionsOf'] = (item) => {
    const chat = this.#conversation?.chat.peek()
    return chat ? actionsFor(item, { ...this.#actionContext(chat), ...this.#composerActions() }) : []
  }

  #actionContext(chat: ChatSummary) {
    return {
      ...{ hub: this.hub, chat, from: this },
      openThread: ({ id }: MessageItem) => id && openSidePanel(this, { kind: 'thread', id }),
      markUnread: async ({ no = 0 }: MessageItem) => this.#conversation?.markUnread(no),
    }
  }

  /** Only where there is a composer. */
  #composerActions() {
    if (!this.#composer) return {}
    return {
      reply: (item: MessageItem) => this.#composerContext.reply(item),
      edit: (item: MessageItem) => this.#composerContext.edit(item),
    }
  }

  /** The last one that can still be edited. */
  #editLastMessage = (): void => {
    const chat = this.#conversation?.chat.peek()
    const item = this.#conversation?.items
      .peek()
      .findLast(({ isMine: mine, deleted, id }) => mine && !deleted && id !== undefined)
    const edit = chat && item && this.#actionsOf(item).find(({ name }) => name === 'edit')
    if (edit) void edit.run(this)
  }

  #onReact = ({ detail }: CustomEvent<{ item: MessageItem; emoji: string }>): void => {
    void toggleReaction(this.hub, detail.item, detail.emoji, this)
  }

  #onThread = ({ detail }: CustomEvent<{ item: MessageItem }>): void => {
    const { id } = detail.item
    if (id !== undefined) openSidePanel(this, { kind: 'thread', id })
  }

  #onJump = ({ detail }: CustomEvent<{ no: number }>): void => {
    if (this.#conversation) this.#scrollToMessage(this.#conversation, detail.no)
  }
  #autocompleteSource: AutocompleteSource = basicSource
  #nameResolverOf: HbMessageList['nameResolverOf'] = () => emptyNameResolver

  #stateOf: HbMessageList['stateOf'] = (item) => this.#conversation?.stateOf(item)

  /** Read is what stood before open eyes: in a window that is seen and has the focus, down to the end. */
  #markReadIfVisible = (): void => {
    const chat = this.#conversation?.chat.value
    if (!chat || !this.isConnected || !this.#atEnd || !isWindowActive()) return
    if (chat.readNo < chat.lastNo || chat.unreadFrom !== undefined) this.#conversation?.markRead()
  }

  /** A link or a quote leads here; without the hub it waits until it is back, unless it is here. */
  #openAtMessage(conversation: Conversation, target: { no?: number; reply?: number }): void {
    const { no = 0, reply } = target
    const isLoaded = conversation.items.value.some((item) => item.no === no)
    const threadId = reply === undefined ? undefined : this.#loadedThreadId(conversation, no)
    if (!isLoaded && !threadId && this.hub.connectionState.value !== 'live') return
    this.#handledTarget = target
    if (reply !== undefined) void this.#openThreadAt(conversation, no, reply, threadId)
    if (isLoaded || this.hub.connectionState.value === 'live')
      untracked(() => this.#scrollToMessage(conversation, no))
    else this.#isPositioned = true
  }

  #loadedThreadId({ chatId }: Conversation, no: number): string | undefined {
    const isIt = (thread: Thread) => thread.chatId === chatId && thread.message.no === no
    return untracked(() => this.hub.threads.list.value.find(isIt)?.message.id)
  }

  /** A link to a reply: the message it hangs on is found by its number. */
  async #openThreadAt(
    conversation: Conversation,
    no: number,
    reply: number,
    knownId: string | undefined,
  ): Promise<void> {
    if (knownId === undefined) await conversation.showAround(no).catch(() => false)
    const id = knownId ?? conversation.messages.find((each) => each.no === no)?.id
    if (id === undefined || conversation !== this.#conversation) return
    openSidePanel(this, { kind: 'thread', id })
    await this.hub.threads.open(conversation.chatId, id).showAround(reply)
  }

  #scrollToMessage(conversation: Conversation, no: number): void {
    void conversation
      .showAround(no)
      .then((isThere) => isThere || notify(this, { text: t('actions.gone') }))
      .catch((error: unknown) => notify(this, { text: errorMessage(error), tone: 'danger' }))
      .finally(() => {
        this.#isPositioned = true
        this.requestUpdate()
      })
  }

  /** The first unread message may lie before what is loaded; then the window of messages moves there. */
  #openAtFirstUnread(conversation: Conversation): void {
    if (conversation.status.value !== 'ready') return
    const unreadNo = conversation.firstUnreadNo.value
    const firstNo = conversation.items.value[0]?.no
    const isAway = unreadNo !== undefined && firstNo !== undefined && firstNo > unreadNo
    if (!isAway || !conversation.hasOlder.value) {
      this.#isPositioned = true
    } else if (this.#requestedUnreadNo !== unreadNo) {
      this.#requestedUnreadNo = unreadNo
      const found = untracked(() => conversation.jumpTo(unreadNo))
      this.#loadWithRetry(
        found.finally(() => {
          this.#isPositioned = true
          this.requestUpdate()
        }),
      )
    }
  }

  /** What cannot be loaded now is asked for again in a while: the list asks whenever it lacks something. */
  #loadWithRetry(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!isRequestError(error)) throw error
      clearTimeout(this.#retryTimer)
      this.#retryTimer = window.setTimeout(() => {
        this.#retryTimer = 0
        this.#list?.requestUpdate()
      }, retryDelayMs)
    })
  }

  #onAtEndChange = (event: CustomEvent<{ atEnd: boolean }>): void => {
    this.#atEnd = event.detail.atEnd
    this.#markReadIfVisible()
  }

  #onSend = (event: CustomEvent<{ text: string }>): void => {
    if (this.#composerContext.submitEdit(event.detail.text)) return
    this.#conversation?.send(event.detail.text, this.#composerContext.consumeReply())
    this.#list?.scrollToEnd()
  }

  // The panel

  #onPanel = (event: HTMLElementEventMap['hb-open-panel']): void => {
    event.stopPropagation()
    if (!this.panel) this.#opener = deepActiveElement()
    this.panel = event.detail
    if (this.#opener?.matches(':focus-visible'))
      void this.updateComplete.then(() => this.#panelElement?.focus())
  }

  #onPanelClose = (event: Event): void => {
    event.stopPropagation()
    this.#closePanel()
  }

  #closePanel(): void {
    this.panel = undefined
    const opener = this.#opener
    this.#opener = undefined
    if (opener?.isConnected) opener.focus()
    else if (matchMedia('(pointer: fine)').matches) this.focus()
  }

  get #panelElement(): HTMLElement | null {
    return this.renderRoot.querySelector('.panel')
  }

  #onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return
    const active = deepActiveElement()
    if (event.key === 'Escape' && this.panel && !active?.closest('dialog, [popover]')) {
      this.#closePanel()
      return
    }
    // Whoever begins to type means the composer, wherever the focus is.
    if (event.key.length !== 1 || event.key === ' ' || event.ctrlKey || event.metaKey || event.altKey) return
    if (active && (isTextField(active) || active.closest('dialog, [popover], button, a'))) return
    if (!document.querySelector('dialog[open]')) this.focus()
  }

  /** One reads back while writing, and the hands stay where they are. */
  #onComposerKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.#composerContext.isActive && !event.defaultPrevented) {
      event.preventDefault()
      this.#composerContext.cancel()
      return
    }
    if ((event.key !== 'PageUp' && event.key !== 'PageDown') || event.shiftKey || event.ctrlKey) return
    event.preventDefault()
    this.#list?.scrollByPage(event.key === 'PageUp' ? -1 : 1)
  }

  #dispatch(name: string): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }))
  }

  get #composer(): HbComposer | null {
    return this.renderRoot.querySelector('hb-composer')
  }

  get #list(): HbMessageList | null {
    return this.renderRoot.querySelector('hb-message-list')
  }
}

customElements.define('hb-conversation', HbConversation)

declare global {
  interface HTMLElementTagNameMap {
    'hb-conversation': HbConversation
  }
}
