// The context of a composer: the message that the user replies to, or the message that is edited.
//
// - An edit is cached like a draft, through reload and logout, until the user saves or cancels it. `state/edits.ts`
//   handles saved edits. An edit that the hub refuses returns here, with the reason.
import { css, html, nothing, type LitElement } from 'lit'
import type { Message } from '../../shared/contract/messages.ts'
import type { Hub } from '../state/hub.ts'
import { quoteText } from '../state/recent-messages.ts'
import type { EditDraft } from '../state/edit-drafts.ts'
import type { MessageItem } from '../state/message-item.ts'
import { t } from '../text/t.ts'
import { quoteStyles, quoteThumbnail, quoteLabel } from './quote.ts'
import '../ui/hb-icon.ts'

type ComposerHost = LitElement & { hub: Hub; focus(): void }

export class ComposerContext {
  readonly #host: ComposerHost
  #chatId = ''
  /** The id of a chat or a thread. */
  #targetId = ''
  #replyTo: NonNullable<Message['replyTo']> | undefined
  /** The composer clears its text after an edit was saved. That must not clear the draft of the chat. */
  #isClearing = false

  constructor(host: ComposerHost) {
    this.#host = host
  }

  /** Call before each render. */
  setTarget(chatId: string, thread?: string): void {
    const targetId = thread ?? chatId
    if (targetId === this.#targetId) return
    this.#chatId = chatId
    this.#targetId = targetId
    this.#replyTo = undefined
  }

  get isActive(): boolean {
    return this.#replyTo !== undefined || this.#edit !== undefined
  }

  /** The message that the user answers or edits. */
  get messageId(): string | undefined {
    return this.#edit?.id ?? this.#replyTo?.id
  }

  /** Identifies the context: the composer loads the draft again when the key changes. */
  get key(): string {
    const edit = this.#edit
    // A refused edit has another key, so the composer loads it again.
    return edit ? `${this.#targetId}/${edit.id}/${edit.problem ?? ''}` : this.#targetId
  }

  /** The text of the edit; undefined while there is none. */
  get text(): string | undefined {
    return this.#edit?.text
  }

  /** The text of the edited message before the edit; undefined while there is no edit. */
  get original(): string | undefined {
    const edit = this.#edit
    return edit && (edit.original ?? '')
  }

  /** True if the edited message has files: then it needs no text. Undefined while there is no edit. */
  get hasFiles(): boolean | undefined {
    const edit = this.#edit
    return edit && (edit.hasFiles ?? false)
  }

  reply(item: MessageItem): void {
    const { id, no, author } = item
    if (id === undefined || no === undefined || author === undefined) return
    this.#discardEdit()
    this.#replyTo = { id, no, author, ...quoteText(item) }
    this.#focusHost()
  }

  edit(item: MessageItem): void {
    if (item.id === undefined || item.rev === undefined) return
    this.#replyTo = undefined
    const { id, rev, text } = item
    this.#saveEdit({ id, rev, text, original: text, hasFiles: item.attachments.length > 0 })
    this.#focusHost()
  }

  cancel(): void {
    this.#replyTo = undefined
    this.#discardEdit()
    this.#focusHost()
  }

  /** Returns true if the text belongs to an edit. Then it is not the draft of the chat. */
  saveEditDraft(text: string): boolean {
    const edit = this.#edit
    if (!edit) {
      const isEmptying = this.#isClearing && text === ''
      this.#isClearing = false
      return isEmptying
    }
    if (text !== edit.text) this.#saveEdit({ ...edit, text })
    return true
  }

  /** Saves the text if it is an edit. Returns false if there is no edit, so that the text is sent as a message. */
  submitEdit(text: string): boolean {
    const edit = this.#edit
    if (!edit) return false
    const { id, rev, hasFiles } = edit
    this.#discardEdit()
    this.#isClearing = true
    if (text === edit.original) return true
    void this.#host.hub.edits.save({
      ...{ id, rev, text, hasFiles, chatId: this.#chatId, draftKey: this.#targetId },
    })
    return true
  }

  consumeReply(): Message['replyTo'] {
    const replyTo = this.#replyTo
    this.#replyTo = undefined
    return replyTo
  }

  renderBar(): unknown {
    const edit = this.#edit
    if (!edit && !this.#replyTo) return nothing
    const words = edit
      ? t('composer.editing')
      : t('composer.replying', { name: this.#host.hub.users.nameOf(this.#replyTo?.author ?? '') })
    const problem = edit?.problem
    return html`<div class="writing ${problem ? 'wrong' : ''}">
      <hb-icon name=${edit ? 'edit' : 'reply'}></hb-icon>
      ${this.#replyTo ? quoteThumbnail(this.#replyTo, (id, size) => this.#host.hub.fileAddress(id, size)) : nothing}
      <p>
        <b><bdi>${words}</bdi></b>
        <span role="status" dir="auto"
          >${problem ?? (this.#replyTo && quoteLabel(this.#replyTo, this.#host.hub.users.mentionText))}</span
        >
      </p>
      <button
        class="icon-button"
        aria-label=${t('common.cancel')}
        data-tip=${t('composer.cancel')}
        @click=${() => this.cancel()}
      >
        <hb-icon name="close"></hb-icon>
      </button>
    </div>`
  }

  #focusHost(): void {
    this.#host.requestUpdate()
    void this.#host.updateComplete.then(() => this.#host.focus())
  }

  get #edit(): EditDraft | undefined {
    return this.#targetId === '' ? undefined : this.#host.hub.editDrafts.get(this.#targetId)
  }

  #saveEdit(edit: EditDraft): void {
    this.#host.hub.editDrafts.set(this.#targetId, edit)
  }

  #discardEdit(): void {
    this.#host.hub.editDrafts.set(this.#targetId, undefined)
  }
}

export const composerContextStyles = css`
  ${quoteStyles}
  .writing {
    flex: none;
    display: flex;
    align-items: center;
    gap: var(--space-2);
    margin-inline: max(
      calc(var(--timeline-inset) + var(--space-2)),
      calc((100% - var(--timeline-column)) / 2 + var(--space-2))
    );
    padding-inline: var(--space-3) var(--space-1);
    border-inline-start: 3px solid var(--color-accent);
    border-radius: 2px var(--radius-control) var(--radius-control) 2px;
    background: var(--color-surface-hover);
    color: var(--color-text-muted);
    font: var(--type-secondary);
  }
  .writing.wrong {
    border-color: var(--color-danger);
  }
  .writing.wrong span {
    color: var(--color-danger);
    white-space: normal;
  }
  .writing p {
    flex: 1;
    min-inline-size: 0;
    padding-block: 5px;
  }
  .writing b,
  .writing span {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  .writing b {
    color: var(--color-text);
    font-weight: 600;
  }
`
