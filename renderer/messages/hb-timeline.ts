import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import { isRequestError } from '../connection/request.ts'
import { fileDropStyles } from '../files/file-drop.ts'
import { TimelineFiles } from '../files/timeline-files.ts'
import { openDialog } from '../navigation/dialogs.ts'
import { openGroup } from '../navigation/open-group.ts'
import { openSidePanel } from '../navigation/side-panel.ts'
import { toggleReaction } from '../reactions/reactions.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import type { MessageItem } from '../state/message-item.ts'
import type { Timeline } from '../state/timeline.ts'
import { baseStyles } from '../styles/shared.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import { basicSource, conversationSource, type AutocompleteSource } from './autocomplete-sources.ts'
import { ComposerContext, composerContextStyles } from './composer-context.ts'
import { type Destination, goTo, goToTypedDate } from './go-to.ts'
import './hb-composer.ts'
import type { HbComposer } from './hb-composer.ts'
import './hb-message-list.ts'
import type { HbMessageList } from './hb-message-list.ts'
import { threadBeginning } from './thread-beginning.ts'
import { showMessage } from './show-message.ts'
import { createTimelineContext, type TimelineContext } from './timeline-context.ts'
import { isWindowActive } from './window-active.ts'
import { keepClear } from '../ui/keep-clear.ts'
import { deepActiveElement } from '../ui/focus.ts'
import { isComposing } from '../ui/keys.ts'

const noItems: readonly MessageItem[] = []

/** What the user has written is shown at once, also while the messages before it load. */
function unsentOf(items: readonly MessageItem[]): readonly MessageItem[] {
  const unsent = items.filter(({ no }) => no === undefined)
  return unsent.length === 0 ? noItems : unsent
}
const retryDelayMs = 2_000

/**
 * The messages of a chat or of a thread with their composer: replies, edits, files and read numbers.
 *
 * Slot `closed`: shown in place of the composer while the user may not write.
 */
