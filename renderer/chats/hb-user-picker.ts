import { css, html, LitElement, nothing } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import type { User } from '../../shared/contract/users.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { nameMarks, nameMarksStyles } from '../users/name-marks.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import { moveActive } from '../ui/active-option.ts'
import { pickerStyles } from '../ui/picker-styles.ts'
import { isComposing, isEnter } from '../ui/keys.ts'
import { userAvatar } from '../users/avatars.ts'

/** Users do not scroll through more: another letter finds the user. */
const maxResults = 60

/**
 * Finds users by a part of their name, without the user themselves and those in `excludedIds`. Emits `hb-query` for each
 * letter, and `hb-pick` (`detail.userId`) for each choice. With `multiple` the chosen users are chips in `chosen`, and
 * `hb-change` reports the new list.
 */
export class HbUserPicker extends SignalWatcher(LitElement) {
  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true }
  static override properties = {
    hub: { attribute: false },
    label: { type: String },
    multiple: { type: Boolean },
    excludedIds: { attribute: false },
    chosenIds: { attribute: false },
    maxChosen: { attribute: false },
    query: { state: true },
    activeId: { state: true },
  }
  declare hub: Hub
  declare label: string
  declare multiple: boolean
  declare excludedIds: readonly string[]
  declare chosenIds: readonly string[]
  declare maxChosen: number
  declare query: string
  /** The user that Enter takes; '' until the user has moved. By id: others may join meanwhile. */
  declare activeId: string

  static override styles = [
    baseStyles,
    nameMarksStyles,
    buttonStyles,
    pickerStyles,
    css`
      :host {
        display: block;
      }
      /* As tall as the list of all, so that it does not jump while the user types. */
      .area {
        display: grid;
        grid-template-rows: minmax(0, 1fr);
        block-size: min(calc(var(--rows) * 52px), 296px, 40dvh);
        margin-block-start: var(--space-2);
      }
      .area[data-long] {
        border-block-end: 1px solid var(--color-border);
      }
      :host([multiple]) .area {
        block-size: min(calc(var(--rows) * 52px), 196px, 30dvh);
      }
      .area > * {
        grid-area: 1 / 1;
        margin: 0;
      }
      .visually-hidden {
        inset-block-start: 0;
      }
    `,
  ]

  constructor() {
    super()
    this.label = ''
    this.multiple = false
    this.excludedIds = []
    this.chosenIds = []
    this.maxChosen = Infinity
    this.query = ''
    this.activeId = ''
  }

  override render() {
    const found = this.#results()
    const active = this.#activeOf(found)
    return html`
      <label class="label" for="query">${this.label || t('userPicker.find')}</label>
      <div class="box" @click=${() => this.focus()}>
        <hb-icon name="search"></hb-icon>
        ${this.chosenIds.map((userId) => this.#renderChip(userId))}
        <input
          id="query"
          type="text"
          maxlength=${limits.groupName}
          role="combobox"
          autocomplete="off"
          spellcheck="false"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls="results"
          aria-activedescendant=${active >= 0 ? `result-${active}` : nothing}
          placeholder=${this.chosenIds.length > 0 ? '' : t('userPicker.findHint')}
          dir="auto"
          .value=${this.query}
          @input=${this.#onInput}
          @keydown=${this.#onKey}
        />
      </div>
      <div class="area" ?data-long=${found.length > this.#rows()} .style=${`--rows: ${this.#rows()}`}>
        <div class="results scroll" id="results" role="listbox" aria-label=${t('userPicker.results')}>
          ${found.map((user, index) => this.#renderResult(user, index, active))}
        </div>
        ${found.length === 0 ? this.#renderNone() : nothing}
      </div>
      <div class="visually-hidden" role="status">
        ${
          this.query && !this.hub.users.isSearching(this.query)
            ? t('userPicker.found', { count: found.length })
            : nothing
        }
      </div>
    `
  }

  get #isFull(): boolean {
    return this.chosenIds.length >= this.maxChosen
  }

  /** Without a text, Enter belongs to the form: then no row is active before an arrow key has moved to it. */
  #activeOf(found: readonly User[]): number {
    if (this.activeId !== '') return found.findIndex(({ id }) => id === this.activeId)
    return (this.multiple && !this.query) || found.length === 0 ? -1 : 0
  }

  #results(): User[] {
    if (this.#isFull) return []
    return this.hub.users.search(
      this.query,
      maxResults,
      (user) => this.#canPick(user) && !this.chosenIds.includes(user.id),
    )
  }

  #canPick({ id }: User): boolean {
    return id !== this.hub.session.me.value?.id && !this.excludedIds.includes(id)
  }

  /** The rows of the area: those of all users, but at least three for the words when none is found. */
  #rows(): number {
    const count = this.hub.users.list.value.filter((user) => this.#canPick(user)).length
    return Math.min(Math.max(count, 3), this.multiple ? 3 : 5)
  }

  #renderResult(user: User, index: number, active: number) {
    return html`<div
      class="result"
      role="option"
      id="result-${index}"
      aria-selected=${index === active}
      @pointermove=${() => (this.activeId = user.id)}
      @pointerdown=${(event: Event) => event.preventDefault()}
      @click=${() => this.#pick(user)}
    >
      ${userAvatar(this.hub, user.id, this.hub.presence.of(user.id))}
      <div>
        <span class="first" dir="auto">${user.displayName}${nameMarks(user)}</span>
        ${
          user.displayName === user.username
            ? nothing
            : html`<span class="second" dir="auto">${user.username}</span>`
        }
      </div>
    </div>`
  }

  #renderNone() {
    const query = this.query.trim()
    const alone = !query && this.hub.users.isAlone.value
    if (this.#isFull)
      return html`<hb-empty-state small drawing="people" .text=${t('userPicker.full')}></hb-empty-state>`
    if ((!query && !alone) || this.hub.users.isSearching(query)) return nothing
    return html`<hb-empty-state
      small
      drawing=${query ? 'search' : 'people'}
      .text=${query ? t('userPicker.none', { query }) : t('userPicker.alone')}
    ></hb-empty-state>`
  }

  #renderChip(userId: string) {
    const name = this.hub.users.nameOf(userId)
    return html`<span class="chip">
      ${userAvatar(this.hub, userId)}
      <span dir="auto">${name}</span>
      <button
        type="button"
        class="icon-button"
        aria-label=${t('userPicker.remove', { name })}
        @click=${() => this.#setChosen(this.chosenIds.filter((id) => id !== userId))}
      >
        <hb-icon name="close" .size=${14}></hb-icon>
      </button>
    </span>`
  }

  #onInput = (event: Event) => {
    this.query = (event.target as HTMLInputElement).value
    this.activeId = ''
    this.dispatchEvent(new CustomEvent('hb-query', { detail: this.query }))
  }

  #onKey = (event: KeyboardEvent) => {
    if (isComposing(event)) return
    const found = this.#results()
    const active = this.#activeOf(found)
    const user = found[active]
    const next = moveActive(event.key, active, found.length)
    if (next !== undefined) this.#setActive(found, next)
    else if (isEnter(event) && user) this.#pick(user)
    else if (event.key === 'Backspace' && !this.query && this.chosenIds.length > 0)
      this.#setChosen(this.chosenIds.slice(0, -1))
    else return
    event.preventDefault()
  }

  #setActive(found: readonly User[], to: number) {
    this.activeId = found[to]?.id ?? ''
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector(`#result-${to}`)?.scrollIntoView({ block: 'nearest' }),
    )
  }

  #pick(user: User) {
    this.dispatchEvent(new CustomEvent('hb-pick', { detail: { userId: user.id } }))
    if (!this.multiple) return
    this.query = ''
    this.activeId = ''
    this.#setChosen([...this.chosenIds, user.id])
  }

  #setChosen(chosen: readonly string[]) {
    this.chosenIds = chosen
    this.dispatchEvent(new CustomEvent('hb-change', { detail: chosen, bubbles: true }))
    this.renderRoot.querySelector<HTMLInputElement>('#query')?.focus()
  }
}

customElements.define('hb-user-picker', HbUserPicker)

declare global {
  interface HTMLElementTagNameMap {
    'hb-user-picker': HbUserPicker
  }
}
