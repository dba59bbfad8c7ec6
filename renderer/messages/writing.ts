// What stands in a composer beside its text: the message that is answered, or the one that is edited.
//
// - An edit is kept like a draft, through reload and logout, until the hub has it or the person gives it up.
// - While the hub is away it waits and says so; it goes out by itself when the hub is back and the chat is on screen.
import { css, html, nothing, type LitElement, type ReactiveController } from 'lit'
import type { Message } from '../../shared/contract/messages.ts'
import { isRequestError } from '../link/request.ts'
import type { Hub } from '../state/hub.ts'
import { wordsOfQuote } from '../sync/tails.ts'
import type { MessageItem } from '../state/message-item.ts'
import { t } from '../text/t.ts'
import { quoteStyles, thumbOf, wordsIn } from '../threads/quote.ts'
import '../ui/hb-icon.ts'

interface Edit {
  readonly id: string
  /** What it is based on. */
  readonly rev: number
  readonly text: string
  /** Goes out as soon as it can. */
  readonly waits: boolean
}

type Host = LitElement & { hub: Hub; focus(): void }

export class Writing implements ReactiveController {
  readonly #host: Host
  readonly #revOf: (messageId: string) => number | undefined
  #place = ''
  #answered: NonNullable<Message['replyTo']> | undefined
  #problem = ''
  #saving = false
  #round = 0

  /** `revOf`: of a message as it stands on screen now. */
  constructor(host: Host, revOf: (messageId: string) => number | undefined) {
    this.#host = host
    this.#revOf = revOf
    host.addController(this)
  }

  hostUpdated(): void {
    if (this.#edit?.waits && !this.#saving && this.#host.hub.linkState.peek() === 'live') void this.#save()
  }

  /** Of a chat or a thread. Call before each drawing. */
  at(place: string): void {
    if (place === this.#place) return
    this.#place = place
    this.#answered = undefined
    this.#problem = ''
  }

  get isOn(): boolean {
    return this.#answered !== undefined || this.#edit !== undefined
  }

  /** What the composer is told it stands in: it takes over the draft when that changes. */
  get key(): string {
    return this.#edit ? `${this.#place}/${this.#edit.id}/${this.#round}` : this.#place
  }

  /** The text of an edit; nothing while none is on. */
  get text(): string | undefined {
    return this.#edit?.text
  }

  reply(item: MessageItem): void {
    const { id, no, author } = item
    if (id === undefined || no === undefined || author === undefined) return
    this.#drop()
    this.#answered = { id, no, author, ...wordsOfQuote(item) }
    this.#begin()
  }

  edit(item: MessageItem): void {
    if (item.id === undefined || item.rev === undefined) return
    this.#answered = undefined
    this.#problem = ''
    this.#keep({ id: item.id, rev: item.rev, text: item.text, waits: false })
    this.#begin()
  }

  cancel(): void {
    this.#answered = undefined
    this.#drop()
    this.#begin()
  }

  /** True when the text was that of an edit: then it is none of the chat's draft. */
  takeDraft(text: string): boolean {
    const edit = this.#edit
    if (!edit) return false
    if (!this.#saving && text !== edit.text) this.#keep({ ...edit, text, waits: false })
    return true
  }

  /** True when it was an edit. Otherwise `answered` goes along with what is sent, once. */
  takeSend(text: string): boolean {
    const edit = this.#edit
    if (!edit) return false
    this.#keep({ ...edit, text, waits: true })
    void this.#save()
    return true
  }

  takeAnswered(): Message['replyTo'] {
    const answered = this.#answered
    this.#answered = undefined
    return answered
  }

  bar(): unknown {
    const edit = this.#edit
    if (!edit && !this.#answered) return nothing
    const words = edit
      ? t('writing.editing')
      : t('writing.answering', { name: this.#host.hub.people.nameOf(this.#answered?.author ?? '') })
    return html`<div class="writing ${this.#problem ? 'wrong' : ''}">
      <hb-icon name=${edit ? 'edit' : 'reply'}></hb-icon>
      ${this.#answered ? thumbOf(this.#answered, (id, size) => this.#host.hub.fileAddress(id, size)) : nothing}
      <p>
        <b><bdi>${words}</bdi></b>
        <span role="status" dir="auto">${this.#problem || (this.#answered && wordsIn(this.#answered))}</span>
      </p>
      <button
        class="icon-button"
        aria-label=${t('common.cancel')}
        title=${t('writing.cancel')}
        @click=${() => this.cancel()}
      >
        <hb-icon name="close"></hb-icon>
      </button>
    </div>`
  }

  async #save(): Promise<void> {
    const edit = this.#edit
    if (!edit) return
    this.#saving = true
    const place = this.#place
    try {
      const { id, text, rev } = edit
      await this.#host.hub.request('messages.edit', { messageId: id, text, rev })
      this.#saving = false
      if (place === this.#place) this.#problem = ''
      this.#host.hub.drafts.set(keyOf(place), '')
    } catch (error) {
      this.#saving = false
      if (!isRequestError(error)) throw error
      const waits = error.code === 'offline' || error.code === 'busy' || error.code === 'rate_limited'
      // whoever reads of the conflict and saves again means it
      const rev = error.code === 'conflict' ? (this.#revOf(edit.id) ?? edit.rev) : edit.rev
      this.#host.hub.drafts.set(keyOf(place), JSON.stringify({ ...edit, rev, waits }))
      if (place === this.#place) this.#problem = waits ? t('writing.waits') : error.message
      this.#round += 1
    }
    this.#host.requestUpdate()
  }

  #begin(): void {
    this.#host.requestUpdate()
    void this.#host.updateComplete.then(() => this.#host.focus())
  }

  get #edit(): Edit | undefined {
    const kept = this.#place === '' ? '' : this.#host.hub.drafts.get(keyOf(this.#place))
    return kept === '' ? undefined : (JSON.parse(kept) as Edit)
  }

  #keep(edit: Edit): void {
    this.#host.hub.drafts.set(keyOf(this.#place), JSON.stringify(edit))
  }

  #drop(): void {
    this.#problem = ''
    this.#host.hub.drafts.set(keyOf(this.#place), '')
  }
}

function keyOf(place: string): string {
  return `edit:${place}`
}

export const writingStyles = css`
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
