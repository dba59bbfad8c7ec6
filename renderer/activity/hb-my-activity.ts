import { html, LitElement, nothing } from 'lit'
import { isRequestError } from '../connection/request.ts'
import { openMessage } from '../navigation/dialogs.ts'
import { chatLabel, handleRemovableRowKey, resultRow } from '../search/result-row.ts'
import { hitStyles } from '../search/search-styles.ts'
import type { ActivityItem, ActivityKind } from '../state/activity.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import type { IconName } from '../ui/icons.ts'
import { notify } from '../ui/hb-toasts.ts'
import { isComposing } from '../ui/keys.ts'
import { KeepRowFocus } from '../ui/keep-row-focus.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { overviewStyles } from '../ui/overview-styles.ts'
import { activityStyles } from './activity-styles.ts'
import './hb-keywords.ts'

const kinds = ['mention', 'reply', 'reaction', 'keyword'] as const

const icons: Record<ActivityKind, IconName> = {
  mention: 'mention',
  reply: 'thread',
  reaction: 'smile',
  keyword: 'bell',
}

/**
 * One place for what concerns the user in all chats. Arrow keys move through the items, Enter opens one, Delete marks it as
 * read. Events, bubbling: `hb-back`, `hb-open-chat`.
 */
export class HbMyActivity extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    failed: { state: true },
    showsKeywords: { state: true },
  }
  declare hub: Hub
  declare failed: boolean
  declare showsKeywords: boolean

  protected readonly keepFocus = new KeepRowFocus(this, { rows: '.kept' })

  static override styles = [baseStyles, buttonStyles, overviewStyles, hitStyles, activityStyles]

  constructor() {
    super()
    this.failed = false
    this.showsKeywords = false
  }

  protected override willUpdate(): void {
    const isThere = this.hub.activity.items.value !== undefined
    if (isThere || (this.failed && this.hub.connectionState.value !== 'live')) return
    untracked(() => this.#trackFailure(this.hub.activity.load()))
  }

  protected override render(): unknown {
    const { unread } = this.hub.activity
    return html`
      <header>
        <button class="icon-button back" aria-label=${t('common.back')} @click=${this.#back}>
          <hb-icon name="arrow-left" .size=${20}></hb-icon>
        </button>
        <h2>${t('activity.title')}</h2>
        <span class="tools">
          <button
            class="button small quiet"
            id="keywords"
            aria-expanded=${this.showsKeywords}
            @click=${() => (this.showsKeywords = !this.showsKeywords)}
          >
            ${t('keywords.edit')}
          </button>
          <button
            class="button small quiet"
            aria-disabled=${unread.value === 0}
            @click=${() => this.#run(this.hub.activity.markAllRead())}
          >
            ${t('activity.readAll')}
          </button>
        </span>
      </header>
      <div class="scroll column" @keydown=${this.#onKey}>
        ${
          this.showsKeywords
            ? html`<hb-keywords .hub=${this.hub} @hb-close=${this.#closeKeywords}></hb-keywords>`
            : nothing
        }
        ${this.#renderFilter()} ${this.#renderContent()}
      </div>
    `
  }

  #renderFilter(): unknown {
    const chosen = this.hub.activity.kind.value
    const chip = (kind: ActivityKind | undefined) =>
      html`<button
        class="chip"
        aria-pressed=${chosen === kind}
        @click=${() => this.#trackFailure(this.hub.activity.setKind(kind))}
      >
        ${t(`activity.${kind ?? 'all'}`)}
      </button>`
    return html`<div class="filter" role="group" aria-label=${t('activity.filter')}>
      ${chip(undefined)} ${kinds.map(chip)}
    </div>`
  }

  #renderContent(): unknown {
    const { items, next, kind } = this.hub.activity
    const shown = items.value
    if (!shown) {
      if (!this.failed) return nothing
      return html`<hb-empty-state drawing="offline" .text=${t('activity.offline')}></hb-empty-state>`
    }
    if (shown.length === 0) {
      const text = kind.value === undefined ? t('activity.none') : t('activity.noneOfKind')
      return html`<hb-empty-state drawing="chat" .text=${text}></hb-empty-state>`
    }
    return html`<div class="hits" role="list" aria-label=${t('activity.title')}>
        ${keyedList(
          shown,
          ({ id }) => String(id),
          (item) => this.#renderItem(item),
        )}
      </div>
      ${
        next.value === undefined
          ? nothing
          : html`<button
              class="button small older"
              @click=${() => this.#trackFailure(this.hub.activity.loadMore())}
            >
              ${t('activity.older')}
            </button>`
      }`
  }

  #renderItem(item: ActivityItem): unknown {
    const { message, unread } = item
    return html`<div class="kept ${unread ? 'new' : ''}" role="listitem">
      ${resultRow(this.hub, message, () => this.#open(item), { footer: this.#renderAbout(item) })}
      ${
        unread
          ? html`<button
              class="icon-button away"
              aria-label=${t('activity.markRead')}
              data-tip=${t('activity.markRead')}
              @click=${() => this.#run(this.hub.activity.markRead(item.id))}
            >
              <hb-icon name="check" .size=${14}></hb-icon>
            </button>`
          : nothing
      }
    </div>`
  }

  #renderAbout({ kind, by, emoji = '', message, unread }: ActivityItem): unknown {
    const name = this.hub.users.nameOf(by)
    const about =
      kind === 'reaction'
        ? t('activity.about.reaction', { name, emoji })
        : t(`activity.about.${kind}`, { name })
    return html`<span class="about"
        ><hb-icon name=${icons[kind]} .size=${14}></hb-icon><span>${about}</span>${
          unread ? html`<span class="visually-hidden">, ${t('activity.isUnread')}</span>` : nothing
        }</span
      ><span class="where">${chatLabel(this.hub, message.chatId)}</span>`
  }

  #open({ id, message, threadNo, unread }: ActivityItem): void {
    const { chatId, no } = message
    if (unread) this.#run(this.hub.activity.markRead(id))
    openMessage(this, { chatId, no, threadNo })
  }

  #run(work: Promise<void>): void {
    work.catch((error: unknown) => notify(this, { text: errorMessage(error), tone: 'danger' }))
  }

  #trackFailure(work: Promise<void>): void {
    work
      .then(() => (this.failed = false))
      .catch((error: unknown) => {
        if (!isRequestError(error)) throw error
        this.failed = true
      })
  }

  #closeKeywords = (): void => {
    this.showsKeywords = false
    this.renderRoot.querySelector<HTMLElement>('#keywords')?.focus()
  }

  #onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.showsKeywords && !isComposing(event)) {
      event.preventDefault()
      this.#closeKeywords()
    } else handleRemovableRowKey(this.renderRoot, event)
  }

  #back = (): void => {
    this.dispatchEvent(new CustomEvent('hb-back', { bubbles: true, composed: true }))
  }
}

customElements.define('hb-my-activity', HbMyActivity)

declare global {
  interface HTMLElementTagNameMap {
    'hb-my-activity': HbMyActivity
  }
}
