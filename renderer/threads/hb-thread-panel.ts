import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { ConversationFiles } from '../files/conversation-files.ts'
import { fileDropStyles } from '../files/file-drop.ts'
import { isRequestError } from '../link/request.ts'
import { closeButton } from '../messages/close-panel.ts'
import { actionsOn } from '../messages/message-actions.ts'
import '../messages/hb-composer.ts'
import type { HbComposer } from '../messages/hb-composer.ts'
import '../messages/hb-message-list.ts'
import type { HbMessageList } from '../messages/hb-message-list.ts'
import { placeOfLink } from '../messages/message-links.ts'
import { messageRow } from '../messages/message-row.ts'
import { openGroup } from '../messages/open-group.ts'
import { openPanel } from '../messages/panel.ts'
import { noNames } from '../messages/message-text.ts'
import { offersIn, plainOffers, type Offers } from '../messages/offers.ts'
import { textNames } from '../messages/text-names.ts'
import { Writing, writingStyles } from '../messages/writing.ts'
import { toggleReaction } from '../reactions/reactions.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import { itemOfMessage, type MessageItem } from '../state/message-item.ts'
import type { OpenThread } from '../state/open-thread.ts'
import { SignalWatcher, untracked } from '../state/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { explain } from '../ui/explain.ts'
import '../ui/hb-empty.ts'
import '../ui/hb-icon.ts'
import { notify } from '../ui/hb-toasts.ts'
import { panelStyles } from '../ui/panel-styles.ts'

