import { css, html, LitElement, nothing } from 'lit'
import type { Input } from '../../shared/contract.ts'
import { limits } from '../../shared/contract/values.ts'
import { checkLine, countCharacters, normalizeLine } from '../../shared/text/names.ts'
import { pickEmoji } from '../emoji/pick-emoji.ts'
import type { Hub } from '../state/hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import { errorField, errorMessage } from '../ui/error-message.ts'
import { type FieldProblems, focusFirstProblem, formValues, renderProblem, withoutEmpty } from '../ui/form.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-field.ts'
import type { HbField } from '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import { draftOfStatus, emptyDraft, type StatusDraft, untilOf } from './status-draft.ts'
import { currentStatus, endOf, type StatusEnd, statusEnds, toLocalInput } from './status-end.ts'
import { renderSuggestions, suggestionStyles } from './status-suggestions.ts'

const leftShownFrom = 20

/** Sets or clears the user's own status. Emits `hb-close`. */
export class HbSetStatus extends LitElement {
  static override properties = {
    hub: { attribute: false },
    draft: { state: true },
    busy: { state: true },
    problem: { state: true },
    problems: { state: true },
  }
  declare hub: Hub
  declare draft: StatusDraft
  declare busy: boolean
  declare problem: string
  declare problems: FieldProblems

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    suggestionStyles,
    css`
      .what,
      .end {
        display: flex;
        align-items: flex-start;
        gap: var(--space-2);
      }
      .what hb-field,
      .end hb-field {
        flex: 1 1 0;
        min-inline-size: 0;
      }
      /* level with the input, below its label */
      .what > .icon-button {
        inline-size: 40px;
        block-size: 40px;
        margin-block-start: 24px;
      }
      .what > .emoji {
        border-color: var(--color-border-field);
        background: var(--color-control);
        font-size: 1.25rem;
      }
      .what > .emoji:hover {
        background: var(--color-surface-hover);
      }
      .clear {
        margin-inline-end: auto;
      }
      @media (max-width: 30em) {
        .end {
          flex-direction: column;
          align-items: stretch;
          gap: var(--space-4);
        }
      }
    `,
  ]

  constructor() {
    super()
    this.draft = emptyDraft
    this.busy = false
    this.problem = ''
    this.problems = {}
  }

  protected override willUpdate(): void {
    if (this.hasUpdated) return
    const status = this.#current
    if (!status) return
    this.draft = draftOfStatus(status)
  }

  get #current() {
    return currentStatus(this.hub.session.me.peek()?.status)
  }

  protected override render(): unknown {
    const { text, emoji } = this.draft
    return html`<hb-dialog .heading=${t('status.title')} .busy=${this.busy} @hb-close=${this.#close}>
      <form novalidate @submit=${this.#submit} @input=${this.#onInput} @change=${this.#onInput}>
        ${this.#renderText()} ${text === '' && emoji === '' ? renderSuggestions(this.#suggest) : nothing}
        ${this.#renderEnd()} ${renderProblem(this.problem)}
        <button type="submit" hidden></button>
      </form>
      ${
        this.#current
          ? html`<button
              slot="actions"
              class="button quiet clear"
              ?disabled=${this.busy}
              @click=${() => void this.#send(undefined)}
            >
              ${t('status.clear')}
            </button>`
          : nothing
      }
      <button slot="actions" class="button" @click=${this.#close}>${t('common.cancel')}</button>
      <button
        slot="actions"
        class="button primary"
        ?disabled=${this.busy}
        @click=${() => this.renderRoot.querySelector('form')?.requestSubmit()}
      >
        ${t('common.save')}
      </button>
    </hb-dialog>`
  }

  #renderText(): unknown {
    const { text, emoji } = this.draft
    const left = limits.statusText - countCharacters(normalizeLine(text))
    const words = emoji ? t('status.changeEmoji', { emoji }) : t('status.chooseEmoji')
    return html`<div class="what">
      <button
        type="button"
        class="icon-button emoji"
        aria-label=${words}
        data-tip=${emoji ? t('status.chooseEmoji') : words}
        @click=${this.#chooseEmoji}
      >
        ${emoji || html`<hb-icon name="smile" .size=${20}></hb-icon>`}
      </button>
      <hb-field
        name="text"
        autofocus
        .label=${t('status.text')}
        .placeholder=${t('status.example')}
        .hint=${
          left < 0
            ? t('status.over', { count: -left })
            : left <= leftShownFrom
              ? t('status.left', { count: left })
              : ''
        }
        .value=${text}
        .error=${this.problems['text'] ?? ''}
      ></hb-field>
      ${
        emoji
          ? html`<button
              type="button"
              class="icon-button remove"
              aria-label=${t('status.removeEmoji')}
              data-tip=${t('status.removeEmoji')}
              @click=${() => this.#setEmoji('')}
            >
              <hb-icon name="close"></hb-icon>
            </button>`
          : nothing
      }
    </div>`
  }

  #renderEnd(): unknown {
    const { end, at } = this.draft
    return html`<div class="end">
      <hb-field
        name="end"
        type="select"
        .label=${t('status.end')}
        .options=${statusEnds.map((value) => ({ value, label: t(`status.end.${value}`) }))}
        .value=${end}
      ></hb-field>
      ${
        end === 'custom'
          ? html`<hb-field
              name="at"
              type="datetime-local"
              .label=${t('status.at')}
              .min=${toLocalInput(this.hub.now())}
              .value=${at}
              .error=${this.problems['until'] ?? ''}
            ></hb-field>`
          : nothing
      }
    </div>`
  }

  // Input

  #onInput = (event: Event): void => {
    const { text = '', end = 'never', at = '' } = formValues(event.currentTarget as HTMLFormElement)
    const { draft } = this
    this.problem = ''
    this.problems = {}
    const asksForTime = end === 'custom' && draft.end !== 'custom'
    this.draft = {
      ...draft,
      text,
      end: end as StatusEnd,
      at: asksForTime ? toLocalInput(endOf('hour', this.hub.now())) : at,
    }
  }

  #suggest = (draft: StatusDraft): void => {
    this.draft = draft
    this.#markFilledIn()
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector<HbField>(`[name=${draft.end === 'custom' ? 'at' : 'text'}]`)?.focus()
    })
  }

  #chooseEmoji = async (event: Event): Promise<void> => {
    const emoji = await pickEmoji(event.currentTarget as HTMLElement)
    if (emoji !== undefined) this.#setEmoji(emoji)
  }

  #setEmoji(emoji: string): void {
    this.draft = { ...this.draft, emoji }
    this.problems = {}
    this.#markFilledIn()
    this.renderRoot.querySelector('hb-field')?.focus()
  }

  /** A choice without typing counts too: a click outside the dialog must not throw it away. */
  #markFilledIn(): void {
    this.renderRoot.querySelector('form')?.dispatchEvent(new CustomEvent('hb-change', { bubbles: true }))
  }

  // Saving

  #submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (this.busy) return
    const { emoji } = this.draft
    const text = normalizeLine(this.draft.text)
    if (text === '' && emoji === '' && this.#current) return void this.#send(undefined)
    const until = untilOf(this.draft, this.hub.now())
    this.problems = withoutEmpty({
      text: text
        ? checkLine(text, t('status.theText'), limits.statusText)?.message
        : emoji
          ? ''
          : t('status.needSomething'),
      until: until.problem,
    })
    if (Object.keys(this.problems).length > 0) return void this.#showProblems()
    void this.#send({
      text,
      ...(emoji ? { emoji } : {}),
      ...(until.at === undefined ? {} : { until: until.at }),
    })
  }

  /** Undefined clears the status. */
  async #send(status: Input<'status.set'> | undefined): Promise<void> {
    this.busy = true
    this.problem = ''
    try {
      const { hub } = this
      const { user } = await (status ? hub.request('status.set', status) : hub.request('status.clear'))
      hub.users.put(user)
      hub.session.onMyChanges({ user })
      this.#close()
    } catch (error) {
      const field = errorField(error)
      if (field === 'text' || field === 'until') this.problems = { [field]: errorMessage(error) }
      else this.problem = errorMessage(error)
      void this.#showProblems()
    }
    this.busy = false
  }

  async #showProblems(): Promise<void> {
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  #close = (): void => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-set-status', HbSetStatus)

declare global {
  interface HTMLElementTagNameMap {
    'hb-set-status': HbSetStatus
  }
}
