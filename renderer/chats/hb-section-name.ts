import { html, LitElement } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import { checkLine, normalizeLine } from '../../shared/text/names.ts'
import { focusFirstProblem, renderProblem, formValues } from '../ui/form.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-field.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'

/** The name of an existing or new section of the chat list. Emits `hb-close`. */
export class HbSectionName extends LitElement {
  static override properties = {
    hub: { attribute: false },
    sectionId: { attribute: false },
    chatId: { attribute: false },
    busy: { state: true },
    problem: { state: true },
    nameError: { state: true },
  }
  declare hub: Hub
  /** Undefined for a new section. */
  declare sectionId: string | undefined
  /** The first chat of a new section. */
  declare chatId: string | undefined
  declare busy: boolean
  declare problem: string
  /** The problem with the name. */
  declare nameError: string

  static override styles = [baseStyles, buttonStyles, dialogStyles]

  #name: string | undefined

  constructor() {
    super()
    this.sectionId = undefined
    this.chatId = undefined
    this.busy = false
    this.problem = ''
    this.nameError = ''
  }

  protected override render(): unknown {
    const { sections } = this.hub.chatList.arrangement.peek()
    this.#name ??= sections.find(({ id }) => id === this.sectionId)?.name ?? ''
    const isNew = this.sectionId === undefined
    return html`<hb-dialog
      .heading=${t(isNew ? 'sections.new' : 'sections.renameTitle')}
      .busy=${this.busy}
      @hb-close=${this.#close}
    >
      <form novalidate @submit=${this.#submit}>
        <hb-field
          name="name"
          autofocus
          .label=${t('sections.name')}
          .placeholder=${t('sections.example')}
          .value=${this.#name}
          .error=${this.nameError}
        ></hb-field>
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
        ${t(isNew ? 'sections.create' : 'common.save')}
      </button>
    </hb-dialog>`
  }

  #submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (this.busy) return
    this.#name = formValues(event.target as HTMLFormElement)['name'] ?? ''
    const name = normalizeLine(this.#name)
    this.problem = ''
    this.nameError = name
      ? (checkLine(name, t('sections.theName'), limits.sectionName)?.message ?? '')
      : t('sections.needName')
    if (this.nameError) void this.updateComplete.then(() => focusFirstProblem(this.renderRoot))
    else void this.#save(name)
  }

  async #save(name: string): Promise<void> {
    const { chatList } = this.hub
    this.busy = true
    try {
      if (this.sectionId === undefined) await chatList.addSection(name, this.chatId)
      else await chatList.renameSection(this.sectionId, name)
      this.#close()
    } catch (error) {
      this.problem = errorMessage(error)
    } finally {
      this.busy = false
    }
  }

  #close = (): void => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-section-name', HbSectionName)

declare global {
  interface HTMLElementTagNameMap {
    'hb-section-name': HbSectionName
  }
}
