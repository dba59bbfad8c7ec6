import { css, html, nothing } from 'lit'
import type { AdminGroup } from '../../shared/contract/admin-users.ts'
import { renderProblem } from '../ui/form.ts'
import { withReauthentication } from '../accounts/reauthenticate.ts'
import '../chats/hb-edit-group.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { exactTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-avatar.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-menu.ts'
import type { MenuGroup, MenuItem } from '../ui/hb-menu.ts'
import { notify } from '../ui/hb-toasts.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { AdminSection } from './admin-section.ts'
import { adminStyles } from './admin-styles.ts'

const pageSize = 50
const searchDelayMs = 150
const listFormat = new Intl.ListFormat('en')

/** All groups. Admins manage public ones; private ones show their name and can only be deleted. */
export class HbAdminGroups extends AdminSection {
  static override properties = {
    ...AdminSection.properties,
    groups: { state: true },
    editing: { state: true },
  }
  declare groups: readonly AdminGroup[] | undefined
  declare editing: AdminGroup | undefined

  #query = ''
  #showsDeleted = false
  #total = 0
  #shownCount = pageSize
  #searchTimer: ReturnType<typeof setTimeout> | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    sectionStyles,
    adminStyles,
    css`
      details {
        flex-basis: 100%;
        min-inline-size: 0;
        font: var(--type-secondary);
        color: var(--color-text-muted);
      }
      summary {
        cursor: pointer;
        inline-size: fit-content;
        max-inline-size: 100%;
        border-radius: 3px;
        overflow-wrap: anywhere;
      }
      details p {
        padding-block-start: var(--space-1);
        overflow-wrap: anywhere;
      }
    `,
  ]

  protected async fetchContent() {
    const groups: AdminGroup[] = []
    let total = 0
    for (let more = true; more && groups.length < this.#shownCount;) {
      const page = await this.hub.request('admin.groups.list', {
        offset: groups.length,
        ...(this.#query ? { query: this.#query } : {}),
        ...(this.#showsDeleted ? { deleted: 'only' as const } : {}),
      })
      groups.push(...page.groups)
      total = page.total
      more = page.more
    }
    return () => {
      this.groups = groups
      this.#total = total
    }
  }

  #noneText(): string {
    if (this.#query) return t('browse.noneFound', { query: this.#query })
    return this.#showsDeleted ? t('admin.groups.noneDeleted') : t('admin.groups.none')
  }

  override render() {
    const { groups } = this
    const faces = this.hub.groupFaces.forList(groups?.map(({ id }) => id) ?? [])
    return html`<section>
        <p class="muted-text">${t('admin.groups.lead')}</p>
        <div class="filters" role="search" @input=${this.#onQueryInput} @change=${this.#onFilterChange}>
          <hb-field class="grow" name="query" .label=${t('admin.groups.find')}></hb-field>
          <hb-field
            name="show"
            type="select"
            .label=${t('admin.groups.show')}
            .options=${[
              { value: '', label: t('admin.groups.there') },
              { value: 'deleted', label: t('admin.groups.deletedOnes') },
            ]}
          ></hb-field>
        </div>
        ${renderProblem(this.problem)}
        ${
          groups?.length === 0
            ? html`<hb-empty-state
                role="status"
                drawing=${this.#query ? 'search' : 'chat'}
                .text=${this.#noneText()}
              ></hb-empty-state>`
            : nothing
        }
        <ul class="rows">
          ${keyedList(
            groups ?? [],
            ({ id }) => id,
            (group) => this.#renderGroup(group, faces.get(group.id)),
          )}
        </ul>
        ${
          groups && groups.length < this.#total
            ? html`<div class="actions">
                <button class="button" @click=${this.#showMore}>${t('admin.more')}</button>
              </div>`
            : nothing
        }
      </section>
      ${
        this.editing
          ? html`<hb-edit-group
              .hub=${this.hub}
              .chatId=${this.editing.id}
              .adminGroup=${this.editing}
              @hb-close=${() => void this.#onEdited()}
            ></hb-edit-group>`
          : nothing
      }`
  }

  #renderGroup(group: AdminGroup, face: number | undefined) {
    const { id, name, visibility, memberCount, messages, members, archived, until } = group
    const facts = [
      visibility === 'public' ? t('admin.groups.public') : t('admin.groups.private'),
      t('admin.groups.members', { count: memberCount }),
      ...(messages === undefined ? [] : [t('admin.groups.messages', { count: messages })]),
      ...(until === undefined ? [] : [t('admin.groups.until', { day: exactTime(until) })]),
    ]
    return html`<li>
      <div class="who main">
        <hb-avatar
          .userId=${id}
          .joined=${face}
          .name=${name}
          .picture=${this.#pictureOf(group)}
          kind=${visibility === 'public' ? 'group' : 'private'}
        ></hb-avatar>
        <span>
          <span class="name" dir="auto">${name}</span>
          <span class="below">${facts.join(', ')}</span>
        </span>
      </div>
      ${archived ? html`<span class="tag">${t('admin.groups.archived')}</span>` : nothing}
      ${until === undefined ? this.#renderMenu(group) : this.#renderUndeleteButton(group)}
      ${
        members && members.length > 0
          ? html`<details>
              <summary>${t('admin.groups.who', { name })}</summary>
              <p>${listFormat.format(members.map(({ userId }) => this.hub.users.nameOf(userId) || '…'))}</p>
            </details>`
          : nothing
      }
    </li>`
  }

  /** A deleted group has no picture. */
  #pictureOf({ id, picture, until }: AdminGroup): string {
    return picture && until === undefined ? this.hub.chatPictureAddress({ id, picture }) : ''
  }

  #renderMenu(group: AdminGroup) {
    const label = t('admin.groups.actions', { name: group.name })
    return html`<hb-menu .label=${label} .groups=${this.#actions(group)}>
      <button
        slot="trigger"
        class="icon-button"
        type="button"
        aria-label=${label}
        data-tip=${t('common.more')}
      >
        <hb-icon name="more" .size=${18}></hb-icon>
      </button>
    </hb-menu>`
  }

  /** A private group can only be deleted: admins who do not see it do not change it. */
  #actions(group: AdminGroup): MenuGroup[] {
    const { id, name, visibility, archived } = group
    const remove: MenuItem = {
      label: t('chats.delete', { name }),
      icon: 'trash',
      danger: true,
      run: () => void this.#delete(group),
    }
    if (visibility !== 'public') return [[remove]]
    const edit: MenuItem = {
      label: t('chats.edit'),
      icon: 'edit',
      run: () => {
        this.editing = group
      },
    }
    const archive: MenuItem = archived
      ? {
          label: t('chats.unarchive'),
          icon: 'archive-restore',
          run: () => void this.#runAndNotify(this.hub.chats.unarchive(id), t('chats.restored', { name })),
        }
      : { label: t('chats.archive'), icon: 'archive', run: () => void this.#archive(group) }
    return [[edit, archive], [remove]]
  }

  #renderUndeleteButton({ id, name }: AdminGroup) {
    return html`<button
      class="button small"
      aria-label=${t('admin.groups.bringBackName', { name })}
      @click=${() =>
        void this.#runAndNotify(
          this.hub.request('admin.groups.undelete', { chatId: id }),
          t('admin.groups.back', { name }),
        )}
    >
      ${t('admin.groups.bringBack')}
    </button>`
  }

  async #archive({ id, name }: AdminGroup) {
    const done = await confirm({
      heading: t('chats.archiveTitle', { name }),
      text: t('chats.archiveText'),
      action: t('chats.archiveAction', { name }),
      run: () => this.hub.chats.archive(id),
    })
    if (done) notify(this, { text: t('chats.archivedDone', { name }) })
    await this.load()
  }

  async #delete({ id, name, visibility, memberCount }: AdminGroup) {
    const text = t('admin.groups.deleteText', { count: memberCount })
    const done = await confirm({
      heading: t('chats.deleteTitle', { name }),
      text: visibility === 'public' ? text : `${text} ${t('admin.groups.deletePrivate')}`,
      action: t('chats.delete', { name }),
      danger: true,
      run: () =>
        withReauthentication(this.hub, () => this.hub.request('admin.groups.delete', { chatId: id })),
    })
    if (done) notify(this, { text: t('chats.wasDeleted', { name }) })
    await this.load()
  }

  async #runAndNotify(doing: Promise<unknown>, words: string) {
    try {
      await doing
      notify(this, { text: words })
    } catch (error) {
      notify(this, { text: errorMessage(error), tone: 'danger' })
    }
    await this.load()
  }

  async #onEdited() {
    this.editing = undefined
    await this.load()
  }

  #onFilterChange = (event: Event) => {
    const { name, value } = event.target as HTMLSelectElement
    if (name !== 'show') return
    this.#showsDeleted = value === 'deleted'
    this.#shownCount = pageSize
    this.groups = undefined
    void this.load()
  }

  #onQueryInput = (event: Event) => {
    const { name, value } = event.target as HTMLInputElement
    if (name !== 'query') return
    this.#query = value.trim().slice(0, 100)
    this.#shownCount = pageSize
    clearTimeout(this.#searchTimer)
    this.#searchTimer = setTimeout(() => void this.load(), searchDelayMs)
  }

  #showMore = () => {
    this.#shownCount += pageSize
    void this.load()
  }
}

customElements.define('hb-admin-groups', HbAdminGroups)
