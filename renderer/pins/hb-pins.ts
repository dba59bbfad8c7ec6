import { html, LitElement, type PropertyValues } from 'lit'
import type { Pin } from '../../shared/contract/pins.ts'
import { openMessage } from '../navigation/dialogs.ts'
import { isRequestError } from '../connection/request.ts'
import { closePanelButton } from '../navigation/close-panel-button.ts'
import { mayPin } from '../messages/message-actions.ts'
import { closeSidePanel } from '../navigation/side-panel.ts'
import { removableResultRow, handleRemovableRowKey } from '../search/result-row.ts'
import { hitStyles } from '../search/search-styles.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import { KeepRowFocus } from '../ui/keep-row-focus.ts'
import { notify } from '../ui/hb-toasts.ts'
import { panelStyles } from '../ui/panel-styles.ts'
import { keyedList } from '../ui/keyed-list.ts'

/** The pinned messages of a chat, the latest pin first: a panel (`app/side-panel-registry.ts`). */
export class HbPins extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    chatId: { attribute: false },
    failed: { state: true },
  }
  declare hub: Hub
  declare chatId: string
  declare failed: boolean

  protected readonly keepFocus = new KeepRowFocus(this, { rows: '.kept' })

  static override styles = [baseStyles, buttonStyles, panelStyles, hitStyles]

  constructor() {
    super()
    this.failed = false
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const isLost = this.hub.connectionState.value === 'live' && !this.hub.pins.of(this.chatId)
    if (changed.has('chatId') || isLost) untracked(() => void this.#load())
  }

  protected override render(): unknown {
    return html`
      <div class="bar">
        <h2>${t('pins.title')}</h2>
        ${closePanelButton(this)}
      </div>
      <div class="scroll" @keydown=${this.#onKey}>${this.#renderContent()}</div>
    `
  }

  #renderContent(): unknown {
    const pins = this.hub.pins.of(this.chatId)
    const chat = this.hub.chats.get(this.chatId)
    if (!chat) return ''
    if (!pins) {
      return this.failed
        ? html`<hb-empty-state small drawing="offline" .text=${t('pins.offline')}></hb-empty-state>`
        : ''
    }
    const mine = mayPin(chat)
    if (pins.length === 0) {
      const text = mine || chat.archived ? t('pins.none') : t('pins.noneForMember')
      return html`<hb-empty-state small drawing="pin" .text=${text}></hb-empty-state>`
    }
    return html`<div class="hits" role="list" aria-label=${t('pins.title')}>
      ${keyedList(
        pins,
        ({ message }) => message.id,
        (pin) => this.#renderPin(pin, mine),
      )}
    </div>`
  }

  #renderPin(pin: Pin, canUnpin: boolean): unknown {
    const { message, by } = pin
    const { users } = this.hub
    return removableResultRow(this.hub, message, {
      open: () => this.#openPin(pin),
      footer: t('pins.by', { name: users.nameOf(by) }),
      ...(canUnpin ? { remove: this.#unpinAction(pin) } : {}),
    })
  }

  #unpinAction({ message }: Pin) {
    return {
      label: t('pins.unpinOf', { name: this.hub.users.nameOf(message.author) }),
      run: () => {
        this.hub.pins
          .toggle(message.id, false)
          .catch((error: unknown) => notify(this, { text: errorMessage(error), tone: 'danger' }))
      },
    }
  }

  #openPin({ message: { no }, threadNo }: Pin): void {
    if (matchMedia('(width < 68.75em)').matches) closeSidePanel(this)
    openMessage(this, { chatId: this.chatId, no, threadNo })
  }

  async #load(): Promise<void> {
    try {
      await this.hub.pins.load(this.chatId)
      this.failed = false
    } catch (error) {
      if (!isRequestError(error)) throw error
      this.failed = true
    }
  }

  #onKey = (event: KeyboardEvent): void => handleRemovableRowKey(this.renderRoot, event)
}

customElements.define('hb-pins', HbPins)

declare global {
  interface HTMLElementTagNameMap {
    'hb-pins': HbPins
  }
}