/** A message and what was answered to it, with a composer of its own: a panel (`messages/panels.ts`). */
export class HbThreadPanel extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    conversation: { attribute: false },
    messageId: { attribute: false },
  }
  declare hub: Hub
  declare conversation: Conversation
  declare messageId: string

  readonly #writing = new Writing(this)
  readonly #files = new ConversationFiles(this, {
    hub: () => this.hub,
    place: () => this.#thread,
    items: () => this.#withParent(),
  })
  #thread: OpenThread | undefined
  #namesOf: HbMessageList['namesOf'] = () => noNames
  #offers: Offers = plainOffers
  #atEnd = false

  static override styles = [
    baseStyles,
    buttonStyles,
    panelStyles,
    writingStyles,
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
    addEventListener('focus', this.#look)
    document.addEventListener('visibilitychange', this.#look)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('focus', this.#look)
    document.removeEventListener('visibilitychange', this.#look)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('messageId') || changed.has('conversation')) {
      untracked(() => {
        this.#thread = this.hub.threads.open(this.conversation.chatId, this.messageId)
        this.#namesOf = textNames(this.hub, this.conversation)
        this.#offers = offersIn(this.hub, this.conversation)
      })
    }
    this.#writing.at(this.conversation.chatId, this.messageId)
  }

  protected override render(): unknown {
    const chat = this.conversation.chat.value
    const thread = this.#thread
    if (!chat || !thread) return nothing
    return html`
      <div class="bar">
        <h2>${t('threads.title')}</h2>
        ${this.#follow()} ${closeButton(this)}
      </div>
      ${this.#messages(thread)} ${this.#composerOf(thread, chat)}
      ${this.#files.overlay(t('files.dropInThread'))} ${this.#files.viewer()}
    `
  }

  protected override updated(changed: PropertyValues<this>): void {
    untracked(() => this.#look())
    if (changed.has('messageId') && matchMedia('(pointer: fine)').matches) this.focus()
  }

  #follow(): unknown {
    const following = this.hub.threads.get(this.messageId)?.following ?? false
    return html`<button
      class="button small follow"
      aria-pressed=${following}
      @click=${() => this.#tell(this.hub.threads.setFollowing(this.messageId, !following))}
    >
      <hb-icon name=${following ? 'check' : 'bell'} .size=${14}></hb-icon>
      ${t(following ? 'threads.following' : 'threads.follow')}
    </button>`
  }

  #messages(thread: OpenThread): unknown {
    if (!thread.ready.value && this.hub.linkState.value !== 'live' && thread.items.value.length === 0) {
      return html`<div class="fill">
        <hb-empty drawing="offline" .text=${t('threads.offline')}></hb-empty>
      </div>`
    }
    return keyed(
      thread.id,
      html`<hb-message-list
        .items=${thread.items.value}
        .nameOf=${this.#nameOf}
        .pictureOf=${this.#pictureOf}
        .isBot=${this.#isBot}
        .namesOf=${this.#namesOf}
        .stateOf=${this.#stateOf}
        .actionsOf=${this.#actionsOf}
        .files=${this.#files.view}
        .me=${this.#me}
        .saved=${this.hub.saved.ids.value}
        .placeOfLink=${this.#placeOfLink}
        .shownAround=${thread.shownAround.value}
        .moreBefore=${thread.hasOlder.value}
        .loading=${!thread.ready.value}
        .loadingBefore=${thread.loadingOlder.value}
        .beginning=${this.#beginning(thread)}
        .label=${t('threads.log')}
        @hb-older=${() => this.#tell(thread.loadOlder())}
        @hb-end=${this.#onEnd}
        @hb-retry=${(event: CustomEvent<{ cid: string }>) => thread.retry(event.detail.cid)}
        @hb-discard=${(event: CustomEvent<{ cid: string }>) => thread.discard(event.detail.cid)}
        @hb-person=${(event: CustomEvent<{ userId: string }>) => openPanel(this, { kind: 'person', userId: event.detail.userId })}
        @hb-group=${(event: CustomEvent<{ chatId: string }>) => void openGroup(this.hub, this, event.detail.chatId)}
        @hb-react=${({ detail }: CustomEvent<{ item: MessageItem; emoji: string }>) => void toggleReaction(this.hub, detail.item, detail.emoji, this)}
        @hb-jump=${this.#onJump}
        @hb-view=${(event: CustomEvent<{ fileId?: string }>) => this.#files.open(event.detail.fileId)}
      ></hb-message-list>`,
    )
  }

  #withParent(): readonly MessageItem[] {
    const thread = this.#thread
    if (!thread) return []
    const parent = this.conversation.items.peek().filter(({ id }) => id === thread.id)
    return [...parent, ...thread.items.peek()]
  }

  /** The message that it all hangs on. */
  #beginning(thread: OpenThread): unknown {
    const message =
      this.hub.threads.get(thread.id)?.message ??
      this.conversation.messages.find(({ id }) => id === thread.id) ??
      thread.parent
    if (!message) return nothing
    const item = itemOfMessage(thread.chatId, message, this.#me)
    return messageRow(
      { ...item, replies: undefined },
      {
        first: true,
        isNew: false,
        name: item.author === undefined ? '' : this.#nameOf(item.author),
        bot: item.author !== undefined && this.#isBot(item.author),
        picture: item.author === undefined ? '' : this.#pictureOf(item.author),
        state: undefined,
        unfolded: true,
        files: this.#files.view,
        current: false,
        found: false,
        saved: item.id !== undefined && this.hub.saved.ids.value.has(item.id),
        names: this.#namesOf(item),
        callsMe: false,
        me: this.#me,
        nameOf: this.#nameOf,
        pictureOf: this.#pictureOf,
      },
    )
  }

  #composerOf(thread: OpenThread, chat: ChatSummary): unknown {
    if (chat.archived) return html`<p class="closed">${t('composer.archived')}</p>`
    if (chat.posting === 'admins' && chat.role === 'member')
      return html`<p class="closed">${t('composer.onlyAdmins')}</p>`
    if (chat.peer !== undefined && this.hub.people.get(chat.peer)?.deactivated)
      return html`<p class="closed">${t('composer.accountClosed')}</p>`
    return html`${this.#writing.bar()}<hb-composer
        .chatId=${this.#writing.key}
        .draft=${this.#writing.text ?? thread.draft.value}
        .label=${t('actions.thread')}
        .placeholder=${t('threads.reply')}
        .hint=${this.hub.linkState.value === 'waiting' ? t('conversation.offline') : ''}
        .offers=${this.#offers}
        .hasTray=${this.#files.hasAny}
        @hb-send=${this.#onSend}
        @hb-edit-last=${this.#editLast}
        @hb-draft=${(event: CustomEvent<{ text: string }>) =>
          this.#writing.takeDraft(event.detail.text) || thread.setDraft(event.detail.text)}
        @keydown=${this.#onComposerKey}
        >${this.#files.besideWords()}</hb-composer
      >`
  }

  #onSend = (event: CustomEvent<{ text: string }>): void => {
    if (this.#writing.takeSend(event.detail.text)) return
    this.#thread?.send(event.detail.text, this.#writing.takeAnswered())
    this.renderRoot.querySelector('hb-message-list')?.toEnd()
  }

  /** The last one that can still be edited. */
  #editLast = (event: Event): void => {
    event.stopPropagation()
    const item = this.#thread?.items
      .peek()
      .findLast(({ mine, deleted, id }) => mine && !deleted && id !== undefined)
    const edit = item && this.#actionsOf(item).find(({ name }) => name === 'edit')
    if (edit) void edit.run(this)
  }

  #onComposerKey = (event: KeyboardEvent): void => {
    // what is typed here is meant for here
    if (event.key.length === 1) event.stopPropagation()
    if (event.key !== 'Escape' || !this.#writing.isOn || event.defaultPrevented) return
    event.preventDefault()
    this.#writing.cancel()
  }

  #onJump = ({ detail }: CustomEvent<{ no: number; id: string }>): void => {
    const held = this.#thread?.messages.find(({ id }) => id === detail.id)
    if (held) this.#tell(this.#thread?.showAround(held.no) ?? Promise.resolve())
    else this.#tell(this.conversation.showAround(detail.no))
  }

  #onEnd = (event: CustomEvent<{ atEnd: boolean }>): void => {
    this.#atEnd = event.detail.atEnd
    this.#look()
  }

  #look = (): void => {
    if (this.#atEnd && this.isConnected) this.#thread?.seen()
  }

  #actionsOf: HbMessageList['actionsOf'] = (item) => {
    const chat = this.conversation.chat.peek()
    if (!chat) return []
    const parentNo = this.hub.threads.get(this.messageId)?.message.no
    const write = this.#composer
      ? {
          reply: (each: MessageItem) => this.#writing.reply(each),
          edit: (each: MessageItem) => this.#writing.edit(each),
        }
      : {}
    return actionsOn(item, { hub: this.hub, chat, from: this, threadNo: parentNo, ...write })
  }

  #nameOf = (userId: string): string => this.hub.people.nameOf(userId)
  #pictureOf = (userId: string): string => this.hub.pictureOf(userId)
  #placeOfLink: HbMessageList['placeOfLink'] = (link) => placeOfLink(this.hub, link)
  #isBot = (userId: string): boolean => this.hub.people.get(userId)?.bot === true
  #stateOf: HbMessageList['stateOf'] = (item) =>
    item.pending ?? (item.mine && !item.deleted ? 'sent' : undefined)

  get #me(): string {
    return this.hub.session.me.value?.id ?? ''
  }

  get #composer(): HbComposer | null {
    return this.renderRoot.querySelector('hb-composer')
  }

  #tell(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!isRequestError(error)) throw error
      notify(this, { text: explain(error), tone: 'danger' })
    })
  }
}

customElements.define('hb-thread-panel', HbThreadPanel)

declare global {
  interface HTMLElementTagNameMap {
    'hb-thread-panel': HbThreadPanel
  }
}
