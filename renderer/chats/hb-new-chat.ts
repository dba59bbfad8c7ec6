import { html, LitElement } from 'lit'
import { openChat, openDialog } from '../navigation/dialogs.ts'
import { renderProblem } from '../ui/form.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-dialog.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import './hb-user-picker.ts'

/** Starts a direct chat: one click on a user opens it. */
export class HbNewChat extends LitElement {
  static override properties = { hub: { attribute: false }, problem: { state: true } }
  declare hub: Hub
  declare problem: string

  static override styles = [baseStyles, buttonStyles, dialogStyles]

  constructor() {
    super()
    this.problem = ''
  }

  override render() {
    return html`<hb-dialog .heading=${t('newChat.title')} @hb-close=${this.#close}>
      ${renderProblem(this.problem)}
      <hb-user-picker
        autofocus
        .hub=${this.hub}
        @hb-pick=${(event: CustomEvent<{ userId: string }>) => void this.#open(event.detail.userId)}
      ></hb-user-picker>
      <button slot="actions" class="button quiet" @click=${() => openDialog(this, { kind: 'new-group' })}>
        ${t('chats.newGroup')}
      </button>
      <button slot="actions" class="button" @click=${this.#close}>${t('common.cancel')}</button>
    </hb-dialog>`
  }

  async #open(userId: string) {
    this.problem = ''
    try {
      openChat(this, await this.hub.chats.openDirect(userId))
    } catch (error) {
      this.problem = errorMessage(error)
    }
  }

  #close = () => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-new-chat', HbNewChat)
