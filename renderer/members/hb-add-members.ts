import { css, html, LitElement, nothing } from 'lit'
import '../chats/hb-user-picker.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import type { MemberPages } from '../state/member-pages.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-dialog.ts'
import { notify } from '../ui/hb-toasts.ts'
import { isEnter } from '../ui/keys.ts'

/** Adds users to a group. Emits `hb-close`. */
export class HbAddMembers extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    conversation: { attribute: false },
    chosen: { state: true },
    busy: { state: true },
    error: { state: true },
  }
  declare hub: Hub
  declare conversation: Conversation
  declare chosen: readonly string[]
  declare busy: boolean
  declare error: string

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      .error {
        margin-block-start: var(--space-3);
        color: var(--color-danger);
      }
    `,
  ]

  #pages: MemberPages | undefined

  constructor() {
    super()
    this.chosen = []
    this.busy = false
    this.error = ''
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#pages?.close()
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
      <hb-user-picker
        autofocus
        multiple
        .hub=${this.hub}
        .excludedIds=${this.conversation.members.list.value.map((member) => member.userId)}
        .chosenIds=${this.chosen}
        @hb-query=${this.#onQuery}
        @hb-change=${this.#onChosen}
        @keydown=${this.#onPickerKey}
      ></hb-user-picker>
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

  /** Of a large group only those are known who were found: they are left out. */
  #onQuery = ({ detail: query }: CustomEvent<string>): void => {
    const { members } = this.conversation
    this.#pages ??= members.createPages()
    if (query.trim() !== '' && members.isPartial.peek()) this.#pages.show(query)
  }

  #onChosen = (event: CustomEvent<readonly string[]>): void => {
    this.chosen = event.detail
    this.error = ''
  }

  /** Enter chooses a user; with nothing typed it adds those who are chosen. */
  #onPickerKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || !isEnter(event) || this.busy || this.chosen.length === 0) return
    event.preventDefault()
    void this.#add()
  }

  async #add(): Promise<void> {
    this.busy = true
    this.error = ''
    const wanted = this.chosen
    try {
      for (const userId of wanted) {
        await this.conversation.members.add(userId)
        // Those who were added stay members: after a failure only the others are tried again.
        this.chosen = this.chosen.filter((id) => id !== userId)
      }
      notify(this, { text: t('members.added', { count: wanted.length }) })
      this.#close()
    } catch (error) {
      const reason = errorMessage(error)
      this.error = this.chosen.length < wanted.length ? t('members.addSome', { reason }) : reason
    } finally {
      this.busy = false
    }
  }

  #close = (): void => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-add-members', HbAddMembers)

declare global {
  interface HTMLElementTagNameMap {
    'hb-add-members': HbAddMembers
  }
}
