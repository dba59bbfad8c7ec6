import { html, LitElement, nothing } from 'lit'
import type { Hit } from '../../shared/contract/search.ts'
import { openMessage } from '../app/dialogs.ts'
import { closeButton } from '../messages/close-panel.ts'
import { closePanel } from '../messages/panel.ts'
import type { Hub } from '../state/hub.ts'
import { type Asked, type Chip, isEmpty } from '../state/search.ts'
import { SignalWatcher, untracked } from '../state/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty.ts'
import '../ui/hb-icon.ts'
import { panelStyles } from '../ui/panel-styles.ts'
import { foundWords, hitRow, placeTitle, walk } from './hit-row.ts'
import { hitStyles, searchStyles } from './search-styles.ts'
import {
  type Kind,
  kinds,
  openFilterOf,
  type Suggestion,
  suggestionsFor,
  takeFilter,
  wordsOfChip,
} from './typed.ts'

/** Where the panel covers what it leads to. */
const covers = '(max-width: 1099px)'

/**
 * Looks for messages: the field with its chips, and what was found. A panel (`messages/panels.ts`), and a pane of its own
 * where no chat is open. Events, bubbling: `hb-open-chat` with the place, `hb-panel-close`.
 */
export class HbSearch extends SignalWatcher(LitElement) {
  static override properties = { hub: { attribute: false }, chosen: { state: true } }
  declare hub: Hub
  /** The suggestion that Enter takes. */
  declare chosen: number

  static override styles = [baseStyles, buttonStyles, panelStyles, hitStyles, searchStyles]

  constructor() {
    super()
    this.chosen = 0
  }

  override focus(): void {
    this.#field?.focus()
    this.#field?.select()
  }

  protected override firstUpdated(): void {
    this.focus()
  }

  protected override updated(): void {
    const isLive = this.hub.linkState.value === 'live'
    if (isLive && this.hub.search.status.value === 'offline') untracked(() => this.hub.search.askNow())
  }

  protected override render(): unknown {
    const { search } = this.hub
    const asked = search.asked.value
    const open = openFilterOf(asked.text)
    return html`
      <div class="bar">${this.#box(asked)} ${closeButton(this)}</div>
      ${this.#chips(asked)} ${this.#narrow(asked)}
      <div class="scroll" @keydown=${this.#onListKey}>
        ${open ? this.#suggestions(suggestionsFor(open, this.hub)) : this.#found(asked)}
      </div>
    `
  }

  // The field

  #box(asked: Asked): unknown {
    const chip = asked.chips.find(({ kind }) => kind === 'in')
    const chat = chip?.kind === 'in' ? this.hub.chats.get(chip.chatId) : undefined
    const words = chat ? t('search.fieldHere', { name: this.hub.chats.nameOf(chat) }) : t('search.field')
    return html`<div class="field" role="search">
      <hb-icon name="search"></hb-icon>
      <input
        type="text"
        maxlength="900"
        autocomplete="off"
        spellcheck="false"
        dir="auto"
        enterkeyhint="search"
        aria-label=${words}
        placeholder=${words}
        .value=${asked.text}
        @input=${this.#onInput}
        @keydown=${this.#onFieldKey}
      />
      ${
        asked.text
          ? html`<button
              class="icon-button"
              aria-label=${t('search.clear')}
              title=${t('search.clear')}
              @click=${() => this.#ask({ ...asked, text: '' })}
            >
              <hb-icon name="close" .size=${14}></hb-icon>
            </button>`
          : nothing
      }
    </div>`
  }

  #chips(asked: Asked): unknown {
    if (asked.chips.length === 0) return nothing
    return html`<div class="chips">
      ${asked.chips.map((chip) => {
        const name = wordsOfChip(chip, this.hub)
        return html`<button
          class="chip"
          aria-label=${t('search.remove', { name })}
          title=${t('search.remove', { name })}
          @click=${() => this.#remove(chip)}
        >
          <bdi>${name}</bdi><hb-icon name="close" .size=${12}></hb-icon>
        </button>`
      })}
    </div>`
  }

