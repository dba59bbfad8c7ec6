import { html, LitElement, nothing } from 'lit'
import type { Hit } from '../../shared/contract/search.ts'
import { openMessage } from '../navigation/dialogs.ts'
import { closePanelButton } from '../navigation/close-panel-button.ts'
import { closeSidePanel } from '../navigation/side-panel.ts'
import type { Hub } from '../state/hub.ts'
import { type SearchQuery, type SearchChip, isEmptyQuery } from '../state/search-query.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import { KeepRowFocus } from '../ui/keep-row-focus.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { panelStyles } from '../ui/panel-styles.ts'
import { resultCountText, resultRow, chatTitle, moveRowFocus } from './result-row.ts'
import { hitStyles, searchStyles } from './search-styles.ts'
import {
  type FilterKind,
  filterKinds,
  parseOpenFilter,
  type Suggestion,
  suggestionsFor,
  extractFilter,
  chipText,
  excludingText,
} from './query-input.ts'
import { isComposing, isEnter } from '../ui/keys.ts'
import { userAvatar } from '../users/avatars.ts'

/** On these widths the panel covers the conversation that a result opens. */
const overlayMediaQuery = '(width < 68.75em)'

/**
 * Searches messages: the field with its chips, and the results. A panel (`app/side-panel-registry.ts`), and a pane of
 * its own while no chat is open. Events, bubbling: `hb-open-chat` with the place, `hb-close-panel`.
 */
export class HbSearch extends SignalWatcher(LitElement) {
  static override properties = { hub: { attribute: false }, activeIndex: { state: true } }
  declare hub: Hub
  /** The suggestion that Enter takes. */
  declare activeIndex: number

  protected readonly keepFocus = new KeepRowFocus(this, { rows: '.hit' })

  static override styles = [baseStyles, buttonStyles, panelStyles, hitStyles, searchStyles]

  #isFollowStopped = false

  constructor() {
    super()
    this.activeIndex = 0
  }

  override focus(): void {
    this.#field?.focus()
    this.#field?.select()
  }

  protected override firstUpdated(): void {
    this.focus()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#endOfResults.disconnect()
  }

  /** The hub gives a part of what it finds: the rest follows as the user comes to the end of the list. */
  #followResults(): void {
    this.#endOfResults.disconnect()
    const older = this.renderRoot.querySelector('.older')
    if (older && !this.#isFollowStopped) this.#endOfResults.observe(older)
  }

