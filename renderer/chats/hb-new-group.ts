import { html, LitElement } from 'lit'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { isRequestError, offlineError } from '../connection/request.ts'
import { type FieldProblems, focusFirstProblem, renderProblem, formValues } from '../ui/form.ts'
import { openChat } from '../navigation/dialogs.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage, errorField } from '../ui/error-message.ts'
import '../ui/hb-check.ts'
import '../ui/hb-dialog.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import { isEnter } from '../ui/keys.ts'
import {
  saveGroupPicture,
  checkGroup,
  toGroupDraft,
  renderNameField,
  renderPostingChoice,
  renderTopicField,
  normalizeGroupName,
  type GroupDraft,
} from './group-fields.ts'
import './hb-group-picture.ts'
import type { PictureChange } from './hb-group-picture.ts'
import './hb-user-picker.ts'

export class HbNewGroup extends LitElement {
  static override properties = {
    hub: { attribute: false },
    name: { state: true },
    busy: { state: true },
    problem: { state: true },
    problems: { state: true },
  }
  declare hub: Hub
  /** As typed so far, for the label of the button. */
  declare name: string
  declare busy: boolean
  declare problem: string
  declare problems: FieldProblems

  static override styles = [baseStyles, buttonStyles, dialogStyles]

  #draft: GroupDraft = { name: '', topic: '', visibility: 'public', posting: 'all', adding: 'all' }
  #members: readonly string[] = []
  #picture: PictureChange
  /** The group exists; only its picture was refused. */
  #chatId = ''
  /** The chats before an attempt that had no response: the hub may have created the group. */
  #chatsBefore: ReadonlySet<string> | undefined

  constructor() {
    super()
    this.name = ''
    this.busy = false
    this.problem = ''
    this.problems = {}
  }

  override render() {
    const name = normalizeGroupName(this.name)
    const words = name ? t('group.create', { name }) : t('group.createPlain')
    return html`<hb-dialog wide .heading=${t('group.titleNew')} .busy=${this.busy} @hb-close=${this.#close}>
      <form novalidate @submit=${this.#submit}>
        ${renderNameField(this.#draft, this.problems, (typed) => (this.name = typed))}
        <hb-user-picker
          multiple
          .hub=${this.hub}
          .label=${t('group.members')}
          @hb-change=${(event: CustomEvent<readonly string[]>) => (this.#members = event.detail)}
          @keydown=${this.#onPickerKey}
        ></hb-user-picker>
        <hb-check
          name="private"
          .label=${t('group.makePrivate')}
          .hint=${t('group.privateHint')}
          .checked=${this.#draft.visibility === 'private'}
        ></hb-check>
        ${this.#renderMore()} ${renderProblem(this.problem)}
        <button type="submit" hidden></button>
      </form>
      <button slot="actions" class="button" @click=${this.#close}>${t('common.cancel')}</button>
      <button
        slot="actions"
        class="button primary"
        ?disabled=${this.busy}
        @click=${() => this.renderRoot.querySelector('form')?.requestSubmit()}
      >
        ${this.busy ? t('group.creating') : words}
      </button>
    </hb-dialog>`
  }

  /** What few groups need on their first day, and each can get later. */
  #renderMore() {
    return html`<details class="more" ?open=${Boolean(this.problems.topic ?? this.problems.picture)}>
      <summary>${t('common.more')}</summary>
      <div class="stack">
        ${renderTopicField(this.#draft, this.problems)}
        <hb-group-picture
          .groupName=${normalizeGroupName(this.name)}
          .problem=${this.problems.picture ?? ''}
          @hb-change=${(event: CustomEvent<PictureChange>) => (this.#picture = event.detail)}
        ></hb-group-picture>
        ${renderPostingChoice(this.#draft)}
      </div>
    </details>`
  }

  /** Enter chooses a user; with nothing typed it creates the group, as in the other fields. */
  #onPickerKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || !isEnter(event)) return
    event.preventDefault()
    this.renderRoot.querySelector('form')?.requestSubmit()
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (this.busy) return
    this.#draft = toGroupDraft(formValues(event.target as HTMLFormElement))
    this.problem = ''
    this.problems = checkGroup(this.#draft)
    if (Object.keys(this.problems).length > 0) void this.#showProblems()
    else void this.#create()
  }

  async #create() {
    const { name, topic, visibility, posting } = this.#draft
    this.busy = true
    const before = this.#chatsBefore ?? new Set(this.hub.chats.list.peek().map(({ id }) => id))
    try {
      this.#chatId ||= this.#createdBefore(name) ?? ''
      this.#chatId ||= await this.hub.chats.createGroup({
        name,
        visibility,
        posting,
        ...(topic ? { topic } : {}),
        ...(this.#members.length > 0 ? { members: [...this.#members] } : {}),
      })
      await saveGroupPicture(this.hub, this.#chatId, this.#picture)
      this.busy = false
      openChat(this, this.#chatId)
    } catch (error) {
      this.busy = false
      if (isRequestError(error, 'offline')) this.#chatsBefore = before
      const field = errorField(error)
      if (field === 'name' || field === 'topic') this.problems = { [field]: errorMessage(error) }
      else if (field === 'bytes') this.problems = { picture: errorMessage(error) }
      else this.problem = errorMessage(error)
      void this.#showProblems()
    }
  }

  /**
   * Returns the group that an attempt without a response has created. @throws RequestError `offline`: the list of chats does
   * not have it before the connection is live
   */
  #createdBefore(name: string): string | undefined {
    const before = this.#chatsBefore
    if (!before) return undefined
    if (this.hub.connectionState.peek() !== 'live') throw offlineError()
    const isCreated = ({ id, name: given, role }: ChatSummary): boolean =>
      !before.has(id) && role === 'owner' && given === normalizeGroupName(name)
    return this.hub.chats.list.peek().find(isCreated)?.id
  }

  async #showProblems() {
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  #close = () => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-new-group', HbNewGroup)