export class HbTimeline extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    conversation: { attribute: false },
    timeline: { attribute: false },
    isPositioned: { attribute: false },
    isWritable: { attribute: false },
    firstUnreadNo: { attribute: false },
    unread: { attribute: false },
    parentItem: { attribute: false },
    beginning: { attribute: false },
    offlineText: { attribute: false },
    label: { attribute: false },
    composerLabel: { attribute: false },
    placeholder: { attribute: false },
    hint: { attribute: false },
    dropText: { attribute: false },
    dropArea: { attribute: false },
  }
  static override styles = [
    baseStyles,
    buttonStyles,
    composerContextStyles,
    fileDropStyles,
    css`
      :host {
        flex: 1;
        min-block-size: 0;
        display: flex;
        flex-direction: column;
      }
      .fill {
        flex: 1;
        min-block-size: 0;
        display: grid;
        place-content: center;
        overflow-y: auto;
      }
      hb-composer {
        flex: none;
      }
      @media print {
        :host {
          display: block;
        }
        hb-composer,
        .writing {
          display: none;
        }
      }
    `,
  ]

  declare hub: Hub
  /** The chat, also of a thread. */
  declare conversation: Conversation
  /** The conversation itself, or a thread of it. */
  declare timeline: Timeline
  /** False while the messages are held back, because others than the newest are loading to open at. */
  declare isPositioned: boolean
  declare isWritable: boolean
  declare firstUnreadNo: number | undefined
  declare unread: number
  /** The message above the first one, if this is a thread. */
  declare parentItem: MessageItem | undefined
  /** A template above the first message, if there is no parent. */
  declare beginning: unknown
  /** Shown in place of the messages; '' while there are messages, or they are loading. */
  declare offlineText: string
  declare label: string
  /** The name of the composer, if the placeholder is too short for one. */
  declare composerLabel: string | undefined
  declare placeholder: string
  declare hint: string
  declare dropText: string
  /** The element that files can be dropped on and pasted into: usually larger than this element. */
  declare dropArea: HTMLElement

  readonly #composerContext = new ComposerContext(this)
  readonly #files = new TimelineFiles(this, {
    hub: () => this.hub,
    timeline: () => this.timeline,
    dropArea: () => this.dropArea,
    items: () => [...(this.parentItem ? [this.parentItem] : []), ...this.timeline.items.peek()],
    composer: () => this.#composer,
  })
  #context: TimelineContext | undefined
  #autocompleteSource: AutocompleteSource = basicSource
  #atEnd = false
  #retryTimer = 0
  #endKeepClear: (() => void) | undefined

  constructor() {
    super()
    this.isPositioned = true
    this.isWritable = true
    this.firstUnreadNo = undefined
    this.unread = 0
    this.parentItem = undefined
    this.beginning = nothing
    this.offlineText = ''
    this.composerLabel = undefined
    this.placeholder = ''
    this.hint = ''
  }

  /** Focuses the composer, if there is one. */
  override focus(): void {
    this.#composer?.focus()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('focus', this.#markReadIfVisible)
    document.addEventListener('visibilitychange', this.#markReadIfVisible)
    this.#endKeepClear = keepClear(() => this.renderRoot.querySelectorAll('.writing, hb-composer'))
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('focus', this.#markReadIfVisible)
    document.removeEventListener('visibilitychange', this.#markReadIfVisible)
    this.#endKeepClear?.()
    clearTimeout(this.#retryTimer)
    this.#retryTimer = 0
  }

  protected override async getUpdateComplete(): Promise<boolean> {
    const complete = await super.getUpdateComplete()
    await this.#composer?.updateComplete
    return complete
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('timeline') || changed.has('conversation') || changed.has('hub')) {
      untracked(() => this.#changeTimeline())
    }
    this.#composerContext.setTarget(this.timeline.chatId, this.timeline.threadId)
  }

  protected override render(): unknown {
    return html`
      ${this.offlineText === '' ? this.#renderMessages() : this.#renderOffline()}
      ${this.isWritable ? this.#renderComposer() : html`<slot name="closed"></slot>`}
      ${this.#files.renderDropOverlay(this.dropText)} ${this.#files.renderViewer()}
    `
  }

  protected override updated(): void {
    untracked(() => this.#markReadIfVisible())
  }

  #renderMessages(): unknown {
    const { timeline } = this
    const context = this.#context as TimelineContext
    return keyed(
      timeline.threadId ?? timeline.chatId,
      html`<hb-message-list
        @keydown=${this.#onListKey}
        .context=${context}
        .items=${this.isPositioned ? timeline.items.value : unsentOf(timeline.items.value)}
        .events=${timeline.events?.value}
        .firstUnreadNo=${this.firstUnreadNo}
        .shownAround=${timeline.shownAround.value}
        .unread=${this.unread}
        .hasOlder=${timeline.hasOlder.value}
        .hasNewer=${timeline.hasNewer.value}
        .loading=${!this.isPositioned || timeline.status.value !== 'ready'}
        .loadingOlder=${timeline.loadingOlder.value}
        .loadingNewer=${timeline.loadingNewer.value}
        .beginning=${this.parentItem ? threadBeginning(this.parentItem, context) : this.beginning}
        .startedAt=${this.parentItem?.at}
        .itemInUse=${this.#composerContext.messageId}
        ?thread=${this.parentItem !== undefined}
        .label=${this.label}
        @hb-load-older=${() => this.#retryTimer || this.#loadWithRetry(timeline.loadOlder())}
        @hb-load-newer=${() => this.#retryTimer || this.#loadWithRetry(timeline.loadNewer())}
        @hb-jump-to-end=${() => this.#loadWithRetry(timeline.jumpToEnd())}
        @hb-at-end-change=${this.#onAtEndChange}
        @hb-retry=${({ detail }: CustomEvent<{ cid: string }>) => timeline.retry(detail.cid)}
        @hb-discard=${({ detail }: CustomEvent<{ cid: string }>) => timeline.discard(detail.cid)}
        @hb-react=${({ detail }: CustomEvent<{ item: MessageItem; emoji: string }>) => void toggleReaction(this.hub, detail.item, detail.emoji, this)}
        @hb-thread=${({ detail }: CustomEvent<{ item: MessageItem }>) => this.#openThread(detail.item)}
        @hb-jump=${this.#onJump}
        @hb-go=${({ detail }: CustomEvent<Destination>) => void goTo(this, this, detail)}
        @hb-read-by=${({ detail }: CustomEvent<{ item: MessageItem }>) => openDialog(this, { kind: 'read-by', item: detail.item })}
        @hb-open-user=${({ detail }: CustomEvent<{ userId: string }>) => openSidePanel(this, { kind: 'user', userId: detail.userId })}
        @hb-open-group=${({ detail }: CustomEvent<{ chatId: string }>) => void openGroup(this.hub, this, detail.chatId)}
        @hb-open-file=${({ detail }: CustomEvent<{ fileId?: string }>) => this.#files.openPicture(detail.fileId)}
        @hb-choose-file=${({ detail }: CustomEvent<{ uploadId: string }>) => void this.#files.chooseAgain(detail.uploadId)}
      ></hb-message-list>`,
    )
  }

  /** A draft or an edit is preserved while the user may not write. */
  #renderComposer(): unknown {
    const { timeline } = this
    return html`${this.#composerContext.renderBar()}<hb-composer
        .chatId=${this.#composerContext.key}
        .draft=${this.#composerContext.text ?? timeline.draft.value}
        .original=${this.#composerContext.original}
        .label=${this.composerLabel}
        .placeholder=${this.placeholder}
        .hint=${this.hint}
        .autocompleteSource=${this.#autocompleteSource}
        .hasAttachments=${this.#composerContext.hasFiles ?? this.#files.hasAttachments}
        @hb-send=${this.#onSend}
        @hb-edit-last=${this.#editLastMessage}
        @hb-draft=${({ detail }: CustomEvent<{ text: string }>) =>
          this.#composerContext.saveEditDraft(detail.text) || timeline.setDraft(detail.text)}
        @hb-typing=${() => timeline.notifyTyping()}
        @hb-attach-text=${this.#onAttachText}
        @hb-go-to-date=${this.#onTypedDate}
        @keydown=${this.#onComposerKey}
        >${this.#files.renderComposerParts()}</hb-composer
      >`
  }

  #renderOffline(): unknown {
    return html`<div class="fill">
      <hb-empty-state drawing="offline" .text=${this.offlineText}></hb-empty-state>
    </div>`
  }

  #changeTimeline(): void {
    const { hub, conversation, timeline } = this
    this.#atEnd = false
    this.#autocompleteSource = conversationSource(hub, conversation)
    this.#context = createTimelineContext({
      ...{ hub, conversation, timeline, from: this },
      composerActions: () => {
        if (!this.#composer) return undefined
        return {
          reply: (item) => this.#composerContext.reply(item),
          edit: (item) => this.#composerContext.edit(item),
        }
      },
    })
  }

  /** The last message of mine that can still be edited. */
  #editLastMessage = (event: Event): void => {
    event.stopPropagation()
    const item = this.timeline.items
      .peek()
      .findLast(({ isMine, deleted, id }) => isMine && !deleted && id !== undefined)
    const edit = item && this.#context?.actionsOf(item).find(({ name }) => name === 'edit')
    if (edit) void edit.run(this)
  }

  #onSend = ({ detail }: CustomEvent<{ text: string }>): void => {
    if (this.#composerContext.submitEdit(detail.text)) return
    this.timeline.send(detail.text, this.#composerContext.consumeReply())
    this.#list?.scrollToEnd()
  }

  /** Users scroll back while they write, without moving the focus. */
  #onComposerKey = (event: KeyboardEvent): void => {
    if (isComposing(event)) return
    if (event.key === 'Escape' && this.#composerContext.isActive && !event.defaultPrevented) {
      event.preventDefault()
      this.#composerContext.cancel()
      return
    }
    if ((event.key !== 'PageUp' && event.key !== 'PageDown') || event.shiftKey || event.ctrlKey) return
    event.preventDefault()
    this.#list?.scrollByPage(event.key === 'PageUp' ? -1 : 1)
  }

  /** Esc leads from a message to the composer. */
  #onListKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented || !this.#composer) return
    if (!deepActiveElement()?.matches('article, #scroller')) return
    event.preventDefault()
    this.#composer.focus()
  }

  #onAttachText = (event: CustomEvent<{ text: string }>): void => {
    if (!this.#files.addText(event.detail.text)) event.preventDefault()
  }

  #onTypedDate = (event: CustomEvent<{ text: string }>): void => {
    if (!goToTypedDate(this, this.hub, this.conversation, event.detail.text)) event.preventDefault()
  }

  #openThread({ id }: MessageItem): void {
    if (id !== undefined) openSidePanel(this, { kind: 'thread', id, from: 'view' })
  }

  /** A reply in a thread may quote a message of the chat. */
  #onJump = ({ detail }: CustomEvent<{ no: number; id: string }>): void => {
    const isHere = this.timeline.messages.some(({ id }) => id === detail.id)
    void showMessage(this, isHere ? this.timeline : this.conversation, detail.no)
  }

  #onAtEndChange = ({ detail }: CustomEvent<{ atEnd: boolean }>): void => {
    this.#atEnd = detail.atEnd
    this.#markReadIfVisible()
  }

  /** A message counts as read if it was on screen in a visible window with the focus, down to the end. */
  #markReadIfVisible = (): void => {
    const isAtEnd = this.#atEnd || this.timeline.items.peek().length === 0
    if (isAtEnd && this.isConnected && isWindowActive()) this.timeline.markRead()
  }

  /** After a failure the list requests the messages again in a while, if it still lacks them. */
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

  get #composer(): HbComposer | null {
    return this.renderRoot.querySelector('hb-composer')
  }

  get #list(): HbMessageList | null {
    return this.renderRoot.querySelector('hb-message-list')
  }
}

customElements.define('hb-timeline', HbTimeline)

declare global {
  interface HTMLElementTagNameMap {
    'hb-timeline': HbTimeline
  }
}