  readonly #endOfResults = new IntersectionObserver((seen) => {
    if (seen.some(({ isIntersecting }) => isIntersecting)) void this.#loadMore()
  })

  /** Without a response, the next part comes by a press only. */
  async #loadMore(): Promise<void> {
    this.#isFollowStopped = !(await this.hub.search.loadMore())
    this.#followResults()
  }

  protected override updated(): void {
    this.#followResults()
    const isLive = this.hub.connectionState.value === 'live'
    if (isLive && this.hub.search.status.value === 'offline') untracked(() => void this.hub.search.runNow())
  }

  protected override render(): unknown {
    const { search } = this.hub
    const asked = search.query.value
    const open = parseOpenFilter(asked.text)
    const suggestions = open ? suggestionsFor(open, this.hub) : undefined
    return html`
      <h2 class="visually-hidden">${t('search.title')}</h2>
      <div class="bar">${this.#renderField(asked, suggestions?.length ?? 0)} ${closePanelButton(this)}</div>
      ${this.#renderChips(asked)} ${this.#renderFilterButtons(asked)}
      <div class="scroll" @keydown=${this.#onListKey}>
        <div role="status">${suggestions ? nothing : this.#renderOutcome(asked)}</div>
        ${suggestions ? this.#renderSuggestions(suggestions) : this.#renderResults()}
      </div>
    `
  }

  // The field

  #renderField(asked: SearchQuery, suggestionCount: number): unknown {
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
        aria-autocomplete="list"
        aria-controls=${suggestionCount > 0 ? 'suggestions' : nothing}
        aria-activedescendant=${suggestionCount > 0 ? `suggestion-${this.activeIndex}` : nothing}
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
              data-tip=${t('search.clear')}
              @click=${() => this.#setQuery({ ...asked, text: '' })}
            >
              <hb-icon name="close" .size=${14}></hb-icon>
            </button>`
          : nothing
      }
    </div>`
  }

  #renderChips(asked: SearchQuery): unknown {
    if (asked.chips.length === 0) return nothing
    return html`<div class="chips">
      ${asked.chips.map((chip) => {
        const name = chipText(chip, this.hub)
        return html`<button
          class="chip"
          aria-label=${t('search.remove', { name })}
          data-tip=${t('search.remove', { name })}
          @click=${() => this.#removeChip(chip)}
        >
          <bdi>${name}</bdi><hb-icon name="close" .size=${12}></hb-icon>
        </button>`
      })}
    </div>`
  }

  #renderFilterButtons({ chips }: SearchQuery): unknown {
    const left = filterKinds.filter((kind) => !chips.some((chip) => chip.kind === kind))
    return html`<div class="narrow" role="group" aria-label=${t('search.filters')}>
      ${left.map((kind) => html`<button @click=${() => this.#startFilter(kind)}>${t(`search.${kind}`)}</button>`)}
    </div>`
  }

  // Under it

  #renderSuggestions(list: readonly Suggestion[]): unknown {
    if (list.length === 0) return html`<p class="note">${t('search.noSuggestion')}</p>`
    return html`<div id="suggestions" role="listbox" aria-label=${t('search.suggestions')}>
      ${list.map(
        (one, i) =>
          html`<button
            class="option"
            id="suggestion-${i}"
            role="option"
            tabindex="-1"
            aria-selected=${i === this.activeIndex}
            @click=${() => this.#addChip(one.chip)}
          >
            ${this.#renderChipPicture(one.chip)}<bdi>${one.label}</bdi>
          </button>`,
      )}
    </div>`
  }

  #renderChipPicture(chip: SearchChip): unknown {
    if (chip.kind === 'from') {
      return userAvatar(this.hub, chip.userId)
    }
    if (chip.kind === 'in') {
      const direct = this.hub.chats.get(chip.chatId)?.kind === 'direct'
      return html`<hb-icon name=${direct ? 'user' : 'hash'}></hb-icon>`
    }
    if (chip.kind === 'has') return html`<hb-icon name=${chip.has === 'link' ? 'link' : 'attach'}></hb-icon>`
    if (chip.kind === 'is') return html`<hb-icon name=${isIcons[chip.is]}></hb-icon>`
    return html`<hb-icon name="clock"></hb-icon>`
  }

  /** In an element that stays: screen readers read what changes in it. */
  #renderOutcome(asked: SearchQuery): unknown {
    const { search } = this.hub
    const { length } = search.hits.value
    const more = search.nextCursor.value !== undefined
    const status = search.status.value
    if (status === 'idle' || status === 'refused') return nothing
    if (length === 0 && status === 'searching') return nothing
    if (length === 0 && status === 'offline')
      return html`<hb-empty-state small drawing="offline" .text=${t('search.offline')}></hb-empty-state>`
    if (length === 0 && !more) return this.#renderNoResults(asked)
    return html`<p class="note">
      ${length === 0 ? t('search.going') : resultCountText(length, more)}
      ${search.isIndexing.value ? t('search.building') : nothing}
      ${status === 'offline' ? t('search.onlyKept') : nothing}
    </p>`
  }

  #renderResults(): unknown {
    const { search } = this.hub
    const hits = search.hits.value
    const more = search.nextCursor.value !== undefined
    const status = search.status.value
    if (status === 'idle') return this.#renderStart()
    if (status === 'refused') return html`<p class="note" role="alert">${search.searchedText.value}</p>`
    if (hits.length === 0 && !(more && status === 'done')) return nothing
    return html`
      <div class="hits" role="group" aria-label=${t('search.results')}>
        ${keyedList(
          hits.map((hit, i) => ({ hit, isFirst: hits[i - 1]?.chatId !== hit.chatId })),
          ({ hit }) => hit.message.id,
          ({ hit, isFirst }) => [
            isFirst ? chatTitle(this.hub, hit.chatId) : nothing,
            resultRow(this.hub, hit.message, () => this.#openHit(hit), { excerpt: hit }),
          ],
        )}
        ${
          more
            ? html`<button
                class="button small older"
                aria-disabled=${search.loadingMore.value}
                @click=${() => void this.#loadMore()}
              >
                ${t('search.more')}
              </button>`
            : nothing
        }
      </div>
    `
  }

  #renderNoResults(asked: SearchQuery): unknown {
    const chip = asked.chips.find(({ kind }) => kind === 'in')
    return html`<hb-empty-state small drawing="search" .text=${t('search.none')}>
      ${
        chip
          ? html`<button class="button small" @click=${() => this.#removeChip(chip)}>
              ${t('search.widen')}
            </button>`
          : nothing
      }
    </hb-empty-state>`
  }

  #renderStart(): unknown {
    const recent = this.hub.search.recent.value
    return html`<p class="note">${t('search.begin')}</p>
      ${
        recent.length === 0
          ? nothing
          : html`<p class="label">
                ${t('search.recent')}
                <button class="button quiet small" @click=${() => this.hub.search.clearRecent()}>
                  ${t('search.forgetRecent')}
                </button>
              </p>
              ${recent.map(
                (asked) =>
                  html`<button class="option" tabindex="-1" @click=${() => this.#repeatSearch(asked)}>
                    <hb-icon name="clock"></hb-icon><bdi>${this.#queryText(asked)}</bdi>
                  </button>`,
              )}`
      }`
  }

  #queryText({ text, chips }: SearchQuery): string {
    return [text.trim(), ...chips.map((chip) => chipText(chip, this.hub))].filter(Boolean).join(', ')
  }

  // Actions

  #setQuery(asked: SearchQuery): void {
    this.activeIndex = 0
    this.#isFollowStopped = false
    const taken = extractFilter(asked.text, this.hub)
    const next = taken ? { text: taken.rest, chips: withChip(asked.chips, taken.chip) } : asked
    // An unfinished filter is not a search term.
    if (parseOpenFilter(next.text)) this.hub.search.runSoon(next)
    else this.hub.search.run(next)
  }

  #onInput = (event: Event): void => {
    const text = (event.target as HTMLInputElement).value
    this.#setQuery({ ...this.hub.search.query.peek(), text })
  }

  #startFilter(kind: FilterKind): void {
    const { text, chips } = this.hub.search.query.peek()
    this.#setQuery({ text: `${text.trim()} ${kind}:`.trimStart(), chips })
    void this.updateComplete.then(() => this.#field?.focus())
  }

  #addChip(chip: SearchChip): void {
    const { text, chips } = this.hub.search.query.peek()
    const open = parseOpenFilter(text)
    if (open?.isExcluded)
      this.#setQuery({ text: `${open.rest} ${excludingText(chip, this.hub)} `.trimStart(), chips })
    else this.#setQuery({ text: open?.rest ?? text, chips: withChip(chips, chip) })
    void this.updateComplete.then(() => this.#field?.focus())
  }

  #removeChip(chip: SearchChip): void {
    const { text, chips } = this.hub.search.query.peek()
    this.#setQuery({ text, chips: chips.filter((one) => one !== chip) })
    this.#field?.focus()
  }

  #repeatSearch(asked: SearchQuery): void {
    this.#setQuery(asked)
    void this.hub.search.runNow()
    this.#field?.focus()
  }

  #openHit({ chatId, message: { no }, threadNo }: Hit): void {
    this.hub.search.rememberQuery()
    if (matchMedia(overlayMediaQuery).matches) closeSidePanel(this)
    openMessage(this, { chatId, no, threadNo })
  }

  #onFieldKey = (event: KeyboardEvent): void => {
    if (isComposing(event)) return
    const asked = this.hub.search.query.peek()
    const open = parseOpenFilter(asked.text)
    const list = open ? suggestionsFor(open, this.hub) : []
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (list.length > 0 && step !== 0) {
      this.activeIndex = (this.activeIndex + step + list.length) % list.length
    } else if (list.length > 0 && (isEnter(event) || event.key === 'Tab') && !event.shiftKey) {
      const one = list[this.activeIndex]
      if (one) this.#addChip(one.chip)
    } else if (step === 1) this.#rows[0]?.focus()
    else if (isEnter(event)) {
      if (this.hub.search.areHitsCurrent) this.#rows[0]?.focus()
      else void this.#focusWhenFound()
      if (!isEmptyQuery(asked)) this.hub.search.rememberQuery()
    } else if (event.key === 'Backspace' && asked.text === '' && asked.chips.length > 0) {
      this.#removeChip(asked.chips.at(-1) as SearchChip)
    } else if (event.key === 'Escape') closeSidePanel(this)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  /** Enter leads to the results once they are those of the query, unless the user has gone on typing. */
  async #focusWhenFound(): Promise<void> {
    const { search } = this.hub
    const asked = search.query.peek()
    await search.runNow()
    await this.updateComplete
    if (search.query.peek() === asked && search.areHitsCurrent && this.#field?.matches(':focus'))
      this.#rows[0]?.focus()
  }

  #onListKey = (event: KeyboardEvent): void => {
    const toField = () => this.focus()
    if (moveRowFocus(this.#rows, event, toField)) event.stopPropagation()
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

const isIcons = { pinned: 'pin', thread: 'thread', mentions: 'mention' } as const

/** Each kind once, but a message can be pinned and in a thread. */
function withChip(chips: readonly SearchChip[], chip: SearchChip): readonly SearchChip[] {
  const isSame = (one: SearchChip): boolean =>
    one.kind === 'is' && chip.kind === 'is' ? one.is === chip.is : one.kind === chip.kind
  return [...chips.filter((one) => !isSame(one)), chip]
}

customElements.define('hb-search', HbSearch)

declare global {
  interface HTMLElementTagNameMap {
    'hb-search': HbSearch
  }
}
