import { html, LitElement, nothing } from 'lit'
import { openChat, openDialog } from '../navigation/dialogs.ts'
import { renderProblem } from '../ui/form.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-empty-state.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import './hb-user-picker.ts'

/** Starts a direct chat: one click on a user opens it. */
export class HbNewChat extends SignalWatcher(LitElement) {
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
      ${this.#isAlone() ? this.#renderAlone() : this.#renderPicker()}
      <button slot="actions" class="button quiet" @click=${() => openDialog(this, { kind: 'new-group' })}>
        ${t('chats.newGroup')}
      </button>
      <button slot="actions" class="button" @click=${this.#close}>${t('common.cancel')}</button>
    </hb-dialog>`
  }

  /** Known only once the users are loaded: the list then has at least the user themselves. */
  #isAlone(): boolean {
    return this.hub.users.list.value.length === 1
  }

  #renderAlone() {
    const canInvite = this.hub.session.me.value?.role !== 'member'
    return html`<hb-empty-state
      drawing="people"
      .text=${t(canInvite ? 'newChat.alone' : 'newChat.aloneMember')}
    >
      ${
        canInvite
          ? html`<button
              class="button primary"
              autofocus
              @click=${() => openDialog(this, { kind: 'invite' })}
            >
              ${t('admin.invite')}
            </button>`
          : nothing
      }
    </hb-empty-state>`
  }

  #renderPicker() {
    return html`${renderProblem(this.problem)}
      <hb-user-picker
        autofocus
        .hub=${this.hub}
        @hb-pick=${(event: CustomEvent<{ userId: string }>) => void this.#open(event.detail.userId)}
      ></hb-user-picker>`
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
