import { css, html, LitElement, nothing } from 'lit'
import { findByName, nameRanker } from '../../shared/text/name-search.ts'
import { pickerStyles } from '../ui/picker-styles.ts'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { HbAvatar } from '../ui/hb-avatar.ts'
import { isNotes, isUnnamed } from '../state/chat-names.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { errorMessage } from '../ui/error-message.ts'
import type { OverviewPage } from '../navigation/router.ts'
import '../ui/hb-avatar.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-icon.ts'
import type { IconName } from '../ui/icons.ts'
import { notify } from '../ui/hb-toasts.ts'
import { usersWithoutChat } from '../chats/users-without-chat.ts'
import { openChat } from '../navigation/dialogs.ts'
import { openSearch } from '../navigation/open-search.ts'
import { kbdStyles } from '../ui/kbd-styles.ts'
import { isComposing, isEnter } from '../ui/keys.ts'
import { unreadBadge, unreadBadgeStyles } from '../ui/unread-badge.ts'

interface SwitcherResult {
  id: string
  /** Of an entry that is not a chat. */
  icon?: IconName
  name: string
  second: string
  kind: HbAvatar['kind']
  userId: string
  picture: string
  unread: number
  /** The unread messages call the user. */
  isCalled?: boolean
  /** Returns the chat to open, if it is one. */
  open: () => Promise<string> | string | undefined
}

const maxChats = 30
const maxUsers = 20

/**
 * Ctrl/Cmd+K: a few letters and Enter open any chat or page. Emits `hb-close`, `hb-navigate` (`detail`: the address)
 * and, bubbling, `hb-open-chat`.
 */
export class HbSwitcher extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    query: { state: true },
    activeIndex: { state: true },
  }
  declare hub: Hub
  declare query: string
  declare activeIndex: number

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
    this.activeIndex = 0
  }

  override render() {
    const { chats, people, search } = this.#results()
    const count = chats.length + people.length + search.length
    const active = Math.min(this.activeIndex, count - 1)
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
        ${chats.map((place, index) => this.#renderResult(place, index, active))}
        ${
          people.length > 0
            ? html`<div role="group" aria-label=${t('switcher.people')}>
                <div class="heading" aria-hidden="true">${t('switcher.people')}</div>
                ${people.map((place, index) => this.#renderResult(place, chats.length + index, active))}
              </div>`
            : nothing
        }
        ${
          chats.length + people.length === 0 && search.length > 0
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

  #renderResult(place: SwitcherResult, index: number, active: number) {
    const { userId, name, kind, second, unread, picture, isCalled = false } = place
    return html`<div
      class="result"
      role="option"
      id="place-${index}"
      aria-selected=${index === active}
      @pointermove=${() => (this.activeIndex = index)}
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

  #results(): { chats: SwitcherResult[]; people: SwitcherResult[]; search: SwitcherResult[] } {
    return {
      chats: [...this.#chatResults(), ...this.#pageResults()],
      people: this.#userResults(),
      search: this.#searchResults(),
    }
  }

  /** Unread chats first while nothing is typed: the most likely targets. */
  #chatResults(): SwitcherResult[] {
    const { chats } = this.hub
    const query = this.query.trim()
    const places = query
      ? findByName(chats.list.value, query, (chat) => chats.namesOf(chat))
      : chats.list.value
          .filter((chat) => chat.id !== chats.current.value)
          .toSorted((a, b) => Number(b.unread > 0) - Number(a.unread > 0))
    return places.slice(0, maxChats).map((chat) => ({
      id: chat.id,
      name: chats.nameOf(chat),
      second: chat.topic ?? '',
      kind: faceKind(chat),
      userId: isNotes(chat) ? chat.id : (chat.peer ?? chat.id),
      picture: this.hub.chatPictureAddress(chat),
      unread: chat.unread,
      isCalled: !chat.muted && (chat.kind === 'direct' || chat.mentions > 0),
      open: () => chat.id,
    }))
  }

  /** Pages, once a part of their name is typed. */
  #pageResults(): SwitcherResult[] {
    const query = this.query.trim()
    const page = (name: OverviewPage, label: string, icon: IconName): SwitcherResult => ({
      ...{ id: name, name: label, icon, second: '', kind: 'group', userId: name, picture: '', unread: 0 },
      open: () => void this.dispatchEvent(new CustomEvent('hb-navigate', { detail: { page: name } })),
    })
    if (query === '') return []
    const rank = nameRanker(query)
    return [
      page('saved', t('saved.open'), 'bookmark'),
      page('threads', t('threads.all'), 'thread'),
      page('activity', t('activity.title'), 'bell'),
    ].filter(({ name }) => rank(name) > 1)
  }

  /** Users without a direct chat, once something is typed. */
  #userResults(): SwitcherResult[] {
    return usersWithoutChat(this.hub, this.query, maxUsers).map(({ id, displayName, username }) => ({
      id,
      name: displayName,
      second: username === displayName ? '' : username,
      kind: 'user' as const,
      userId: id,
      picture: this.hub.avatarAddress(id),
      unread: 0,
      open: () => this.hub.chats.openDirect(id),
    }))
  }

  /** Names are found here, words of messages in the search. */
  #searchResults(): SwitcherResult[] {
    const text = this.query.trim()
    if (text === '') return []
    return [
      {
        ...{ id: 'search', name: t('search.for', { text }), icon: 'search', second: '', kind: 'group' },
        ...{ userId: 'search', picture: '', unread: 0 },
        open: () => {
          this.dispatchEvent(new CustomEvent('hb-close'))
          openSearch(this, undefined, text)
          return undefined
        },
      },
    ]
  }

  #onInput = (event: Event) => {
    this.query = (event.target as HTMLInputElement).value
    this.activeIndex = 0
  }

  #onKey = (event: KeyboardEvent) => {
    if (isComposing(event)) return
    const { chats, people, search } = this.#results()
    const places = [...chats, ...people, ...search]
    const last = places.length - 1
    const active = Math.min(this.activeIndex, last)
    const place = places[active]
    if (event.key === 'ArrowDown') this.#setActive(active >= last ? 0 : active + 1)
    else if (event.key === 'ArrowUp') this.#setActive(active <= 0 ? last : active - 1)
    else if (isEnter(event) && place) void this.#openResult(place)
    else return
    event.preventDefault()
  }

  #setActive(to: number) {
    this.activeIndex = Math.max(0, to)
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector(`#place-${this.activeIndex}`)?.scrollIntoView({ block: 'nearest' }),
    )
  }

  async #openResult(place: SwitcherResult) {
    try {
      const chatId = await place.open()
      if (chatId !== undefined) openChat(this, chatId)
    } catch (error) {
      notify(this, { text: errorMessage(error), tone: 'danger' })
    }
  }
}

function faceKind(chat: ChatSummary): SwitcherResult['kind'] {
  if (isNotes(chat)) return 'notes'
  if (isUnnamed(chat)) return 'people'
  return chat.kind === 'direct' ? 'user' : chat.visibility === 'public' ? 'group' : 'private'
}

customElements.define('hb-switcher', HbSwitcher)
