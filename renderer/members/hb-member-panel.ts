import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { findByName } from '../../shared/text/name-search.ts'
import type { Conversation } from '../state/conversation.ts'
import { isNamedGroup } from '../state/chat-names.ts'
import type { Hub } from '../state/hub.ts'
import type { ChatMember } from '../state/members.ts'
import type { MemberPages } from '../state/member-pages.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { numberText, t } from '../text/t.ts'
import { openDialog } from '../navigation/dialogs.ts'
import { closePanelButton } from '../navigation/close-panel-button.ts'
import { openSidePanel, type SidePanel } from '../navigation/side-panel.ts'
import { nameMarks, nameMarksStyles, userLine } from '../users/name-marks.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import { KeepRowFocus } from '../ui/keep-row-focus.ts'
import '../ui/hb-menu.ts'
import { panelStyles } from '../ui/panel-styles.ts'
import './hb-add-members.ts'
import './hb-user-card.ts'
import { memberActions } from './member-actions.ts'
import { memberPanelStyles } from './member-panel-styles.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { userAvatar } from '../users/avatars.ts'

/** The filter box is shown from this number of members. */
const minMembersForFilter = 12
/** Rows at first, and at each "Show more": a group may have 2,000 members. */
const pageSize = 100

/**
 * The members of the chat, or one of them: a side panel (`app/side-panel-registry.ts`). Emits `hb-open-chat` (bubbles).
 */
