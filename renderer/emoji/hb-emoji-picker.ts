import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import { emojiPreferences, rememberEmoji, rememberTone } from './emoji-preferences.ts'
import { withTone, type Emoji, type EmojiSet, type Tone } from './emoji.ts'
import { emojiPickerStyles } from './emoji-picker-styles.ts'
import { loadEmoji } from './load-emoji.ts'
import { foundGroup, groups, recentGroup, tones } from './emoji-groups.ts'
import { isComposing, isEnter } from '../ui/keys.ts'

const columnCount = 8

const cellPx = 36

const titlePx = 28

interface EmojiSection {
  id: number
  name: string
  emoji: readonly { text: string; of: Emoji }[]
  /** Row of the first, among all rows. */
  row: number
  top: number
}

/**
 * All emoji by groups, with search. The focus stays in the search field; arrow keys move, Enter picks. Only the groups near
 * the eye are in the document. Put into a popover by `pickEmoji()`, or anywhere.
 *
 * Event: `hb-emoji` (`detail.emoji`).
 */
export class HbEmojiPicker extends LitElement {
  static override properties = {
    emoji: { state: true },
    problem: { state: true },
    query: { state: true },
    tone: { state: true },
    isChoosingTone: { state: true },
    active: { state: true },
    renderedSections: { state: true },
  }
  static override styles = [baseStyles, emojiPickerStyles]

  declare emoji: EmojiSet | undefined
  declare problem: boolean
  declare query: string
  declare tone: Tone
  declare isChoosingTone: boolean
  /** Place among the rows. */
  declare active: { row: number; column: number } | undefined
  /** Sections that are drawn, by id. */
  declare renderedSections: ReadonlySet<number>

  #recent: readonly string[]
  #sections: readonly EmojiSection[] = []
  /** Left and right move among the emoji once up or down did; before, they move within the words. */
  #isNavigating = false

  constructor() {
    super()
    const habits = emojiPreferences()
    this.#recent = habits.recent
    this.tone = habits.tone
    this.emoji = undefined
    this.problem = false
    this.query = ''
    this.isChoosingTone = false
    this.active = undefined
    this.renderedSections = new Set([recentGroup, 0])
  }

