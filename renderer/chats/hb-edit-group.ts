import { html, LitElement } from 'lit'
import type { AdminGroup } from '../../shared/contract/admin-users.ts'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import {
  changedValues,
  type FieldProblems,
  focusFirstProblem,
  renderProblem,
  formValues,
} from '../ui/form.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage, errorField } from '../ui/error-message.ts'
import '../ui/hb-dialog.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import {
  saveGroupPicture,
  checkGroup,
  toGroupDraft,
  renderGroupFields,
  type GroupDraft,
} from './group-fields.ts'
import './hb-group-picture.ts'
import type { PictureChange } from './hb-group-picture.ts'

/** Picture, name, topic, visibility and posting rights of a group the user manages. */
export class HbEditGroup extends LitElement {
  static override properties = {
    hub: { attribute: false },
    chatId: { attribute: false },
    adminGroup: { attribute: false },
    busy: { state: true },
    problem: { state: true },
    problems: { state: true },
  }
  declare hub: Hub
  declare chatId: string
  /** The group as the administration knows it, for an admin who is not a member. */
  declare adminGroup: AdminGroup | undefined
  declare busy: boolean
  declare problem: string
  declare problems: FieldProblems

  static override styles = [baseStyles, buttonStyles, dialogStyles]

  #draft: GroupDraft | undefined
  /** The values with which the form opened. */
  #shown: Partial<GroupDraft> = {}
  #heading = ''
  #picture = ''
  #pictureChange: PictureChange

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
      adding: (chat && 'adding' in chat ? chat.adding : undefined) ?? 'admins',
    }
    this.#picture = chat ? this.hub.chatPictureAddress(chat) : ''
    this.#shown = this.#draft
    const { name } = this.#draft
    this.#heading = name ? t('group.titleEdit', { name }) : t('chats.giveName')
  }

  override render() {
    return html`<hb-dialog wide .heading=${this.#heading} .busy=${this.busy} @hb-close=${this.#close}>
      <form novalidate @submit=${this.#submit}>
        <hb-group-picture
          .groupId=${this.chatId}
          .face=${this.hub.groupFaces.of(this.chatId)}
          .groupName=${this.#group()?.name ?? ''}
          .kind=${this.#group()?.visibility === 'public' ? 'group' : 'private'}
          .currentPicture=${this.#picture}
          .problem=${this.problems.picture ?? ''}
          @hb-change=${(event: CustomEvent<PictureChange>) => (this.#pictureChange = event.detail)}
        ></hb-group-picture>
        ${renderGroupFields(this.#draft as GroupDraft, this.problems, {
          isForEveryone: this.#isForEveryone(),
          isMember: this.hub.chats.peek(this.chatId) !== undefined,
        })}
        ${renderProblem(this.problem)}
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

  /** Not every user sees every field: an admin of the hub who is no member does not know who adds members. */
  #known(draft: GroupDraft): Partial<GroupDraft> {
    const { adding, visibility, ...known } = draft
    if (this.#isForEveryone()) return known
    const isMember = this.hub.chats.peek(this.chatId) !== undefined
    return { ...known, visibility, ...(isMember ? { adding } : {}) }
  }

  #group(): ChatSummary | AdminGroup | undefined {
    return this.hub.chats.peek(this.chatId) ?? this.adminGroup
  }

  #isForEveryone(): boolean {
    return this.hub.chats.peek(this.chatId)?.everyone === true
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (this.busy) return
    this.#draft = toGroupDraft(formValues(event.target as HTMLFormElement))
    this.problem = ''
    this.problems = checkGroup(this.#draft)
    if (Object.keys(this.problems).length > 0) void this.#showProblems()
    else void this.#save(this.#draft)
  }

  async #save(draft: GroupDraft) {
    this.busy = true
    try {
      const changes = this.#shown.name ? changedValues(this.#shown, this.#known(draft)) : draft
      if (Object.keys(changes).length > 0) await this.hub.chats.update({ chatId: this.chatId, ...changes })
      await saveGroupPicture(this.hub, this.chatId, this.#pictureChange)
      this.busy = false
      this.#close()
    } catch (error) {
      this.busy = false
      const field = errorField(error)
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
