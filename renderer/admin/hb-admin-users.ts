import { html, nothing } from 'lit'
import type { AdminUser } from '../../shared/contract/admin-users.ts'
import type { HubRole } from '../../shared/contract/values.ts'
import { renderProblem } from '../ui/form.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { relativeTime, exactTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-avatar.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-menu.ts'
import type { MenuGroup, MenuItem } from '../ui/hb-menu.ts'
import { withReauthentication } from '../accounts/reauthenticate.ts'
import { notify } from '../ui/hb-toasts.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { AdminSection } from './admin-section.ts'
import { adminStyles } from './admin-styles.ts'
import './hb-transfer-ownership.ts'
import './hb-reset-link.ts'

const pageSize = 50
/** The hub is asked after this pause in typing. */
const searchDelayMs = 150

/** All accounts, and the actions on each. */
export class HbAdminUsers extends AdminSection {
  static override properties = {
    ...AdminSection.properties,
    users: { state: true },
    dialog: { state: true },
  }
  declare users: readonly AdminUser[] | undefined
  declare dialog: { kind: 'hand-over' | 'reset-link'; user: AdminUser['user'] } | undefined

  #query = ''
  #role = ''
  #status = ''
  #total = 0
  #shownCount = pageSize
  #searchTimer: ReturnType<typeof setTimeout> | undefined

  static override styles = [baseStyles, buttonStyles, sectionStyles, adminStyles]