  override focus(): void {
    this.renderRoot.querySelector('input')?.focus()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  async #load(): Promise<void> {
    try {
      this.problem = false
      this.emoji = await loadEmoji()
    } catch {
      this.problem = true
    }
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('emoji') && !changed.has('query') && !changed.has('tone')) return
    this.#sections = this.emoji ? this.#buildSections(this.emoji) : []
    if (changed.has('query')) {
      this.#isNavigating = false
      this.active =
        this.query.trim() === '' || this.#sections.length === 0 ? undefined : { row: 0, column: 0 }
    }
  }

  #buildSections(set: EmojiSet): EmojiSection[] {
    const toned = (of: Emoji) => ({ text: withTone(of, this.tone), of })
    const lists: { id: number; name: string; emoji: EmojiSection['emoji'] }[] = []
    if (this.query.trim() !== '') {
      lists.push({ id: foundGroup, name: t('emoji.found'), emoji: set.search(this.query).map(toned) })
    } else {
      for (const { id, name } of groups) {
        const emoji =
          id === recentGroup
            ? this.#recent.flatMap((text) => {
                const of = set.byEmoji(text)
                return of ? [{ text, of }] : []
              })
            : set.all.filter((each) => each.group === id).map(toned)
        lists.push({ id, name: t(name), emoji })
      }
    }
    let row = 0
    let top = 0
    return lists
      .filter(({ emoji }) => emoji.length > 0)
      .map((list) => {
        const section = { ...list, row, top }
        const rows = Math.ceil(list.emoji.length / columnCount)
        row += rows
        top += titlePx + rows * cellPx
        return section
      })
  }

  protected override render(): unknown {
    const active = this.#activeEmoji()
    return html`
      <div class="search">
        <hb-icon name="search"></hb-icon>
        <input
          type="text"
          maxlength=${limits.groupName}
          role="combobox"
          aria-label=${t('emoji.search')}
          aria-controls="list"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-activedescendant=${active ? 'active' : nothing}
          placeholder=${t('emoji.search')}
          autocomplete="off"
          spellcheck="false"
          enterkeyhint="done"
          .value=${this.query}
          @input=${(event: Event) => (this.query = (event.target as HTMLInputElement).value)}
          @keydown=${this.#onKey}
        />
      </div>
      ${this.#renderGroups()}
      <div
        id="list"
        role="listbox"
        aria-label=${t('emoji.title')}
        @scroll=${this.#onScroll}
        @click=${this.#onClick}
        @pointerover=${this.#onPointerOver}
      >
        ${this.#renderList()}
      </div>
      <div class="foot">
        <p class="about">
          ${
            active
              ? html`<span class="face" aria-hidden="true">${active.text}</span
                  ><span class="words"
                    ><b>${active.of.name}</b>${
                      active.of.codes[0] ? html` <span>:${active.of.codes[0]}:</span>` : nothing
                    }</span
                  >`
              : nothing
          }
        </p>
        ${this.#renderTones()}
      </div>
    `
  }

  #renderGroups(): unknown {
    return html`<div
      class="groups"
      role="toolbar"
      aria-label=${t('emoji.groups')}
      @keydown=${this.#onGroupKey}
    >
      ${groups.map(
        ({ id, face, name }, at) =>
          html`<button
            tabindex=${at === 0 ? '0' : '-1'}
            data-tip=${t(name)}
            aria-label=${t(name)}
            @click=${() => this.#scrollToGroup(id)}
          >
            ${face}
          </button>`,
      )}
    </div>`
  }

  #renderList(): unknown {
    if (this.problem) {
      return html`<p class="none" role="alert">
        ${t('emoji.problem')} <button @click=${() => void this.#load()}>${t('messages.retry')}</button>
      </p>`
    }
    if (!this.emoji) return nothing
    if (this.#sections.length === 0)
      return html`<p class="none" role="status">${t('emoji.none', { query: this.query })}</p>`
    return this.#sections.map((section) => {
      const drawn = section.id === foundGroup || this.renderedSections.has(section.id)
      const rows = Math.ceil(section.emoji.length / columnCount)
      return html`<section
        role="group"
        aria-label=${section.name}
        data-id=${section.id}
        .style=${`block-size: ${titlePx + rows * cellPx}px`}
      >
        <h4 aria-hidden="true">${section.name}</h4>
        ${drawn ? html`<div class="cells" role="presentation">${section.emoji.map((each, at) => this.#renderCell(section, each, at))}</div>` : nothing}
      </section>`
    })
  }

  #renderCell(section: EmojiSection, { text, of }: EmojiSection['emoji'][number], at: number): unknown {
    const row = section.row + Math.floor(at / columnCount)
    const column = at % columnCount
    const isActive = this.active?.row === row && this.active.column === column
    return html`<span
      id=${isActive ? 'active' : nothing}
      class="cell"
      role="option"
      aria-selected=${isActive ? 'true' : 'false'}
      aria-label=${of.name}
      data-row=${row}
      data-column=${column}
      >${text}</span
    >`
  }

  #renderTones(): unknown {
    if (!this.isChoosingTone) {
      const now = tones[this.tone]
      return html`<button
        class="tone"
        aria-label=${t('emoji.toneNow', { tone: t(now.name) })}
        data-tip=${t('emoji.tone')}
        @click=${() => this.#openTones()}
      >
        ${now.face}
      </button>`
    }
    return html`<div
      class="tones"
      role="radiogroup"
      aria-label=${t('emoji.tone')}
      @keydown=${this.#onToneKey}
    >
      ${tones.map(
        ({ tone, face, name }) =>
          html`<button
            class="tone"
            role="radio"
            aria-checked=${tone === this.tone ? 'true' : 'false'}
            tabindex=${tone === this.tone ? '0' : '-1'}
            aria-label=${t(name)}
            data-tip=${t(name)}
            @click=${() => this.#setTone(tone)}
          >
            ${face}
          </button>`,
      )}
    </div>`
  }

  // Input

  #pick(text: string): void {
    rememberEmoji(text)
    this.dispatchEvent(
      new CustomEvent('hb-emoji', { detail: { emoji: text }, bubbles: true, composed: true }),
    )
  }

  #onClick = (event: Event): void => {
    const at = cellPosition(event)
    const chosen = at && this.#cellAt(at.row, at.column)
    if (chosen) this.#pick(chosen.text)
  }

  #onPointerOver = (event: Event): void => {
    const at = cellPosition(event)
    if (at) this.active = at
  }

  #onKey = (event: KeyboardEvent): void => {
    if (isComposing(event)) return
    const { key } = event
    const rtl = getComputedStyle(this).direction === 'rtl'
    const sideways = this.#isNavigating || this.query === ''
    if (key === 'ArrowDown') this.#moveActive(1, 0)
    else if (key === 'ArrowUp') this.#moveActive(-1, 0)
    else if (sideways && key === 'ArrowRight') this.#moveActive(0, rtl ? -1 : 1)
    else if (sideways && key === 'ArrowLeft') this.#moveActive(0, rtl ? 1 : -1)
    else if (key === 'PageDown') this.#moveActive(6, 0)
    else if (key === 'PageUp') this.#moveActive(-6, 0)
    else if (isEnter(event)) {
      const active = this.#activeEmoji()
      if (active) this.#pick(active.text)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  #moveActive(rows: number, columnsOn: number): void {
    const last = this.#rowCount() - 1
    if (last < 0) return
    this.#isNavigating = true
    if (!this.active) {
      this.active = { row: 0, column: 0 }
    } else {
      let row = Math.max(0, Math.min(last, this.active.row + rows))
      let column = this.active.column + columnsOn
      if (column < 0 && row > 0) {
        row -= 1
        column = this.#rowLength(row) - 1
      } else if (columnsOn > 0 && column >= this.#rowLength(row) && row < last) {
        row += 1
        column = 0
      }
      this.active = { row, column: Math.max(0, Math.min(column, this.#rowLength(row) - 1)) }
    }
    const section = this.#sectionAt(this.active.row)
    if (section && !this.renderedSections.has(section.id))
      this.renderedSections = new Set([...this.renderedSections, section.id])
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector('#active')?.scrollIntoView({ block: 'nearest' }),
    )
  }

  #onScroll = (): void => {
    const list = this.#listElement
    const from = list.scrollTop - list.clientHeight
    const to = list.scrollTop + 2 * list.clientHeight
    const seen = this.#sections.filter((section, at) => {
      const end = this.#sections[at + 1]?.top ?? Infinity
      return section.top < to && end > from && !this.renderedSections.has(section.id)
    })
    if (seen.length > 0)
      this.renderedSections = new Set([...this.renderedSections, ...seen.map(({ id }) => id)])
  }

  #scrollToGroup(id: number): void {
    this.query = ''
    void this.updateComplete.then(() => {
      const section = this.#sections.find((each) => each.id === id)
      if (!section) return
      this.#listElement.scrollTop = section.top
      this.active = { row: section.row, column: 0 }
    })
  }

  #onGroupKey = (event: KeyboardEvent): void => {
    moveFocus(event, [...this.renderRoot.querySelectorAll<HTMLElement>('.groups button')])
  }

  #onToneKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      this.#setTone(this.tone)
      return
    }
    moveFocus(event, [...this.renderRoot.querySelectorAll<HTMLElement>('.tones button')])
  }

  #openTones(): void {
    this.isChoosingTone = true
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('.tones [tabindex="0"]')?.focus(),
    )
  }

  #setTone(tone: Tone): void {
    this.tone = tone
    this.isChoosingTone = false
    rememberTone(tone)
    void this.updateComplete.then(() => this.focus())
  }

  // Layout

  #activeEmoji(): EmojiSection['emoji'][number] | undefined {
    return this.active && this.#cellAt(this.active.row, this.active.column)
  }

  #cellAt(row: number, column: number): EmojiSection['emoji'][number] | undefined {
    const section = this.#sectionAt(row)
    return section?.emoji[(row - section.row) * columnCount + column]
  }

  #sectionAt(row: number): EmojiSection | undefined {
    return this.#sections.findLast((section) => section.row <= row)
  }

  #rowCount(): number {
    const last = this.#sections.at(-1)
    return last ? last.row + Math.ceil(last.emoji.length / columnCount) : 0
  }

  #rowLength(row: number): number {
    const section = this.#sectionAt(row)
    return section ? Math.min(columnCount, section.emoji.length - (row - section.row) * columnCount) : 0
  }

  get #listElement(): HTMLElement {
    return this.renderRoot.querySelector('#list') as HTMLElement
  }
}

customElements.define('hb-emoji-picker', HbEmojiPicker)

declare global {
  interface HTMLElementTagNameMap {
    'hb-emoji-picker': HbEmojiPicker
  }
}

function cellPosition(event: Event): { row: number; column: number } | undefined {
  const found = (event.target as HTMLElement).closest<HTMLElement>('.cell')
  return found ? { row: Number(found.dataset.row), column: Number(found.dataset.column) } : undefined
}

function moveFocus(event: KeyboardEvent, buttons: HTMLElement[]): void {
  const now = buttons.findIndex((button) => button === event.target)
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  const to = event.key === 'Home' ? 0 : event.key === 'End' ? buttons.length - 1 : by && now + by
  if (to === undefined) return
  event.preventDefault()
  buttons[(to + buttons.length) % buttons.length]?.focus()
}
