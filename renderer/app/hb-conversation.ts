import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { guard } from 'lit/directives/guard.js'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { unarchiveChat } from '../chats/chat-menu.ts'
import { closedReason, type ClosedReason } from '../messages/closed-reason.ts'
import '../messages/hb-timeline.ts'
import type { HbTimeline } from '../messages/hb-timeline.ts'
import { peoplePanelOf, type SidePanel } from '../navigation/side-panel.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import type { Conversation } from '../state/conversation.ts'
import { isNamedGroup, isNotes } from '../state/chat-names.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { closestAcrossRoots, deepActiveElement } from '../ui/focus.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import { ComposerInUse } from './composer-in-use.ts'
import { conversationStyles } from './conversation-styles.ts'
import './hb-conversation-header.ts'
import { keepThread, takeKeptThread } from './kept-thread.ts'
import { OpeningPosition, type OpeningTarget } from './opening-position.ts'
import { regionOf, type Region } from './regions.ts'
import { renderPanel, panelLabel, staysOpenAcrossChats } from './side-panel-registry.ts'
import { SystemBack } from './system-back.ts'
import { isComposing } from '../ui/keys.ts'
import { chatAvatar } from '../users/avatars.ts'

/**
 * One chat: its header, its timeline, and a side panel.
 *
 * Slot `menu`: the chat's menu, at the end of the header. Events, all bubbling: `hb-back` (to the list of chats, in a
 * narrow window or after the chat was removed), `hb-open-chat` (`detail.chatId`: the direct chat with a user of the
 * panel).
 */