export class HbMemberPanel extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    conversation: { attribute: false },
    panel: { attribute: false },
    query: { state: true },
    shownCount: { state: true },
    adding: { state: true },
  }
  declare hub: Hub
  declare conversation: Conversation
  declare panel: SidePanel
  declare query: string
  declare shownCount: number
  declare adding: boolean

  #pages: MemberPages | undefined

  protected readonly keepFocus = new KeepRowFocus(this, { rows: 'li' })

  static override styles = [baseStyles, buttonStyles, nameMarksStyles, panelStyles, memberPanelStyles]

  constructor() {
    super()
    this.panel = { kind: 'members' }
    this.query = ''
    this.shownCount = pageSize
    this.adding = false
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('conversation')) return
    this.#pages?.close()
    this.#pages = this.conversation.members.createPages()
    this.query = ''
    this.shownCount = pageSize
    this.adding = false
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#pages?.close()
  }

  protected override render(): unknown {
    const chat = this.conversation.chat.value
    if (!chat) return nothing
    const { panel } = this
    if (panel.kind === 'user') return this.#renderUser(chat, panel.userId)
    return html`
      <div class="bar">
        <h2>${t('members.title')}<span>${numberText(chat.memberCount)}</span></h2>
        ${closePanelButton(this)}
      </div>
      <div class="scroll">
        ${mayAdd(chat) ? this.#renderAddButton() : nothing}
        ${canManage(chat) ? this.#renderWebhooksButton(chat.id) : nothing} ${this.#renderList(chat)}
      </div>
      ${
        this.adding
          ? html`<hb-add-members
              .hub=${this.hub}
              .conversation=${this.conversation}
              @hb-close=${() => (this.adding = false)}
            ></hb-add-members>`
          : nothing
      }
    `
  }

  #renderUser(chat: ChatSummary, userId: string): unknown {
    const deep = chat.kind === 'group'
    return html`
      <div class="bar ${deep ? 'deep' : ''}">
        ${
          deep
            ? html`<button
                class="icon-button"
                aria-label=${t('common.back')}
                data-tip=${t('members.title')}
                @click=${() => openSidePanel(this, { kind: 'members' })}
              >
                <hb-icon name="arrow-left" .size=${18}></hb-icon>
              </button>`
            : nothing
        }
        <h2>${t('members.user')}</h2>
        ${closePanelButton(this)}
      </div>
      <div class="scroll">
        <hb-user-card .hub=${this.hub} .userId=${userId} .canMessage=${chat.peer !== userId}></hb-user-card>
      </div>
    `
  }

  #renderAddButton(): unknown {
    return html`<button class="button quiet add" @click=${() => (this.adding = true)}>
      <i><hb-icon name="user-plus"></hb-icon></i>${t('members.add')}
    </button>`
  }

  #renderWebhooksButton(chatId: string): unknown {
    return html`<button
      class="button quiet add"
      @click=${() => openDialog(this, { kind: 'webhooks', chatId })}
    >
      <i><hb-icon name="link"></hb-icon></i>${t('webhooks.open')}
    </button>`
  }

  #renderList(chat: ChatSummary): unknown {
    const { list, ready } = this.conversation.members
    if (!ready.value && list.value.length === 0) {
      if (this.hub.connectionState.value !== 'live')
        return html`<hb-empty-state small drawing="offline" .text=${t('members.offline')}></hb-empty-state>`
      const count = Math.min(chat.memberCount, 6)
      return html`<div aria-hidden="true">
        ${Array.from({ length: count }, () => html`<div class="shape"></div>`)}
      </div>`
    }
    const { visible, left } = this.#shownMembers(chat)
    return html`
      ${chat.memberCount > minMembersForFilter ? this.#renderFilter() : nothing}
      ${
        visible.length === 0
          ? html`<p class="none">${t('members.nobody')}</p>`
          : html`<ul aria-label=${t('members.title')}>
              ${keyedList(
                visible,
                (member) => member.userId,
                (member) => this.#renderRow(chat, member),
              )}
            </ul>`
      }
      ${
        left > 0
          ? html`<button class="button small more" @click=${this.#showMore}>
              ${t('members.showAll', { count: Math.min(left, pageSize) })}
            </button>`
          : nothing
      }
    `
  }

  /** Of a large group a page at a time; without the hub those that are known. */
  #shownMembers({ memberCount }: ChatSummary): { visible: readonly ChatMember[]; left: number } {
    const { members } = this.conversation
    const isPartial = members.isPartial.value && this.hub.connectionState.value === 'live'
    if (isPartial) untracked(() => this.#pages?.show(this.query))
    const page = isPartial ? this.#pages?.page.value : undefined
    if (page) {
      const visible = page.ids.flatMap((userId) => members.get(userId) ?? [])
      return { visible, left: page.more ? Math.max(1, memberCount - visible.length) : 0 }
    }
    const found = this.#filterMembers(members.list.value)
    const visible = found.slice(0, this.shownCount)
    return { visible, left: found.length - visible.length }
  }

  #showMore = (): void => {
    this.shownCount += pageSize
    if (this.conversation.members.isPartial.value) this.#pages?.loadMore()
  }

  #renderFilter(): unknown {
    return html`<input
      class="filter"
      type="search"
      maxlength=${limits.groupName}
      dir="auto"
      autocomplete="off"
      spellcheck="false"
      aria-label=${t('members.filter')}
      placeholder=${t('members.filter')}
      .value=${this.query}
      @input=${(event: Event) => (this.query = (event.target as HTMLInputElement).value)}
    />`
  }

  #filterMembers(members: readonly ChatMember[]): readonly ChatMember[] {
    return findByName(members, this.query, ({ userId }) => {
      const user = this.hub.users.get(userId)
      return user ? [user.displayName, user.username] : ['']
    })
  }

  #renderRow(chat: ChatSummary, member: ChatMember): unknown {
    const { hub } = this
    const { userId, role } = member
    const user = hub.users.get(userId)
    const name = hub.users.nameOf(userId)
    const me = hub.session.me.value?.id
    const actions = memberActions({ hub, members: this.conversation.members, chat, member, me, from: this })
    return html`<li class=${actions.length > 0 ? 'able' : ''}>
      <button class="user" @click=${() => openSidePanel(this, { kind: 'user', userId })}>
        ${userAvatar(hub, userId, hub.presence.of(userId))}
        <span class="words">
          <span class="line">
            <span class="name">
              <bdi>${name}</bdi
              >${nameMarks(user)}${userId === me ? html` <small>(${t('members.you')})</small>` : nothing}
            </span>
            ${role === 'member' ? nothing : html`<span class="role">${t(`members.${role}`)}</span>`}
          </span>
          <span>${userLine(hub, userId)}</span>
        </span>
      </button>
      ${
        actions.length === 0
          ? nothing
          : html`<hb-menu .label=${t('members.actions', { name })} .groups=${actions}>
              <button slot="trigger" class="icon-button" aria-label=${t('members.actions', { name })}>
                <hb-icon name="more" .size=${18}></hb-icon>
              </button>
            </hb-menu>`
      }
    </li>`
  }
}

customElements.define('hb-member-panel', HbMemberPanel)

declare global {
  interface HTMLElementTagNameMap {
    'hb-member-panel': HbMemberPanel
  }
}

function canManage(chat: ChatSummary): boolean {
  return isNamedGroup(chat) && chat.role !== 'member'
}

function mayAdd(chat: ChatSummary): boolean {
  return isNamedGroup(chat) && (chat.role !== 'member' || (chat.adding === 'all' && !chat.archived))
}
