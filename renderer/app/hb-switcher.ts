import { css, html, LitElement, nothing } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import { pickerStyles } from '../ui/picker-styles.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-avatar.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-icon.ts'
import { notify } from '../ui/hb-toasts.ts'
import { openChat } from '../navigation/dialogs.ts'
import { openSearch } from '../navigation/open-search.ts'
import { kbdStyles } from '../ui/kbd-styles.ts'
import { moveActive } from '../ui/active-option.ts'
import { isComposing, isEnter } from '../ui/keys.ts'
import { switcherGroups, type SwitcherGroup, type SwitcherResult } from './switcher-results.ts'
import { unreadBadge, unreadBadgeStyles } from '../ui/unread-badge.ts'

/**
 * Ctrl/Cmd+K: a few letters and Enter open any chat or page, or run an action. Emits `hb-close`, `hb-navigate` (`detail`: the address)
 * and, bubbling, `hb-open-chat`.
 */
export class HbSwitcher extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    query: { state: true },
    activeId: { state: true },
  }
  declare hub: Hub
  declare query: string
  /** Of the result that Enter opens; '' for the first one. By its id, since a large hub adds others later. */
  declare activeId: string

  static override styles = [
    baseStyles,
    pickerStyles,
    kbdStyles,
    unreadBadgeStyles,
    css`
      .box {
        flex: none;
        padding: 8px 12px;
        border: 0;
        border-block-end: 1px solid var(--color-border);
        border-radius: 0;
        background: none;
      }
      .box:focus-within {
        box-shadow: none;
        border-color: var(--color-border);
      }
      .results {
        margin: 0;
        padding: var(--space-2);
        max-block-size: min(420px, 56dvh);
        scroll-padding-block: var(--space-2);
      }
      .result {
        --avatar-size: 1.75rem;
        min-block-size: 42px;
      }
      .first {
        display: inline;
      }
      .second {
        display: inline;
        margin-inline-start: 6px;
      }
      .line {
        overflow: hidden;
        white-space: nowrap;
        text-overflow: ellipsis;
      }
      .unread {
        font-weight: 600;
      }
      footer {
        flex: none;
        display: flex;
        gap: var(--space-4);
        padding: var(--space-2) var(--space-4);
        border-block-start: 1px solid var(--color-border);
        color: var(--color-text-muted);
        font: var(--type-meta);
      }
      footer span {
        display: flex;
        align-items: center;
        gap: var(--space-1);
      }
      @media (hover: none) {
        footer {
          display: none;
        }
      }
      .sign {
        flex: none;
        display: grid;
        place-items: center;
        inline-size: 28px;
        block-size: 28px;
        color: var(--color-text-muted);
      }
    `,
  ]

  constructor() {
    super()
    this.query = ''
    this.activeId = ''
  }

  override render() {
    const groups = this.#groups()
    const found = groups.flatMap(({ results }) => results)
    const search = this.#searchResults()
    const count = found.length + search.length
    const first = (group: SwitcherGroup): number => found.indexOf(group.results[0] as SwitcherResult)
    const active = this.#activeIndex([...found, ...search])
    return html`<hb-dialog
      plain
      .heading=${t('switcher.title')}
      @hb-close=${() => this.dispatchEvent(new CustomEvent('hb-close'))}
    >
      <div class="box">
        <hb-icon name="search"></hb-icon>
        <input
          autofocus
          type="text"
          maxlength=${limits.groupName}
          role="combobox"
          autocomplete="off"
          spellcheck="false"
          aria-label=${t('switcher.title')}
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls="results"
          aria-activedescendant=${active >= 0 ? `place-${active}` : nothing}
          placeholder=${t('switcher.find')}
          dir="auto"
          .value=${this.query}
          @input=${this.#onInput}
          @keydown=${this.#onKey}
        />
      </div>
      <div class="results scroll" id="results" role="listbox" aria-label=${t('switcher.results')}>
        ${groups.map((group) => this.#renderGroup(group, first(group), active))}
        ${
          found.length === 0 && search.length > 0 && active >= 0
            ? html`<p class="heading">${t('switcher.none', { query: this.query.trim() })}</p>`
            : nothing
        }
        ${search.map((place) => this.#renderResult(place, count - 1, active))}
      </div>
      <footer aria-hidden="true">
        <span><kbd>↑</kbd><kbd>↓</kbd> ${t('switcher.keyMove')}</span>
        <span><kbd>↵</kbd> ${t('switcher.keyOpen')}</span>
        <span><kbd>Esc</kbd> ${t('switcher.keyClose')}</span>
      </footer>
    </hb-dialog>`
  }

  #renderGroup({ heading, results }: SwitcherGroup, first: number, active: number) {
    const rows = results.map((place, index) => this.#renderResult(place, first + index, active))
    if (heading === '') return rows
    return html`<div role="group" aria-label=${heading}>
      <div class="heading" aria-hidden="true">${heading}</div>
      ${rows}
    </div>`
  }

  #renderResult(place: SwitcherResult, index: number, active: number) {
    const { userId, name, kind, second, unread, picture, isCalled = false } = place
    return html`<div
      class="result"
      role="option"
      id="place-${index}"
      aria-selected=${index === active}
      @pointermove=${() => (this.activeId = place.id)}
      @pointerdown=${(event: Event) => event.preventDefault()}
      @click=${() => void this.#openResult(place)}
    >
      ${
        place.icon
          ? html`<span class="sign"><hb-icon name=${place.icon} .size=${18}></hb-icon></span>`
          : html`<hb-avatar
              .userId=${userId}
              .joined=${kind === 'user' ? this.hub.users.get(userId)?.joined : this.hub.groupFaces.of(userId)}
              .name=${name}
              .kind=${kind}
              .picture=${picture}
              .presence=${kind === 'user' ? this.hub.presence.of(userId) : undefined}
            ></hb-avatar>`
      }
      <div class="line">
        <span class="first ${unread ? 'unread' : ''}"><bdi>${name}</bdi></span
        >${second ? html`<span class="second"><bdi>${second}</bdi></span>` : nothing}
      </div>
      ${unread ? unreadBadge(unread, t('chats.unread', { count: unread }), isCalled) : nothing}
    </div>`
  }

  #groups(): SwitcherGroup[] {
    return switcherGroups(this.hub, this.query)
  }

  /** Names are found here, words of messages in the search. */
  #searchResults(): SwitcherResult[] {
    const text = this.query.trim()
    if (text === '') return []
    return [
      {
        ...{ id: 'search', name: t('search.for', { text }), icon: 'search', second: '', kind: 'group' },
        ...{ userId: 'search', picture: '', unread: 0, rank: 0 },
        open: (from) => {
          this.dispatchEvent(new CustomEvent('hb-close'))
          openSearch(from, undefined, text)
        },
      },
    ]
  }

  #onInput = (event: Event) => {
    this.query = (event.target as HTMLInputElement).value
    this.activeId = ''
  }

  /** -1 while only a large hub can know what is meant: Enter then waits for it. */
  #activeIndex(places: readonly SwitcherResult[]): number {
    const at = places.findIndex(({ id }) => id === this.activeId)
    if (at >= 0 || places.length === 0) return at
    return this.#isWaiting(places) ? -1 : 0
  }

  #isWaiting([first]: readonly SwitcherResult[]): boolean {
    return first?.id === 'search' && this.hub.users.isSearching(this.#name)
  }

  /** The query as the name of a user. */
  get #name(): string {
    return this.query.trim().replace(/^[@＠]/u, '')
  }

  #onKey = (event: KeyboardEvent) => {
    if (isComposing(event)) return
    const places = [...this.#groups().flatMap(({ results }) => results), ...this.#searchResults()]
    const active = this.#activeIndex(places)
    const place = places[active]
    const next = moveActive(event.key, active, places.length)
    if (next !== undefined) this.#setActive(places, next)
    else if (isEnter(event) && place) void this.#openResult(place)
    else if (isEnter(event) && this.#isWaiting(places)) void this.#openWhenFound(this.query)
    else return
    event.preventDefault()
  }

  async #openWhenFound(query: string) {
    await this.hub.users.whenSearched(this.#name)
    const [first] = [...this.#groups().flatMap(({ results }) => results), ...this.#searchResults()]
    if (first && this.query === query && this.isConnected) await this.#openResult(first)
  }

  #setActive(places: readonly SwitcherResult[], to: number) {
    this.activeId = places[to]?.id ?? ''
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector(`#place-${to}`)?.scrollIntoView({ block: 'nearest' }),
    )
  }

  async #openResult(place: SwitcherResult) {
    if (place.id !== 'search') this.hub.uses.record(place.id)
    try {
      const chatId = await place.open(this)
      if (typeof chatId === 'string') openChat(this, chatId)
    } catch (error) {
      notify(this, { text: errorMessage(error), tone: 'danger' })
    }
  }
}

customElements.define('hb-switcher', HbSwitcher)
