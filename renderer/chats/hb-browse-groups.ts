import { css, html, LitElement, nothing } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import type { DeletedGroup, ListedGroup } from '../../shared/contract/chats.ts'
import { renderProblem } from '../ui/form.ts'
import { openChat, openDialog } from '../navigation/dialogs.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { joinFacts } from '../text/direction.ts'
import { t } from '../text/t.ts'
import { exactTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-avatar.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import { pickerStyles } from '../ui/picker-styles.ts'
import { keyedList } from '../ui/keyed-list.ts'

/** The public groups the user is not a member of, live: one click joins. */
export class HbBrowseGroups extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    joiningId: { state: true },
    problem: { state: true },
    deletedGroups: { state: true },
  }
  declare hub: Hub
  declare joiningId: string
  declare problem: string
  /** The deleted groups that the user may restore. */
  declare deletedGroups: readonly DeletedGroup[]

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    pickerStyles,
    css`
      .results {
        /* as high as the longest list so far: it does not jump while the user types */
        min-block-size: min(calc(var(--rows) * 52px), 360px, 52dvh);
        max-block-size: min(360px, 52dvh);
        margin-inline: -10px;
      }
      .result {
        cursor: default;
        min-block-size: 52px;
      }
      .result:hover {
        background: var(--color-surface-hover);
      }
    `,
  ]

  #mostRows = 3

  constructor() {
    super()
    this.joiningId = ''
    this.problem = ''
    this.deletedGroups = []
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.hub.groups.query.value = ''
    Promise.all([this.hub.groups.load(), this.#loadDeleted()]).catch((error: unknown) => {
      this.problem = errorMessage(error)
    })
  }

  override render() {
    const { groups } = this.hub
    const list = groups.list.value
    this.#mostRows = Math.max(this.#mostRows, list.length)
    return html`<hb-dialog .heading=${t('browse.title')} @hb-close=${this.#close}>
      ${renderProblem(this.problem)}
      <div class="box">
        <hb-icon name="search"></hb-icon>
        <input
          autofocus
          type="text"
          maxlength=${limits.groupName}
          autocomplete="off"
          spellcheck="false"
          aria-label=${t('browse.filter')}
          placeholder=${t('browse.filter')}
          dir="auto"
          .value=${groups.query.value}
          @input=${(event: Event) => (groups.query.value = (event.target as HTMLInputElement).value)}
        />
      </div>
      <div class="results scroll" .style=${`--rows: ${this.#mostRows}`}>
        ${
          list.length > 0
            ? html`<ul>
                ${keyedList(
                  list,
                  ({ id }) => id,
                  (group) => this.#renderGroup(group),
                )}
              </ul>`
            : groups.ready.value
              ? this.#renderNone(groups.query.value.trim())
              : nothing
        }
        ${this.deletedGroups.length > 0 ? this.#renderDeleted() : nothing}
      </div>
      <button slot="actions" class="button quiet" @click=${() => openDialog(this, { kind: 'new-group' })}>
        ${t('chats.newGroup')}
      </button>
      <button slot="actions" class="button" @click=${this.#close}>${t('common.close')}</button>
    </hb-dialog>`
  }

  #renderGroup(group: ListedGroup) {
    const members = t('browse.members', { count: group.memberCount })
    return html`<li class="result">
      <hb-avatar
        kind="group"
        .userId=${group.id}
        .joined=${this.hub.groupFaces.of(group.id)}
        .name=${group.name}
        .picture=${this.hub.chatPictureAddress(group)}
      ></hb-avatar>
      <div>
        <span class="first" dir="auto">${group.name}</span>
        <span class="second">${joinFacts([members, group.topic ?? ''])}</span>
      </div>
      <button
        class="button small"
        aria-label=${t('browse.joinName', { name: group.name })}
        aria-disabled=${this.joiningId === group.id}
        @click=${() => void this.#join(group)}
      >
        ${this.joiningId === group.id ? t('browse.joining') : t('browse.join')}
      </button>
    </li>`
  }

  #renderDeleted() {
    return html`<h3 class="heading">${t('browse.deleted')}</h3>
      <ul>
        ${keyedList(
          this.deletedGroups,
          ({ id }) => id,
          (group) =>
            html`<li class="result">
              <hb-avatar kind="group" .userId=${group.id} .name=${group.name}></hb-avatar>
              <div>
                <span class="first" dir="auto">${group.name}</span>
                <span class="second">${t('browse.deletedUntil', { date: exactTime(group.until) })}</span>
              </div>
              <button
                class="button small"
                aria-label=${t('browse.bringBackName', { name: group.name })}
                aria-disabled=${this.joiningId === group.id}
                @click=${() => void this.#undelete(group)}
              >
                ${t('browse.bringBack')}
              </button>
            </li>`,
        )}
      </ul>`
  }

  async #loadDeleted() {
    this.deletedGroups = await this.hub.chats.listDeleted()
  }

  async #undelete(group: DeletedGroup) {
    if (this.joiningId) return
    this.problem = ''
    this.joiningId = group.id
    try {
      await this.hub.chats.undelete(group.id)
      if (this.hub.chats.peek(group.id)) openChat(this, group.id)
      else await this.#loadDeleted()
    } catch (error) {
      this.problem = errorMessage(error)
    } finally {
      this.joiningId = ''
    }
  }

  #renderNone(query: string) {
    return html`<hb-empty-state
      small
      drawing=${query ? 'search' : 'people'}
      .text=${query ? t('browse.noneFound', { query }) : t('browse.none')}
    ></hb-empty-state>`
  }

  async #join(group: ListedGroup) {
    if (this.joiningId) return
    this.problem = ''
    this.joiningId = group.id
    try {
      await this.hub.chats.join(group.id)
      openChat(this, group.id)
    } catch (error) {
      this.problem = errorMessage(error)
    } finally {
      this.joiningId = ''
    }
  }

  #close = () => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-browse-groups', HbBrowseGroups)
