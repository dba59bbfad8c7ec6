import { html, nothing, type ReactiveController, type ReactiveControllerHost } from 'lit'
import '../ui/hb-avatar.ts'
import { t } from '../text/t.ts'
import { autocompleteQueryAt, type AutocompleteQuery, type AutocompleteItem } from './autocomplete.ts'
import type { EditorState, TextEdit } from './markdown-editing.ts'
import type { AutocompleteSource } from './autocomplete-sources.ts'
import { isComposing, isEnter } from '../ui/keys.ts'

/** The field that the list completes. */
export interface AutocompleteEditor {
  readonly state: () => EditorState
  readonly apply: (change: TextEdit) => void
  /** Ends the composition of an input method, with its text in the field. */
  readonly endComposition: () => void
}

/** The autocomplete list above the composer: names, groups, emoji and commands. The focus stays in the field. */
export class AutocompletePopup implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #editor: AutocompleteEditor
  #query: AutocompleteQuery | undefined
  #items: readonly AutocompleteItem[] = []
  #activeIndex = 0
  /** Set by Escape: the list stays closed for the same query. */
  #dismissedAt: number | undefined
  #requestNo = 0

  constructor(host: ReactiveControllerHost, editor: AutocompleteEditor) {
    this.#host = host
    this.#editor = editor
    host.addController(this)
  }

  hostDisconnected(): void {
    this.close()
  }

  get isOpen(): boolean {
    return this.#items.length > 0
  }

  get activeId(): string | undefined {
    return this.isOpen ? `offer-${this.#activeIndex}` : undefined
  }

  /** The text or the caret has changed. */
  async update(text: string, from: number, to: number, source: AutocompleteSource): Promise<void> {
    const requestNo = ++this.#requestNo
    const query = from === to ? autocompleteQueryAt(text, to) : undefined
    if (!query || query.from === this.#dismissedAt) {
      if (!query) this.#dismissedAt = undefined
      this.#setItems(undefined, [])
      return
    }
    try {
      const result = source(query, (more) => {
        if (requestNo === this.#requestNo) this.#setItems(query, more)
      })
      const list = result instanceof Promise ? await result : result
      if (requestNo === this.#requestNo) this.#setItems(query, list)
    } catch {
      // Emoji are not offered if they cannot be loaded now.
      if (requestNo === this.#requestNo) this.#setItems(undefined, [])
    }
  }

  close(): void {
    this.#requestNo += 1
    this.#dismissedAt = undefined
    this.#setItems(undefined, [])
  }

  /** Returns true if the list handled the key. */
  handleKey(event: KeyboardEvent): boolean {
    if (!this.isOpen || isComposing(event)) return false
    const last = this.#items.length - 1
    const plain = !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey
    if (!plain) return false
    if (event.key === 'ArrowDown') this.#activeIndex = this.#activeIndex === last ? 0 : this.#activeIndex + 1
    else if (event.key === 'ArrowUp')
      this.#activeIndex = this.#activeIndex === 0 ? last : this.#activeIndex - 1
    else if (isEnter(event) || event.key === 'Tab') {
      if (!this.#accept(this.#activeIndex)) return false
    } else if (event.key === 'Escape') this.#dismiss()
    else return false
    event.preventDefault()
    event.stopPropagation()
    this.#host.requestUpdate()
    return true
  }

  #dismiss(): void {
    const from = this.#query?.from
    this.close()
    this.#dismissedAt = from
  }

  /** Returns false if the text is no longer the one that the item was offered for. */
  #accept(index: number): boolean {
    const item = this.#items[index]
    const query = this.#query
    if (!item || !query) return false
    this.#editor.endComposition()
    const { text, from, to } = this.#editor.state()
    const current = from === to ? autocompleteQueryAt(text, to) : undefined
    this.#setItems(undefined, [])
    if (current?.kind !== query.kind || current.from !== query.from || current.term !== query.term)
      return false
    const insert = `${item.insert} `
    const end = query.from + insert.length
    this.#editor.apply({ from: query.from, to, insert, select: [end, end] })
    return true
  }

  #setItems(query: AutocompleteQuery | undefined, items: readonly AutocompleteItem[]): void {
    if (!query && this.#items.length === 0) return
    if (query?.from !== this.#query?.from || query?.term !== this.#query?.term) this.#activeIndex = 0
    this.#query = query
    this.#items = items
    this.#activeIndex = Math.min(this.#activeIndex, Math.max(0, items.length - 1))
    this.#host.requestUpdate()
  }

  render(): unknown {
    return html`
      <div
        id="offers"
        role="listbox"
        aria-label=${t('composer.offers')}
        ?hidden=${!this.isOpen}
        @mousedown=${(event: Event) => event.preventDefault()}
      >
        ${this.#items.map(
          (offer, at) =>
            html`<div
              id="offer-${at}"
              class="offer"
              role="option"
              aria-selected=${at === this.#activeIndex ? 'true' : 'false'}
              @pointermove=${() => this.#setActive(at)}
              @click=${() => this.#accept(at)}
            >
              ${renderPicture(offer)}
              <bdi class="autocomplete-title">${offer.title}</bdi>
              <span class="autocomplete-note">${offer.note}</span>
            </div>`,
        )}
      </div>
      <div class="visually-hidden" role="status">
        ${this.isOpen ? t('composer.offered', { count: this.#items.length }) : nothing}
      </div>
    `
  }

  #setActive(index: number): void {
    if (index === this.#activeIndex) return
    this.#activeIndex = index
    this.#host.requestUpdate()
  }
}

function renderPicture({ emoji, avatar }: AutocompleteItem): unknown {
  if (avatar) {
    return html`<hb-avatar
      aria-hidden="true"
      .userId=${avatar.id}
      .joined=${avatar.joined}
      .name=${avatar.name}
      .picture=${avatar.picture}
      .kind=${avatar.kind}
    ></hb-avatar>`
  }
  return emoji === undefined
    ? nothing
    : html`<span class="autocomplete-emoji" aria-hidden="true">${emoji}</span>`
}