  protected async fetchContent() {
    const users: AdminUser[] = []
    let total = 0
    // As many as are on screen, so that a reload shows no fewer.
    for (let more = true; more && users.length < this.#shownCount;) {
      const after = users.at(-1)?.user.id
      const page = await this.hub.request('admin.users.list', {
        limit: pageSize,
        ...(this.#query ? { query: this.#query } : {}),
        ...(this.#role ? { role: this.#role as HubRole } : {}),
        ...(this.#status ? { status: this.#status as 'active' } : {}),
        ...(after === undefined ? {} : { after }),
      })
      users.push(...page.users)
      total = page.total
      more = page.more
    }
    return () => {
      this.users = users
      this.#total = total
    }
  }

  #renderFilters() {
    return html`<div
      class="filters"
      role="search"
      @input=${this.#onQueryInput}
      @change=${this.#onFilterChange}
    >
      <hb-field class="grow" name="query" .label=${t('admin.people.find')}></hb-field>
      <hb-field
        name="role"
        type="select"
        .label=${t('admin.people.role')}
        .options=${[
          { value: '', label: t('admin.all') },
          ...(['owner', 'admin', 'member'] as const).map((value) => ({
            value,
            label: t(`admin.role.${value}`),
          })),
        ]}
      ></hb-field>
      <hb-field
        name="status"
        type="select"
        .label=${t('admin.people.status')}
        .options=${[
          { value: '', label: t('admin.all') },
          { value: 'active', label: t('admin.people.active') },
          { value: 'deactivated', label: t('admin.people.deactivated') },
        ]}
      ></hb-field>
    </div>`
  }

  override render() {
    const { users, dialog } = this
    return html`<section>
        ${this.#renderFilters()} ${renderProblem(this.problem)}
        ${
          users
            ? html`<p class="muted-text" role="status">
                ${
                  users.length === 0
                    ? t('admin.people.none')
                    : t('admin.people.count', { count: this.#total })
                }
              </p>`
            : nothing
        }
        ${users && users.length > 0 ? this.#renderTable(users) : nothing}
        ${
          users && users.length < this.#total
            ? html`<div class="actions">
                <button class="button" @click=${this.#showMore}>${t('admin.more')}</button>
              </div>`
            : nothing
        }
      </section>
      ${
        dialog?.kind === 'hand-over'
          ? html`<hb-transfer-ownership
              .hub=${this.hub}
              .user=${dialog.user}
              @hb-close=${this.#closeDialog}
            ></hb-transfer-ownership>`
          : dialog
            ? html`<hb-reset-link
                .hub=${this.hub}
                .user=${dialog.user}
                @hb-close=${this.#closeDialog}
              ></hb-reset-link>`
            : nothing
      }`
  }

  #renderTable(users: readonly AdminUser[]) {
    return html`<table role="table" aria-label=${t('admin.section.people')}>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">${t('admin.people.name')}</th>
          <th role="columnheader" scope="col">${t('admin.people.role')}</th>
          <th role="columnheader" scope="col">${t('admin.people.seen')}</th>
          <th role="columnheader" scope="col">${t('admin.people.sessions')}</th>
          <th role="columnheader" scope="col"><span class="visually-hidden">${t('common.more')}</span></th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${keyedList(
          users,
          ({ user }) => user.id,
          (one) => this.#renderUser(one),
        )}
      </tbody>
    </table>`
  }

  #renderUser(one: AdminUser) {
    const { user, presence, lastSeen, lastSeenHidden, sessions } = one
    const groups = this.#actions(one)
    const name = user.displayName
    return html`<tr role="row">
      <td role="cell">
        <span class="who">
          <hb-avatar
            .userId=${user.id}
            .joined=${user.joined}
            .name=${name}
            .picture=${this.hub.avatarAddress(user.id)}
            .presence=${presence}
            kind="user"
          ></hb-avatar>
          <span>
            <span class="name" dir="auto">${name}</span>
            <span class="below">@${user.username}</span>
          </span>
        </span>
      </td>
      <td role="cell">
        <span class="tag" ?data-strong=${user.role !== 'member'}>${t(`admin.role.${user.role}`)}</span>
        ${user.deactivated ? html`<span class="tag" data-bad>${t('admin.role.closed')}</span>` : nothing}
      </td>
      <td
        role="cell"
        data-label=${t('admin.people.seen')}
        data-tip=${lastSeen === undefined ? nothing : exactTime(lastSeen)}
      >
        ${
          presence === 'offline'
            ? lastSeenHidden
              ? t('admin.hidden')
              : lastSeen === undefined
                ? t('admin.never')
                : relativeTime(lastSeen, this.hub.now())
            : t(`presence.${presence}`)
        }
      </td>
      <td role="cell" data-label=${t('admin.people.sessions')}>${sessions}</td>
      <td role="cell" class="menu at-end">
        ${
          groups.some((group) => group.length > 0)
            ? html`<hb-menu .label=${t('admin.people.actions', { name })} .groups=${groups}>
                <button
                  slot="trigger"
                  class="icon-button"
                  type="button"
                  aria-label=${t('admin.people.actions', { name })}
                  data-tip=${t('common.more')}
                >
                  <hb-icon name="more" .size=${18}></hb-icon>
                </button>
              </hb-menu>`
            : nothing
        }
      </td>
    </tr>`
  }

  /** The rules of the hub (server/admin/users.ts), so that the page offers nothing that is refused. */
  #actions({ user, sessions }: AdminUser): MenuGroup[] {
    const me = this.hub.session.me.value
    const owns = me?.role === 'owner'
    if (user.id === me?.id || user.role === 'owner' || (user.role === 'admin' && !owns)) return []
    const name = user.displayName
    const open = !user.deactivated
    const first: MenuItem[] = []
    const second: MenuItem[] = []
    if (open && owns) {
      first.push(
        user.role === 'member'
          ? { label: t('admin.makeAdmin'), icon: 'shield', run: () => this.#setRole(user.id, name, 'admin') }
          : {
              label: t('admin.takeAdmin'),
              icon: 'shield',
              run: () => this.#setRole(user.id, name, 'member'),
            },
        {
          label: t('admin.handOver'),
          icon: 'crown',
          run: () => {
            this.dialog = { kind: 'hand-over', user }
          },
        },
      )
    }
    if (open) {
      first.push({
        label: t('admin.resetLink'),
        icon: 'key',
        run: () => {
          this.dialog = { kind: 'reset-link', user }
        },
      })
      second.push({
        label: t('admin.endSessions'),
        icon: 'log-out',
        disabled: sessions === 0,
        run: () => this.#endSessions(user.id, name),
      })
    }
    second.push(
      open
        ? {
            label: t('admin.deactivate'),
            icon: 'lock',
            danger: true,
            run: () => this.#deactivate(user.id, name),
          }
        : { label: t('admin.reactivate'), icon: 'retry', run: () => this.#reactivate(user.id, name) },
    )
    return [first, second]
  }

  async #setRole(userId: string, name: string, role: 'admin' | 'member') {
    const key = role === 'admin' ? 'admin.makeAdmin' : 'admin.takeAdmin'
    await confirm({
      heading: t(`${key}Heading`, { name }),
      text: t(`${key}Text`),
      action: role === 'admin' ? t('admin.makeAdminAction', { name }) : t('admin.takeAdminAction'),
      run: () =>
        withReauthentication(this.hub, () => this.hub.request('admin.users.update', { userId, role })),
    })
    await this.load()
  }

  async #endSessions(userId: string, name: string) {
    let count = 0
    const done = await confirm({
      heading: t('admin.endSessionsHeading', { name }),
      text: t('admin.endSessionsText'),
      action: t('admin.endSessionsAction', { name }),
      danger: true,
      run: async () => {
        count = (await this.hub.request('admin.users.sessions.end', { userId })).ended
      },
    })
    if (done) notify(this, { text: t('admin.sessionsEnded', { count, name }) })
    await this.load()
  }

  async #deactivate(userId: string, name: string) {
    const done = await confirm({
      heading: t('admin.deactivateHeading', { name }),
      text: t('admin.deactivateText'),
      action: t('admin.deactivateAction'),
      danger: true,
      run: () =>
        withReauthentication(this.hub, () =>
          this.hub.request('admin.users.update', { userId, deactivated: true }),
        ),
    })
    if (done) notify(this, { text: t('admin.deactivated', { name }) })
    await this.load()
  }

  async #reactivate(userId: string, name: string) {
    const done = await confirm({
      heading: t('admin.reactivateHeading', { name }),
      text: t('admin.reactivateText'),
      action: t('admin.reactivateAction'),
      run: () =>
        withReauthentication(this.hub, () =>
          this.hub.request('admin.users.update', { userId, deactivated: false }),
        ),
    })
    if (done) notify(this, { text: t('admin.reactivated', { name }) })
    await this.load()
  }

  #onQueryInput = (event: Event) => {
    const { name, value } = event.target as HTMLInputElement
    if (name !== 'query') return
    this.#query = value.trim().slice(0, 100)
    this.#shownCount = pageSize
    clearTimeout(this.#searchTimer)
    this.#searchTimer = setTimeout(() => void this.load(), searchDelayMs)
  }

  #onFilterChange = (event: Event) => {
    const { name, value } = event.target as HTMLSelectElement
    if (name === 'role') this.#role = value
    else if (name === 'status') this.#status = value
    else return
    this.#shownCount = pageSize
    void this.load()
  }

  #showMore = () => {
    this.#shownCount += pageSize
    void this.load()
  }

  #closeDialog = () => {
    this.dialog = undefined
    void this.load()
  }
}

customElements.define('hb-admin-users', HbAdminUsers)