  #narrow({ chips }: Asked): unknown {
    const left = kinds.filter((kind) => !chips.some((chip) => chip.kind === kind))
    return html`<div class="narrow" role="group" aria-label=${t('search.filters')}>
      ${left.map((kind) => html`<button @click=${() => this.#begin(kind)}>${t(`search.${kind}`)}</button>`)}
    </div>`
  }

  // Under it

  #suggestions(list: readonly Suggestion[]): unknown {
    return html`<div role="listbox" aria-label=${t('search.suggestions')}>
      ${list.map(
        (one, i) =>
          html`<button
            class="option"
            role="option"
            tabindex="-1"
            aria-selected=${i === this.chosen}
            @click=${() => this.#take(one.chip)}
          >
            ${this.#picture(one.chip)}<bdi>${one.label}</bdi>
          </button>`,
      )}
    </div>`
  }

  #picture(chip: Chip): unknown {
    if (chip.kind === 'from') {
      const name = this.hub.people.nameOf(chip.userId)
      const picture = this.hub.pictureOf(chip.userId)
      return html`<hb-avatar .userId=${chip.userId} .name=${name} .picture=${picture}></hb-avatar>`
    }
    if (chip.kind === 'in') {
      const direct = this.hub.chats.get(chip.chatId)?.kind === 'direct'
      return html`<hb-icon name=${direct ? 'user' : 'hash'}></hb-icon>`
    }
    if (chip.kind === 'has') return html`<hb-icon name=${chip.has === 'link' ? 'link' : 'attach'}></hb-icon>`
    return html`<hb-icon name="clock"></hb-icon>`
  }

  #found(asked: Asked): unknown {
    const { search } = this.hub
    const hits = search.hits.value
    const more = search.next.value !== undefined
    switch (search.status.value) {
      case 'idle':
        return this.#begun()
      case 'offline':
        return html`<hb-empty small drawing="offline" .text=${t('search.offline')}></hb-empty>`
      case 'refused':
        return html`<p class="note" role="alert">${search.words.value}</p>`
      case 'searching':
        if (hits.length === 0) return nothing
        break
      case 'done':
        if (hits.length === 0 && !more) return this.#nothing(asked)
    }
    return html`
      <p class="note" role="status">
        ${foundWords(hits.length, more)} ${search.building.value ? t('search.building') : nothing}
      </p>
      <div class="hits" role="group" aria-label=${t('search.results')}>
        ${hits.map((hit, i) => [
          hits[i - 1]?.chatId === hit.chatId ? nothing : placeTitle(this.hub, hit.chatId),
          hitRow(this.hub, hit.message, () => this.#open(hit), hit),
        ])}
        ${
          more
            ? html`<button
                class="button small older"
                ?disabled=${search.loadingMore.value}
                @click=${() => void search.loadMore()}
              >
                ${t('search.more')}
              </button>`
            : nothing
        }
      </div>
    `
  }

  #nothing(asked: Asked): unknown {
    const chip = asked.chips.find(({ kind }) => kind === 'in')
    return html`<hb-empty small drawing="search" .text=${t('search.none')} role="status">
      ${
        chip
          ? html`<button class="button small" @click=${() => this.#remove(chip)}>
              ${t('search.widen')}
            </button>`
          : nothing
      }
    </hb-empty>`
  }

  #begun(): unknown {
    const recent = this.hub.search.recent.value
    return html`<p class="note">${t('search.begin')}</p>
      ${
        recent.length === 0
          ? nothing
          : html`<p class="label">
                ${t('search.recent')}
                <button class="button quiet small" @click=${() => this.hub.search.forgetRecent()}>
                  ${t('search.forgetRecent')}
                </button>
              </p>
              ${recent.map(
                (asked) =>
                  html`<button class="option" tabindex="-1" @click=${() => this.#again(asked)}>
                    <hb-icon name="clock"></hb-icon><bdi>${this.#wordsOf(asked)}</bdi>
                  </button>`,
              )}`
      }`
  }

  #wordsOf({ text, chips }: Asked): string {
    return [text.trim(), ...chips.map((chip) => wordsOfChip(chip, this.hub))].filter(Boolean).join(', ')
  }

  // What happens

  #ask(asked: Asked): void {
    this.chosen = 0
    const taken = takeFilter(asked.text, this.hub)
    const next = taken ? { text: taken.rest, chips: withChip(asked.chips, taken.chip) } : asked
    // what is half a filter is no word to look for
    if (openFilterOf(next.text)) this.hub.search.type(next)
    else this.hub.search.ask(next)
  }

  #onInput = (event: Event): void => {
    const text = (event.target as HTMLInputElement).value
    this.#ask({ ...this.hub.search.asked.peek(), text })
  }

  #begin(kind: Kind): void {
    const { text, chips } = this.hub.search.asked.peek()
    this.#ask({ text: `${text.trim()} ${kind}:`.trimStart(), chips })
    void this.updateComplete.then(() => this.#field?.focus())
  }

  #take(chip: Chip): void {
    const { text, chips } = this.hub.search.asked.peek()
    this.#ask({ text: openFilterOf(text)?.rest ?? text, chips: withChip(chips, chip) })
    void this.updateComplete.then(() => this.#field?.focus())
  }

  #remove(chip: Chip): void {
    const { text, chips } = this.hub.search.asked.peek()
    this.#ask({ text, chips: chips.filter((one) => one !== chip) })
    this.#field?.focus()
  }

  #again(asked: Asked): void {
    this.#ask(asked)
    this.hub.search.askNow()
    this.#field?.focus()
  }

  #open({ chatId, message: { no }, threadNo }: Hit): void {
    this.hub.search.keep()
    if (matchMedia(covers).matches) closePanel(this)
    openMessage(this, { chatId, no, threadNo })
  }

  #onFieldKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return
    const asked = this.hub.search.asked.peek()
    const open = openFilterOf(asked.text)
    const list = open ? suggestionsFor(open, this.hub) : []
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (list.length > 0 && step !== 0) {
      this.chosen = (this.chosen + step + list.length) % list.length
    } else if (list.length > 0 && (event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) {
      const one = list[this.chosen]
      if (one) this.#take(one.chip)
    } else if (step === 1) this.#rows[0]?.focus()
    else if (event.key === 'Enter') {
      if (this.hub.search.status.peek() === 'done') this.#rows[0]?.focus()
      else this.hub.search.askNow()
      if (!isEmpty(asked)) this.hub.search.keep()
    } else if (event.key === 'Backspace' && asked.text === '' && asked.chips.length > 0) {
      this.#remove(asked.chips.at(-1) as Chip)
    } else if (event.key === 'Escape') closePanel(this)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  #onListKey = (event: KeyboardEvent): void => {
    const toField = () => this.focus()
    if (walk(this.#rows, event, toField)) event.stopPropagation()
    else if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      toField()
    }
  }

  get #rows(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('.hit, .option, .older')]
  }

  get #field(): HTMLInputElement | null {
    return this.renderRoot.querySelector('input')
  }
}

/** Each kind once. */
function withChip(chips: readonly Chip[], chip: Chip): readonly Chip[] {
  return [...chips.filter(({ kind }) => kind !== chip.kind), chip]
}

customElements.define('hb-search', HbSearch)

declare global {
  interface HTMLElementTagNameMap {
    'hb-search': HbSearch
  }
}