export class HbConversation extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    chatId: { attribute: false },
    target: { attribute: false },
    panel: { state: true },
  }
  static override styles = [baseStyles, buttonStyles, conversationStyles]

  declare hub: Hub
  declare chatId: string
  /** The message to open at: a new object each time it is requested. */
  declare target: OpeningTarget | undefined
  declare panel: SidePanel | undefined

  readonly #openingPosition = new OpeningPosition(this)
  readonly #composerInUse = new ComposerInUse(this, {
    panel: () => this.#panelElement,
    focus: (place) => (place === 'thread' ? this.#threadPanel?.focus() : this.focus()),
  })
  readonly #systemBack = new SystemBack(() => void this.#closePanel())
  #conversation: Conversation | undefined
  #isShown = false
  #isGone = false
  /** The element that opened the panel gets the focus back. */
  #opener: HTMLElement | undefined

  constructor() {
    super()
    this.target = undefined
    this.panel = undefined
  }

  override focus(): void {
    this.#timeline?.focus()
  }

  /** Where F6 leads within the conversation. */
  get regions(): Region[] {
    const timeline = this.#timeline
    const list = timeline?.renderRoot.querySelector('hb-message-list')
    const panel = this.#panelElement
    return [
      ...regionOf(this.renderRoot.querySelector('hb-conversation-header')),
      ...regionOf(list, () => list?.focus()),
      ...regionOf(timeline?.renderRoot.querySelector('hb-composer'), () => timeline?.focus()),
      ...regionOf(this.renderRoot.querySelector('.fill')),
      ...regionOf(panel, () => (this.#threadPanel ?? panel)?.focus()),
    ]
  }

  /** Opens a panel or the menu of the chat by its key, or closes it if it is open. */
  toggle(kind: 'members' | 'pins' | 'files' | 'chatMenu'): void {
    if (kind === 'chatMenu') return this.querySelector('hb-menu')?.toggle()
    const chat = this.#conversation?.chat.peek()
    if (!chat) return
    const panel = kind === 'members' ? peoplePanelOf(chat) : { kind }
    if (this.panel?.kind === panel.kind) void this.#closePanel()
    else this.#openPanel(panel, { wantsFocus: true })
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('keydown', this.#onKeyDown)
    if (this.hasUpdated) this.#systemBack.update(this.panel !== undefined)
    this.addEventListener('hb-open-panel', this.#onOpenPanel)
    this.addEventListener('hb-close-panel', this.#onClosePanel)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('keydown', this.#onKeyDown)
    this.#systemBack.update(false)
    this.#hideConversation()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.#conversation || changed.has('chatId') || changed.has('hub'))
      untracked(() => this.#changeConversation())
    if (changed.has('target') && this.target?.reply !== undefined) this.#composerInUse.expectThread()
    if (!this.#isShown && this.isConnected) {
      this.#isShown = true
      untracked(() => this.#conversation?.show())
    }
    if (this.#conversation) this.#openingPosition.update(this.hub, this.#conversation, this.target)
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
        ${this.#renderTimeline(conversation, chat, name)}
      </section>
      ${this.panel ? this.#renderPanel(this.panel, conversation) : nothing}
    `
  }

  protected override updated(changed: PropertyValues<this>): void {
    const gone = this.renderRoot.querySelector('.fill')?.querySelector('hb-empty-state')
    if (gone && !this.#isGone) void gone.updateComplete.then(() => this.#focusWayBack())
    this.#isGone = Boolean(gone)
    if (changed.has('panel')) {
      keepThread(this.chatId, this.panel?.kind === 'thread' ? this.panel.id : undefined)
      this.#systemBack.update(this.panel !== undefined)
    }
    if (!changed.has('chatId')) return
    if (this.panel?.kind === 'thread') void this.#focusThread(this.panel.from)
    else if (matchMedia('(pointer: fine)').matches) void this.#focusComposer()
  }

  /** The user was removed while the field had the focus. */
  #focusWayBack(): void {
    if (!deepActiveElement()) this.renderRoot.querySelector<HTMLElement>('.fill .button')?.focus()
  }

  /** On a phone the keyboard would cover the messages, so there the composer waits for a touch. */
  async #focusComposer(): Promise<void> {
    // A user who goes through search results stays in the panel. A link to a reply leads to the composer of its thread.
    if (this.panel?.kind === 'search' || this.#composerInUse.place === undefined) return
    const timeline = this.#timeline
    await timeline?.updateComplete
    if (this.#composerInUse.place === 'conversation' && !deepActiveElement()?.closest('dialog, input'))
      timeline?.focus()
  }

  #renderTimeline(conversation: Conversation, chat: ChatSummary, name: string): unknown {
    const isEmpty = conversation.items.value.length === 0
    const closed = closedReason(this.hub, chat)
    return html`<hb-timeline
      .hub=${this.hub}
      .conversation=${conversation}
      .timeline=${conversation}
      .isPositioned=${this.#openingPosition.isKnown}
      .isWritable=${closed === undefined}
      .firstUnreadNo=${conversation.firstUnreadNo.value}
      .unread=${chat.unread}
      .beginning=${guard([chat.id, chat.visibility, chat.picture, name, isEmpty], () =>
        isEmpty ? this.#renderEmpty(chat, name) : this.#renderBeginning(chat, name),
      )}
      .offlineText=${conversation.status.value === 'offline' ? t('messages.offlineText') : ''}
      .label=${t('messages.log', { name })}
      .placeholder=${composerPlaceholder(chat, name)}
      .hint=${this.#composerHint(conversation)}
      .dropText=${t('files.drop', { name })}
      .dropArea=${this}
    >
      ${closed ? this.#renderClosed(chat, closed) : nothing}
    </hb-timeline>`
  }

  #renderClosed(chat: ChatSummary, reason: ClosedReason): unknown {
    return html`<div class="closed" slot="closed">
      <p><hb-icon name=${closedIcons[reason]}></hb-icon>${t(`composer.${reason}`)}</p>
      ${
        reason === 'archived' && chat.role !== 'member'
          ? html`<button class="button small" @click=${() => void unarchiveChat(this.hub, chat, this)}>
              ${t('composer.restore')}
            </button>`
          : nothing
      }
    </div>`
  }

  #renderEmpty(chat: ChatSummary, name: string): unknown {
    const text = isNotes(chat)
      ? t('messages.noneNotes')
      : chat.kind === 'direct'
        ? t('messages.noneDirect', { name })
        : t('messages.noneGroup')
    return html`<hb-empty-state drawing="chat" .text=${text}></hb-empty-state>`
  }

  #renderBeginning(chat: ChatSummary, name: string): unknown {
    return html`<div class="begin">
      ${chatAvatar(this.hub, chat)}
      <p class="begin-name"><bdi>${name}</bdi></p>
      <p>${beginningText(chat, name)}</p>
    </div>`
  }

  #renderPanel(panel: SidePanel, conversation: Conversation): unknown {
    return html`<div class="scrim" @click=${() => void this.#closePanel()}></div>
      <aside class="panel" aria-label=${panelLabel(panel)} tabindex="-1">
        ${renderPanel(panel, { hub: this.hub, conversation })}
      </aside>`
  }

  #renderGone(): unknown {
    return html`<div class="column">
      <div class="fill">
        <hb-empty-state role="alert" drawing="lost" .text=${t('conversation.gone')}>
          <button class="button" @click=${() => this.#dispatch('hb-back')}>
            ${t('conversation.goneAction')}
          </button>
        </hb-empty-state>
      </div>
    </div>`
  }

  #composerHint(conversation: Conversation): string {
    const names = conversation.typing.value.map((userId) => this.hub.users.nameOf(userId)).filter(Boolean)
    const [a, b] = names
    if (a === undefined) return ''
    if (b === undefined) return t('conversation.typingOne', { a })
    return names.length === 2 ? t('conversation.typingTwo', { a, b }) : t('conversation.typingMany')
  }

  #changeConversation(): void {
    this.#hideConversation()
    this.#conversation = this.hub.conversation(this.chatId)
    this.#openingPosition.reset()
    this.#composerInUse.set('conversation')
    // A text may name a group that I am not a member of. If the groups cannot be loaded, its name is plain text.
    if (!this.hub.groups.ready.value) this.hub.groups.load().catch(() => undefined)
    // The list of members stays open in the next group. A user belongs to the chat where the panel was opened.
    if (this.panel && !staysOpenAcrossChats(this.panel)) this.panel = undefined
    const thread = takeKeptThread(this.chatId)
    if (thread !== undefined && this.target?.reply === undefined) {
      this.panel = { kind: 'thread', id: thread, from: 'view' }
      this.#composerInUse.set('thread')
    }
  }

  #hideConversation(): void {
    if (this.#isShown) this.#conversation?.hide()
    this.#isShown = false
  }

  #onOpenPanel = (event: HTMLElementEventMap['hb-open-panel']): void => {
    event.stopPropagation()
    this.#openPanel(event.detail, { wantsFocus: false })
  }

  #openPanel(panel: SidePanel, { wantsFocus }: { wantsFocus: boolean }): void {
    if (!this.panel) this.#opener = deepActiveElement()
    // The focus was in the panel that this one replaces, or the user works with the keyboard.
    wantsFocus ||=
      (this.#opener?.matches(':focus-visible') || this.#panelElement?.matches(':focus-within')) ?? false
    this.panel = panel
    if (this.panel.kind === 'thread') void this.#focusThread(this.panel.from)
    else {
      this.#composerInUse.set('conversation')
      void this.#focusPanel(wantsFocus)
    }
  }

  /** A panel that covers the conversation takes the focus from what it covers. */
  async #focusPanel(wantsFocus: boolean): Promise<void> {
    await this.updateComplete
    if (wantsFocus || !this.#isColumnVisible) this.#panelElement?.focus()
  }

  get #isColumnVisible(): boolean {
    const column = this.renderRoot.querySelector('.column')
    return column?.checkVisibility({ visibilityProperty: true }) ?? false
  }

  /** The field of a thread has the focus however it was opened, even before its element has rendered. */
  async #focusThread(from: 'reply' | 'view' | 'link'): Promise<void> {
    // The user began to write in the chat while the thread of a link was loading.
    if (from === 'link' && this.#composerInUse.place === 'conversation') return
    this.#composerInUse.set('thread')
    // On a phone the keyboard would cover the replies, unless the user is going to write one.
    if (from !== 'reply' && !matchMedia('(pointer: fine)').matches) return this.#focusPanel(false)
    await this.updateComplete
    const panel = this.#threadPanel
    await panel?.updateComplete
    panel?.focus()
    if (panel && deepActiveElement() === undefined) this.#panelElement?.focus()
  }

  #onClosePanel = (event: Event): void => {
    event.stopPropagation()
    void this.#closePanel()
  }

  async #closePanel(): Promise<void> {
    this.panel = undefined
    const opener = this.#opener
    this.#opener = undefined
    this.#composerInUse.set('conversation')
    // In a narrow window the panel hides what it covers.
    if (!this.#isColumnVisible) await this.updateComplete
    opener?.focus()
    // The opener may be gone, or hidden as the toolbar is.
    const hasFocus = opener?.isConnected && deepActiveElement() === opener
    if (!hasFocus && matchMedia('(pointer: fine)').matches) this.focus()
  }

  get #threadPanel(): (HTMLElement & { updateComplete: Promise<boolean> }) | null {
    return this.renderRoot.querySelector('hb-thread-panel')
  }

  get #panelElement(): HTMLElement | null {
    return this.renderRoot.querySelector('.panel')
  }

  /** Esc closes what is on top, here the panel; with nothing left to close it leads back to the composer. */
  #onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || isComposing(event) || event.key !== 'Escape') return
    if (closestAcrossRoots(deepActiveElement(), 'dialog, [popover]')) return
    if (this.panel) void this.#closePanel()
    else if (this.checkVisibility()) this.focus()
  }

  #dispatch(name: string): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }))
  }

  get #timeline(): HbTimeline | null {
    return this.renderRoot.querySelector('hb-timeline')
  }
}

function composerPlaceholder(chat: ChatSummary, name: string): string {
  if (isNotes(chat)) return t('composer.toNotes')
  return t(isNamedGroup(chat) ? 'composer.toGroup' : 'composer.toPerson', { name })
}

function beginningText(chat: ChatSummary, name: string): string {
  if (isNotes(chat)) return t('messages.beginNotes')
  return t(isNamedGroup(chat) ? 'messages.beginGroup' : 'messages.beginDirect', { name })
}

const closedIcons = { archived: 'archive', onlyAdmins: 'megaphone', accountClosed: 'lock' } as const

customElements.define('hb-conversation', HbConversation)

declare global {
  interface HTMLElementTagNameMap {
    'hb-conversation': HbConversation
  }
}
