import { css, html, LitElement, nothing } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { User } from '../../shared/contract/users.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../state/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { explain } from '../ui/explain.ts'
import '../ui/hb-avatar.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-icon.ts'
import { notify } from '../ui/hb-toasts.ts'

/** More are found by typing: a list of a thousand names helps nobody. */
const most = 60

/** Chooses people who are not in the group yet, and adds them. Event: `hb-close`. */
export class HbAddPeople extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    conversation: { attribute: false },
    query: { state: true },
    chosen: { state: true },
    busy: { state: true },
    error: { state: true },
  }
  declare hub: Hub
  declare conversation: Conversation
  declare query: string
  declare chosen: readonly string[]
  declare busy: boolean
  declare error: string

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      input {
        display: block;
        inline-size: 100%;
        min-block-size: 38px;
        padding: 7px var(--space-3);
        border: 1px solid var(--color-border-control);
        border-radius: var(--radius-control);
        background: var(--color-control);
        color: var(--color-text);
        font: var(--type-body);
      }
      input::placeholder {
        color: var(--color-text-muted);
        opacity: 1;
      }
      .list {
        block-size: 288px;
        max-block-size: 45dvh;
        margin: var(--space-2) calc(-1 * var(--space-2)) 0;
        overflow-y: auto;
        overscroll-behavior: contain;
        scrollbar-width: thin;
      }
      .person {
        --avatar-size: 32px;
        all: unset;
        box-sizing: border-box;
        display: flex;
        align-items: center;
        gap: var(--space-3);
        inline-size: 100%;
        min-block-size: 48px;
        padding: var(--space-1) var(--space-2);
        border-radius: var(--radius-control);
        cursor: pointer;
      }
      .person:hover {
        background: var(--color-surface-hover);
      }
      .person:focus-visible {
        outline: 2px solid var(--color-focus);
        outline-offset: -2px;
      }
      .words {
        flex: 1;
        min-inline-size: 0;
      }
      .words > * {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        line-height: 1.25rem;
      }
      .username,
      .note {
        color: var(--color-text-muted);
        font: var(--type-secondary);
      }
      .mark {
        flex: none;
        display: grid;
        place-items: center;
        inline-size: 20px;
        block-size: 20px;
        border: 1.5px solid var(--color-border-control);
        border-radius: var(--radius-pill);
        color: transparent;
      }
      [aria-checked='true'] .mark {
        border-color: transparent;
        background: var(--color-accent-fill);
        color: var(--color-on-accent);
      }
      .note {
        padding: var(--space-4) var(--space-2);
        text-align: center;
      }
      .error {
        margin-block-start: var(--space-3);
        color: var(--color-danger);
      }
    `,
  ]

  constructor() {
    super()
    this.query = ''
    this.chosen = []
    this.busy = false
    this.error = ''
  }

  protected override render(): unknown {
    const chat = this.conversation.chat.value
    if (!chat) return nothing
    const count = this.chosen.length
    return html`<hb-dialog
      .heading=${t('members.addHeading', { name: this.hub.chats.nameOf(chat) })}
      .busy=${this.busy}
      @hb-close=${this.#close}
    >
      <input
        autofocus
        type="search"
        dir="auto"
        autocomplete="off"
        spellcheck="false"
        aria-label=${t('members.addFind')}
        placeholder=${t('members.addFind')}
        .value=${this.query}
        @input=${(event: Event) => (this.query = (event.target as HTMLInputElement).value)}
      />
      <div class="list">${this.#list()}</div>
      ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
      <button slot="actions" class="button" ?disabled=${this.busy} @click=${this.#close}>
        ${t('common.cancel')}
      </button>
      <button
        slot="actions"
        class="button primary"
        ?disabled=${this.busy || count === 0}
        @click=${() => void this.#add()}
      >
        ${count === 0 ? t('members.add') : t('members.addCount', { count })}
      </button>
    </hb-dialog>`
  }

  #list(): unknown {
    const inside = new Set(this.conversation.members.list.value.map((member) => member.userId))
    const query = this.query.trim()
    const people = query === '' ? this.hub.people.list.value : this.hub.people.search(query)
    const outside = people.filter((user) => !inside.has(user.id) && !user.deactivated)
    if (outside.length === 0) {
      return html`<p class="note">${t(query === '' ? 'members.addNobody' : 'members.addNone')}</p>`
    }
    return html`
      ${repeat(
        outside.slice(0, most),
        (user) => user.id,
        (user) => this.#person(user),
      )}
      ${outside.length > most ? html`<p class="note">${t('members.addMore')}</p>` : nothing}
    `
  }

  #person(user: User): unknown {
    const { presences } = this.hub
    return html`<button
      class="person"
      role="checkbox"
      aria-checked=${this.chosen.includes(user.id) ? 'true' : 'false'}
      @click=${() => this.#toggle(user.id)}
    >
      <hb-avatar .userId=${user.id} .name=${user.displayName} .presence=${presences.of(user.id)}></hb-avatar>
      <span class="words">
        <bdi>${user.displayName}</bdi>
        <span class="username"><bdi>@${user.username}</bdi></span>
      </span>
      <span class="mark"><hb-icon name="check" .size=${14}></hb-icon></span>
    </button>`
  }

  #toggle(userId: string): void {
    this.error = ''
    this.chosen = this.chosen.includes(userId)
      ? this.chosen.filter((id) => id !== userId)
      : [...this.chosen, userId]
  }

  async #add(): Promise<void> {
    this.busy = true
    this.error = ''
    const { length } = this.chosen
    try {
      for (const userId of this.chosen) {
        await this.conversation.members.add(userId)
        // Who is in stays in: after a failure only the others are tried again.
        this.chosen = this.chosen.filter((id) => id !== userId)
      }
      notify(this, { text: t('members.added', { count: length }) })
      this.busy = false
      this.#close()
    } catch (error) {
      this.error =
        this.chosen.length < length ? t('members.addSome', { reason: explain(error) }) : explain(error)
    } finally {
      this.busy = false
    }
  }

  #close = (): void => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-add-people', HbAddPeople)

declare global {
  interface HTMLElementTagNameMap {
    'hb-add-people': HbAddPeople
  }
}
