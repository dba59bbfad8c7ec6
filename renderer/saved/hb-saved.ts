import { html, LitElement, nothing } from 'lit'
import { openMessage } from '../navigation/dialogs.ts'
import { isRequestError } from '../connection/request.ts'
import { KeepRowFocus } from '../ui/keep-row-focus.ts'
import { overviewStyles } from '../ui/overview-styles.ts'
import { removableResultRow, chatLabel, handleRemovableRowKey } from '../search/result-row.ts'
import { hitStyles } from '../search/search-styles.ts'
import type { Hub } from '../state/hub.ts'
import type { SavedMessage } from '../state/saved.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import { notify } from '../ui/hb-toasts.ts'
import { keyedList } from '../ui/keyed-list.ts'

/** The user's saved messages of all chats, the latest first. Events, bubbling: `hb-back`, `hb-open-chat`. */
export class HbSaved extends SignalWatcher(LitElement) {
  static override properties = { hub: { attribute: false }, failed: { state: true } }
  declare hub: Hub
  declare failed: boolean

  protected readonly keepFocus = new KeepRowFocus(this, { rows: '.kept' })

  static override styles = [baseStyles, buttonStyles, overviewStyles, hitStyles]

  constructor() {
    super()
    this.failed = false
  }

  protected override willUpdate(): void {
    const isThere = this.hub.saved.list.value !== undefined
    if (isThere || (this.failed && this.hub.connectionState.value !== 'live')) return
    untracked(() => this.#trackFailure(this.hub.saved.load()))
  }

  protected override render(): unknown {
    return html`
      <header>
        <button class="icon-button back" aria-label=${t('common.back')} @click=${this.#back}>
          <hb-icon name="arrow-left" .size=${20}></hb-icon>
        </button>
        <h2>${t('saved.title')}</h2>
      </header>
      ${this.#renderContent()}
    `
  }

  #renderContent(): unknown {
    const { list, nextCursor: next } = this.hub.saved
    const saved = list.value
    if (!saved) {
      if (!this.failed) return nothing
      return html`<div class="fill">
        <hb-empty-state drawing="offline" .text=${t('saved.offline')}></hb-empty-state>
      </div>`
    }
    if (saved.length === 0) {
      return html`<div class="fill">
        <hb-empty-state drawing="bookmark" .text=${t('saved.none')}></hb-empty-state>
      </div>`
    }
    return html`<div class="scroll column" @keydown=${this.#onKey}>
      <div class="hits" role="list" aria-label=${t('saved.title')}>
        ${keyedList(
          saved,
          ({ message }) => message.id,
          (one) => this.#renderSaved(one),
        )}
      </div>
      ${
        next.value === undefined
          ? nothing
          : html`<button
              class="button small older"
              @click=${() => this.#trackFailure(this.hub.saved.loadMore())}
            >
              ${t('saved.older')}
            </button>`
      }
    </div>`
  }

  #renderSaved({ message, threadNo }: SavedMessage): unknown {
    const { id, no, chatId, author } = message
    return removableResultRow(this.hub, message, {
      open: () => openMessage(this, { chatId, no, threadNo }),
      footer: chatLabel(this.hub, chatId),
      remove: {
        label: t('saved.remove', { name: this.hub.users.nameOf(author) }),
        run: () => {
          this.hub.saved
            .toggle(id, false)
            .catch((error: unknown) => notify(this, { text: errorMessage(error), tone: 'danger' }))
        },
      },
    })
  }

  #trackFailure(work: Promise<void>): void {
    work
      .then(() => (this.failed = false))
      .catch((error: unknown) => {
        if (!isRequestError(error)) throw error
        this.failed = true
      })
  }

  #onKey = (event: KeyboardEvent): void => handleRemovableRowKey(this.renderRoot, event)

  #back = (): void => {
    this.dispatchEvent(new CustomEvent('hb-back', { bubbles: true, composed: true }))
  }
}

customElements.define('hb-saved', HbSaved)

declare global {
  interface HTMLElementTagNameMap {
    'hb-saved': HbSaved
  }
}
