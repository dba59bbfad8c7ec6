import { html, LitElement } from 'lit'
import type { AdminGroup } from '../../shared/contract/admin-users.ts'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Problems } from '../accounts/account-checks.ts'
import { focusFirstProblem, problemLine, valuesOf } from '../accounts/auth-parts.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage, fieldOf } from '../ui/error-message.ts'
import '../ui/hb-dialog.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import { changePicture, checkGroup, draftOf, groupFields, type GroupDraft } from './group-fields.ts'
import './hb-group-picture.ts'
import type { PictureChange } from './hb-group-picture.ts'

/** Picture, name, topic, visibility of a group, and who writes in it: one that I look after. */
export class HbEditGroup extends LitElement {
  static override properties = {
    hub: { attribute: false },
    chatId: { attribute: false },
    outside: { attribute: false },
    busy: { state: true },
    problem: { state: true },
    problems: { state: true },
  }
  declare hub: Hub
  declare chatId: string
  /** The group as the administration knows it, for an admin of the hub who is not in it. */
  declare outside: AdminGroup | undefined
  declare busy: boolean
  declare problem: string
  declare problems: Problems

  static override styles = [baseStyles, buttonStyles, dialogStyles]

  #draft: GroupDraft | undefined
  #heading = ''
  #picture = ''
  #change: PictureChange

  constructor() {
    super()
    this.busy = false
    this.problem = ''
    this.problems = {}
  }

  protected override willUpdate(): void {
    if (this.#draft) return
    const chat = this.#group()
    this.#draft = {
      name: chat?.name ?? '',
      topic: chat?.topic ?? '',
      visibility: chat?.visibility ?? 'private',
      posting: chat?.posting ?? 'all',
    }
    this.#picture = chat ? this.hub.chatPictureAddress(chat) : ''
    this.#heading = t('group.titleEdit', { name: this.#draft.name })
  }

  override render() {
    return html`<hb-dialog wide .heading=${this.#heading} .busy=${this.busy} @hb-close=${this.#close}>
      <form novalidate @submit=${this.#submit}>
        <hb-group-picture
          .groupId=${this.chatId}
          .kind=${this.#group()?.visibility === 'public' ? 'group' : 'private'}
          .present=${this.#picture}
          .problem=${this.problems.picture ?? ''}
          @hb-change=${(event: CustomEvent<PictureChange>) => (this.#change = event.detail)}
        ></hb-group-picture>
        ${groupFields(this.#draft as GroupDraft, this.problems, () => undefined)} ${problemLine(this.problem)}
        <button type="submit" hidden></button>
      </form>
      <button slot="actions" class="button" @click=${this.#close}>${t('common.cancel')}</button>
      <button
        slot="actions"
        class="button primary"
        ?disabled=${this.busy}
        @click=${() => this.renderRoot.querySelector('form')?.requestSubmit()}
      >
        ${this.busy ? t('group.saving') : t('group.save')}
      </button>
    </hb-dialog>`
  }

  #group(): ChatSummary | AdminGroup | undefined {
    return this.hub.chats.peek(this.chatId) ?? this.outside
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (this.busy) return
    this.#draft = draftOf(valuesOf(event.target as HTMLFormElement))
    this.problem = ''
    this.problems = checkGroup(this.#draft)
    if (Object.keys(this.problems).length > 0) void this.#showProblems()
    else void this.#save(this.#draft)
  }

  async #save(draft: GroupDraft) {
    this.busy = true
    try {
      await this.hub.chats.update({ chatId: this.chatId, ...draft })
      await changePicture(this.hub, this.chatId, this.#change)
      this.busy = false
      this.#close()
    } catch (error) {
      this.busy = false
      const field = fieldOf(error)
      if (field === 'name' || field === 'topic') this.problems = { [field]: errorMessage(error) }
      else if (field === 'bytes') this.problems = { picture: errorMessage(error) }
      else this.problem = errorMessage(error)
      void this.#showProblems()
    }
  }

  async #showProblems() {
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  #close = () => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-edit-group', HbEditGroup)
