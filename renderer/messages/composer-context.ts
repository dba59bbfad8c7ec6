// What stands in a composer beside its text: the message that is answered, or the one that is edited.
//
// - An edit is kept like a draft, through reload and logout, until it is saved or the person gives it up. Saved, it is a matter
//   of `state/edits.ts`; what the hub then refuses comes back here, with the reason.
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
  /** A chat or a thread. */
  #targetId = ''
  #replyTo: NonNullable<Message['replyTo']> | undefined
  /** The composer empties itself after an edit was saved: the chat's own draft is none of that. */
  #isClearing = false

  constructor(host: ComposerHost) {
    this.#host = host
  }

  /** Call before each drawing. */
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

  /** What the composer is told it stands in: it takes over the draft when that changes. */
  get key(): string {
    const edit = this.#edit
    // what came back is taken over again
    return edit ? `${this.#targetId}/${edit.id}/${edit.problem ?? ''}` : this.#targetId
  }

  /** The text of an edit; nothing while none is on. */
  get text(): string | undefined {
    return this.#edit?.text
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
    this.#saveEdit({ id: item.id, rev: item.rev, text: item.text })
    this.#focusHost()
  }

  cancel(): void {
    this.#replyTo = undefined
    this.#discardEdit()
    this.#focusHost()
  }

  /** True when the text was that of an edit: then it is none of the chat's draft. */
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

  /** True when it was an edit. Otherwise `answered` goes along with what is sent, once. */
  submitEdit(text: string): boolean {
    const edit = this.#edit
    if (!edit) return false
    const { id, rev } = edit
    this.#discardEdit()
    this.#isClearing = true
    void this.#host.hub.edits.save({ id, rev, text, chatId: this.#chatId, draftKey: this.#targetId })
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
        <span role="status" dir="auto">${problem ?? (this.#replyTo && quoteLabel(this.#replyTo))}</span>
      </p>
      <button
        class="icon-button"
        aria-label=${t('common.cancel')}
        title=${t('composer.cancel')}
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
    margin-inline: var(--space-6);
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
  @media (max-width: 719px) {
    .writing {
      margin-inline: var(--space-3);
    }
  }
`
