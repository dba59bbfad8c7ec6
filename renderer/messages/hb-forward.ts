import { css, html, LitElement, nothing } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import { checkText } from '../../shared/text/message.ts'
import { findByName } from '../../shared/text/name-search.ts'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { renderProblem } from '../ui/form.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import { filesSummary } from '../files/file-display.ts'
import type { Hub } from '../state/hub.ts'
import type { MessageItem } from '../state/message-item.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { quoteText } from '../state/recent-messages.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-dialog.ts'
import { notify } from '../ui/hb-toasts.ts'
import { forwardedText } from './forwarded-text.ts'
import { quoteStyles, quoteThumbnail, quoteLabel } from './quote.ts'
import { moveActive } from '../ui/active-option.ts'
import { isComposing, isEnter } from '../ui/keys.ts'
import { chatAvatar } from '../users/avatars.ts'

const maxChats = 50

/** Forwards a message to another chat, as a quote with the name of its author. Its files are forwarded too. */
export class HbForward extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    item: { attribute: false },
    query: { state: true },
    activeId: { state: true },
    problem: { state: true },
  }
  declare hub: Hub
  declare item: MessageItem
  declare query: string
  /** The chat that Enter takes; '' until the user has moved. */
  declare activeId: string
  declare problem: string

  /** The places of the chats when the dialog opened: a message that arrives must not move another chat under the Enter. */
  #places: ReadonlyMap<string, number> | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    quoteStyles,
    css`
      .what {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        margin-block-end: var(--space-3);
        padding-inline-start: var(--space-2);
        border-inline-start: 3px solid var(--color-border-control);
        border-radius: 2px;
        font: var(--type-secondary);
      }
      .what p {
        flex: 1;
        min-inline-size: 0;
      }
      .what b {
        font-weight: 600;
      }
      .what b,
      .what span {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        text-align: -webkit-match-parent;
        text-align: match-parent;
      }
      .what span {
        color: var(--color-text-muted);
      }
      input {
        display: block;
        inline-size: 100%;
        min-block-size: 36px;
        padding: 5px var(--space-3);
        border: 1px solid var(--color-border-field);
        border-radius: var(--radius-control);
        background: var(--color-control);
        color: var(--color-text);
        font: var(--type-body);
      }
      .chats {
        max-block-size: min(320px, 45dvh);
        margin-block-start: var(--space-2);
      }
      [role='option'] {
        --avatar-size: 2rem;
        display: flex;
        align-items: center;
        gap: var(--space-3);
        min-block-size: 44px;
        padding-inline: var(--space-2);
        border-radius: var(--radius-control);
        cursor: pointer;
      }
      [role='option'] bdi {
        min-inline-size: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      [role='option'][aria-selected='true'] {
        background: var(--color-surface-selected);
      }
      .none {
        padding: var(--space-4);
        color: var(--color-text-muted);
        text-align: center;
      }
    `,
  ]

  constructor() {
    super()
    this.query = ''
    this.activeId = ''
    this.problem = ''
  }

  protected override render(): unknown {
    const chats = this.#matchingChats()
    const active = this.#activeOf(chats)
    return html`<hb-dialog .heading=${t('forward.title')} @hb-close=${this.#close}>
      ${this.#renderMessage()} ${renderProblem(this.problem)}
      <input
        autofocus
        type="text"
        maxlength=${limits.groupName}
        role="combobox"
        dir="auto"
        autocomplete="off"
        spellcheck="false"
        aria-label=${t('forward.filter')}
        aria-expanded="true"
        aria-autocomplete="list"
        aria-controls="chats"
        aria-activedescendant=${active >= 0 ? `chat-${active}` : nothing}
        placeholder=${t('forward.filter')}
        .value=${this.query}
        @input=${this.#onInput}
        @keydown=${this.#onKey}
      />
      <div class="chats scroll" id="chats" role="listbox" aria-label=${t('forward.title')}>
        ${chats.map((chat, index) => this.#renderChat(chat, index, active))}
      </div>
      <div role="status">
        ${chats.length === 0 ? html`<p class="none">${t('forward.none')}</p>` : nothing}
      </div>
      <button slot="actions" class="button" @click=${this.#close}>${t('common.cancel')}</button>
    </hb-dialog>`
  }

  /** The forwarded message. */
  #renderMessage(): unknown {
    const shown = quoteText(this.item)
    const files = shown.text === '' ? '' : filesSummary(shown.files)
    return html`<div class="what">
      ${quoteThumbnail(shown, (id, size) => this.hub.fileAddress(id, size))}
      <p>
        <b><bdi>${this.#author}</bdi></b>
        <span dir="auto">${quoteLabel(shown, this.hub.users.mentionText)}</span>
        ${files ? html`<span class="files">${files}</span>` : nothing}
      </p>
    </div>`
  }

  get #author(): string {
    return this.hub.users.nameOf(this.item.author ?? '')
  }

  #renderChat(chat: ChatSummary, index: number, active: number): unknown {
    return html`<div
      id="chat-${index}"
      role="option"
      aria-selected=${index === active}
      @pointermove=${() => (this.activeId = chat.id)}
      @pointerdown=${(event: Event) => event.preventDefault()}
      @click=${() => this.#send(chat)}
    >
      ${chatAvatar(this.hub, chat)}
      <bdi>${this.hub.chats.nameOf(chat)}</bdi>
    </div>`
  }

  /** A forwarded message cannot be called back: Enter sends it only to a chat that was typed or moved to. */
  #activeOf(chats: readonly ChatSummary[]): number {
    if (this.activeId !== '') return chats.findIndex(({ id }) => id === this.activeId)
    return this.query.trim() && chats.length > 0 ? 0 : -1
  }

  #onInput = (event: Event): void => {
    this.query = (event.target as HTMLInputElement).value
    this.activeId = ''
  }

  #onKey = (event: KeyboardEvent): void => {
    if (isComposing(event)) return
    const chats = this.#matchingChats()
    const active = this.#activeOf(chats)
    const chat = chats[active]
    const next = moveActive(event.key, active, chats.length)
    if (next !== undefined) this.#setActive(chats, next)
    else if (isEnter(event) && chat) this.#send(chat)
    else return
    event.preventDefault()
  }

  #setActive(chats: readonly ChatSummary[], to: number): void {
    this.activeId = chats[to]?.id ?? ''
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector(`#chat-${to}`)?.scrollIntoView({ block: 'nearest' }),
    )
  }

  /** The chats that the user may write in. */
  #matchingChats(): ChatSummary[] {
    const chats = this.hub.chats.list.value
      .filter((chat) => !chat.archived && (chat.posting === 'all' || chat.role !== 'member'))
      .filter((chat) => chat.peer === undefined || !this.hub.users.get(chat.peer)?.deactivated)
    const places = (this.#places ??= new Map(chats.map(({ id }, at) => [id, at])))
    const placeOf = ({ id }: ChatSummary): number => places.get(id) ?? places.size
    chats.sort((a, b) => placeOf(a) - placeOf(b))
    return findByName(chats, this.query, (chat) => this.hub.chats.namesOf(chat)).slice(0, maxChats)
  }

  /** Adds it to the outbox like every message; it stays there until the hub confirms it. */
  #send(chat: ChatSummary): void {
    const { id = '', text, attachments } = this.item
    const words = forwardedText(this.#author, text)
    const wrong = checkText(words)
    if (wrong) {
      this.problem = wrong.message
      return
    }
    this.hub.forward(chat.id, words, attachments.length > 0 ? { id, files: attachments } : undefined)
    notify(this, { text: t('forward.done', { name: this.hub.chats.nameOf(chat) }) })
    this.#close()
  }

  #close = (): void => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-forward', HbForward)

declare global {
  interface HTMLElementTagNameMap {
    'hb-forward': HbForward
  }
}
