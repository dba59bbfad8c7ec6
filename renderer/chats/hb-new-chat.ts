import { css, html, LitElement, nothing } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import { openChat, openDialog } from '../navigation/dialogs.ts'
import { renderProblem } from '../ui/form.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import { isEnter } from '../ui/keys.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import './hb-user-picker.ts'

/** Starts a chat: one click on a user opens the direct chat; several users share a chat without a name. */
export class HbNewChat extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    problem: { state: true },
    chosenIds: { state: true },
    busy: { state: true },
  }
  declare hub: Hub
  declare problem: string
  /** The users of a chat without a name; undefined while one click opens a direct chat. */
  declare chosenIds: readonly string[] | undefined
  declare busy: boolean

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    css`
      .notes {
        justify-content: flex-start;
        padding-inline: 0.6875rem;
        margin-block-end: var(--space-3);
      }
    `,
  ]

  constructor() {
    super()
    this.problem = ''
    this.chosenIds = undefined
    this.busy = false
  }

  override render() {
    return html`<hb-dialog .heading=${t('newChat.title')} .busy=${this.busy} @hb-close=${this.#close}>
      ${this.#isAlone() ? this.#renderAlone() : this.#renderPicker()}
      ${this.chosenIds ? this.#renderSeveralActions(this.chosenIds) : this.#renderActions()}
    </hb-dialog>`
  }

  #renderActions() {
    return html`<button
        slot="actions"
        class="button quiet"
        @click=${() => openDialog(this, { kind: 'new-group' })}
      >
        ${t('chats.newGroup')}
      </button>
      ${
        this.#isAlone()
          ? nothing
          : html`<button slot="actions" class="button quiet" @click=${() => void this.#chooseSeveral([])}>
              ${t('newChat.several')}
            </button>`
      }
      <button slot="actions" class="button" @click=${this.#close}>${t('common.cancel')}</button>`
  }

  #renderSeveralActions(chosenIds: readonly string[]) {
    const count = chosenIds.length
    return html`<button
        slot="actions"
        class="button quiet"
        @click=${() => void this.#chooseSeveral(undefined)}
      >
        ${t('newChat.oneOnly')}
      </button>
      <button slot="actions" class="button" @click=${this.#close}>${t('common.cancel')}</button>
      <button
        slot="actions"
        class="button primary"
        ?disabled=${count === 0 || this.busy}
        @click=${() => void this.#openSeveral()}
      >
        ${count === 0 ? t('newChat.start') : t('newChat.startWith', { count })}
      </button>`
  }

  /** The picker is another one, and has the focus. */
  async #chooseSeveral(chosenIds: readonly string[] | undefined) {
    this.chosenIds = chosenIds
    await this.updateComplete
    this.renderRoot.querySelector('hb-user-picker')?.focus()
  }

  #isAlone(): boolean {
    return this.hub.users.isAlone.value
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
    if (this.chosenIds) return this.#renderSeveralPicker(this.chosenIds)
    return html`${renderProblem(this.problem)}
      <button class="button quiet notes" @click=${() => void this.#openNotes()}>
        <hb-icon name="bookmark"></hb-icon>${t('chats.notes')}
      </button>
      <hb-user-picker
        autofocus
        .hub=${this.hub}
        @hb-pick=${(event: CustomEvent<{ userId: string }>) => void this.#open(event.detail.userId)}
      ></hb-user-picker>`
  }

  #renderSeveralPicker(chosenIds: readonly string[]) {
    return html`${renderProblem(this.problem)}
      <hb-user-picker
        multiple
        .hub=${this.hub}
        .label=${t('newChat.who')}
        .chosenIds=${chosenIds}
        .maxChosen=${limits.unnamedChatUsers}
        @hb-change=${(event: CustomEvent<readonly string[]>) => (this.chosenIds = event.detail)}
        @keydown=${this.#onPickerKey}
      ></hb-user-picker>`
  }

  /** Enter chooses a user; with nothing typed it opens the chat. */
  #onPickerKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || !isEnter(event) || this.chosenIds?.length === 0) return
    event.preventDefault()
    void this.#openSeveral()
  }

  async #openSeveral() {
    const { chosenIds = [] } = this
    if (this.busy || chosenIds.length === 0) return
    this.busy = true
    await this.#openWith(() => this.hub.chats.openWithUsers(chosenIds))
    this.busy = false
  }

  async #open(userId: string) {
    await this.#openWith(() => this.hub.chats.openDirect(userId))
  }

  async #openNotes() {
    await this.#open(this.hub.session.me.value?.id ?? '')
  }

  async #openWith(open: () => Promise<string>) {
    this.problem = ''
    try {
      openChat(this, await open())
    } catch (error) {
      this.problem = errorMessage(error)
    }
  }

  #close = () => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-new-chat', HbNewChat)
