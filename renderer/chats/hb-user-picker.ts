import { css, html, LitElement, nothing } from 'lit'
import type { User } from '../../shared/contract/users.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { botMark, botMarkStyles } from '../ui/bot-badge.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-avatar.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import { pickerStyles } from '../ui/picker-styles.ts'

/** More would be scrolled past: one letter more finds them. */
const shownAtMost = 60

/**
 * Finds people by a part of their name; never me, nor those in `without`. Emits `hb-pick` (`detail.userId`) for each choice;
 * with `multiple` what was chosen stands as chips in `chosen`, and `hb-change` tells the new list.
 */
export class HbUserPicker extends SignalWatcher(LitElement) {
  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true }
  static override properties = {
    hub: { attribute: false },
    label: { type: String },
    multiple: { type: Boolean },
    without: { attribute: false },
    chosen: { attribute: false },
    query: { state: true },
    active: { state: true },
  }
  declare hub: Hub
  declare label: string
  declare multiple: boolean
  declare without: readonly string[]
  declare chosen: readonly string[]
  declare query: string
  declare active: number

  static override styles = [
    baseStyles,
    botMarkStyles,
    buttonStyles,
    pickerStyles,
    css`
      :host {
        display: block;
      }
      .results {
        block-size: min(296px, 40dvh);
      }
      :host([multiple]) .results {
        block-size: min(196px, 30dvh);
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
    this.without = []
    this.chosen = []
    this.query = ''
    this.active = 0
  }

  override render() {
    const found = this.#found()
    // With nothing typed, Enter belongs to the form.
    const nothingMeant = this.multiple && !this.query && this.active === 0
    const active = nothingMeant ? -1 : Math.min(this.active, found.length - 1)
    return html`
      <label class="label" for="query">${this.label || t('userPicker.find')}</label>
      <div class="box" @click=${() => this.focus()}>
        <hb-icon name="search"></hb-icon>
        ${this.chosen.map((userId) => this.#chip(userId))}
        <input
          id="query"
          type="text"
          role="combobox"
          autocomplete="off"
          spellcheck="false"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls="results"
          aria-activedescendant=${active >= 0 ? `result-${active}` : nothing}
          placeholder=${this.chosen.length > 0 ? '' : t('userPicker.findHint')}
          dir="auto"
          .value=${this.query}
          @input=${this.#onInput}
          @keydown=${this.#onKey}
        />
      </div>
      <div class="results scroll" id="results" role="listbox" aria-label=${t('userPicker.results')}>
        ${found.map((user, index) => this.#result(user, index, active))}
      </div>
      ${found.length === 0 ? this.#none() : nothing}
      <div class="visually-hidden" role="status">
        ${this.query ? t('userPicker.found', { count: found.length }) : nothing}
      </div>
    `
  }

  #found(): User[] {
    const me = this.hub.session.me.value?.id
    const { users: people } = this.hub
    const query = this.query.trim()
    const all = query ? people.search(query) : people.list.value
    return all
      .filter(({ id }) => id !== me && !this.without.includes(id) && !this.chosen.includes(id))
      .slice(0, shownAtMost)
  }

  #result(user: User, index: number, active: number) {
    return html`<div
      class="result"
      role="option"
      id="result-${index}"
      aria-selected=${index === active}
      @pointermove=${() => (this.active = index)}
      @pointerdown=${(event: Event) => event.preventDefault()}
      @click=${() => this.#pick(user)}
    >
      <hb-avatar
        .userId=${user.id}
        .name=${user.displayName}
        .picture=${this.hub.avatarAddress(user.id)}
        .presence=${this.hub.presence.of(user.id)}
      ></hb-avatar>
      <div>
        <span class="first" dir="auto">${user.displayName}${botMark(user)}</span>
        ${
          user.displayName === user.username
            ? nothing
            : html`<span class="second" dir="auto">${user.username}</span>`
        }
      </div>
    </div>`
  }

  #none() {
    const query = this.query.trim()
    const alone = !query && this.hub.users.list.value.length <= 1
    if (!query && !alone) return nothing
    return html`<hb-empty-state
      small
      drawing=${query ? 'search' : 'people'}
      .text=${query ? t('userPicker.none', { query }) : t('userPicker.alone')}
    ></hb-empty-state>`
  }

  #chip(userId: string) {
    const name = this.hub.users.nameOf(userId)
    return html`<span class="chip">
      <hb-avatar .userId=${userId} .name=${name} .picture=${this.hub.avatarAddress(userId)}></hb-avatar>
      <span dir="auto">${name}</span>
      <button
        type="button"
        class="icon-button"
        aria-label=${t('userPicker.remove', { name })}
        @click=${() => this.#choose(this.chosen.filter((id) => id !== userId))}
      >
        <hb-icon name="close" .size=${14}></hb-icon>
      </button>
    </span>`
  }

  #onInput = (event: Event) => {
    this.query = (event.target as HTMLInputElement).value
    this.active = 0
  }

  #onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return
    const found = this.#found()
    const last = found.length - 1
    const active = Math.min(this.active, last)
    const user = found[active]
    if (event.key === 'ArrowDown') this.#move(active >= last ? 0 : active + 1)
    else if (event.key === 'ArrowUp') this.#move(active <= 0 ? last : active - 1)
    else if (event.key === 'Enter' && user && (this.query || this.active > 0 || !this.multiple))
      this.#pick(user)
    else if (event.key === 'Backspace' && !this.query && this.chosen.length > 0)
      this.#choose(this.chosen.slice(0, -1))
    else return
    event.preventDefault()
  }

  #move(to: number) {
    this.active = Math.max(0, to)
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector(`#result-${this.active}`)?.scrollIntoView({ block: 'nearest' }),
    )
  }

  #pick(user: User) {
    this.dispatchEvent(new CustomEvent('hb-pick', { detail: { userId: user.id } }))
    if (!this.multiple) return
    this.query = ''
    this.active = 0
    this.#choose([...this.chosen, user.id])
  }

  #choose(chosen: readonly string[]) {
    this.chosen = chosen
    this.dispatchEvent(new CustomEvent('hb-change', { detail: chosen }))
    this.renderRoot.querySelector<HTMLInputElement>('#query')?.focus()
  }
}

customElements.define('hb-user-picker', HbUserPicker)

declare global {
  interface HTMLElementTagNameMap {
    'hb-user-picker': HbUserPicker
  }
}
