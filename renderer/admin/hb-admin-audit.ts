import type { AuditAction } from '../../shared/contract/audit.ts'
import { css, html, nothing } from 'lit'
import type { AuditLogEntry } from '../../shared/contract/admin-hub.ts'
import { renderProblem } from '../ui/form.ts'
import { withReauthentication } from '../accounts/reauthenticate.ts'
import { addressesOf, fillPath } from '../connection/addresses.ts'
import { fetchFile, saveFile } from '../connection/fetch-file.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { baseStyles } from '../styles/shared.ts'
import { auditDetailTexts, auditTexts } from '../text/en/audit.ts'
import { joinFacts } from '../text/direction.ts'
import { t } from '../text/t.ts'
import { clockTime, exactTime, listTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import { errorMessage } from '../ui/error-message.ts'
import { notify } from '../ui/hb-toasts.ts'
import { AdminSection } from './admin-section.ts'
import { adminStyles } from './admin-styles.ts'

const pageSize = 100
const dayMs = 24 * 60 * 60 * 1000

/** The audit log, the latest action first. */
export class HbAdminAudit extends AdminSection {
  static override properties = {
    ...AdminSection.properties,
    rows: { state: true },
    filter: { state: true },
  }
  declare rows: readonly AuditLogEntry[] | undefined
  declare filter: { by?: string; action?: string; after?: number; before?: number }

  #actions: readonly string[] = []
  #hasMore = false
  #shownCount = pageSize

  static override styles = [
    baseStyles,
    buttonStyles,
    sectionStyles,
    adminStyles,
    css`
      .filters input {
        display: block;
        inline-size: 100%;
        block-size: 40px;
        padding: 0 var(--space-3);
        border: 1px solid var(--color-border-field);
        border-radius: var(--radius-control);
        background: var(--color-control);
        color: inherit;
        font: var(--type-body);
      }
      .filters label {
        font: var(--type-label);
      }
      .filters label span {
        display: block;
        margin-block-end: 6px;
      }
      /* one long name leaves room for the words of the others */
      td:first-child {
        min-inline-size: 6.5rem;
      }
      td:nth-child(2) {
        min-inline-size: 4.25rem;
      }
      .address {
        overflow-wrap: normal;
        font-variant-numeric: tabular-nums;
      }
      .when {
        white-space: nowrap;
        font-variant-numeric: tabular-nums;
      }
    `,
  ]

  constructor() {
    super()
    this.filter = {}
  }

  protected async fetchContent() {
    const rows: AuditLogEntry[] = []
    let more = true
    let actions: readonly string[] = []
    while (more && rows.length < this.#shownCount) {
      const cursor = rows.at(-1)?.id
      const page = await this.hub.request('admin.audit', {
        ...this.filter,
        limit: pageSize,
        ...(cursor === undefined ? {} : { cursor }),
      })
      rows.push(...page.rows)
      more = page.more
      actions = page.actions
    }
    return () => {
      this.rows = rows
      this.#actions = actions
      this.#hasMore = more
    }
  }

  override render() {
    const { rows } = this
    return html`<section>
      <div class="intro">
        <p class="muted-text">${t('admin.audit.lead')}</p>
        <button class="button" @click=${() => void this.#downloadCsv()}>
          <hb-icon name="download"></hb-icon>${t('admin.audit.export')}
        </button>
      </div>
      <div class="filters" role="search" @change=${this.#onFilterChange}>
        <hb-field
          name="action"
          type="select"
          .label=${t('admin.audit.action')}
          .value=${this.filter.action ?? ''}
          .options=${[
            { value: '', label: t('admin.all') },
            ...this.#actions.map((value) => ({ value, label: textOfAction(value) })),
          ]}
        ></hb-field>
        <hb-field
          name="by"
          type="select"
          .label=${t('admin.audit.by')}
          .value=${this.filter.by ?? ''}
          .options=${[{ value: '', label: t('admin.all') }, ...this.#actors()]}
        ></hb-field>
        <label><span>${t('admin.audit.from')}</span><input type="date" name="after" /></label>
        <label><span>${t('admin.audit.to')}</span><input type="date" name="before" /></label>
      </div>
      ${renderProblem(this.problem)}
      ${
        rows?.length === 0
          ? html`<hb-empty-state
              role="status"
              drawing="search"
              .text=${t('admin.audit.none')}
            ></hb-empty-state>`
          : nothing
      }
      ${rows && rows.length > 0 ? this.#renderTable(rows) : nothing}
      ${
        this.#hasMore
          ? html`<div class="actions">
              <button class="button" @click=${this.#showMore}>${t('admin.more')}</button>
            </div>`
          : nothing
      }
    </section>`
  }

  /** All users, or those whom the page of a large hub knows, with those of the rows. */
  #actors(): { value: string; label: string }[] {
    const names = new Map(this.hub.users.list.value.map(({ id, displayName }) => [id, displayName]))
    if (this.hub.users.isPartial)
      for (const { by, byName } of this.rows ?? []) if (by && byName && !names.has(by)) names.set(by, byName)
    return [...names].map(([value, label]) => ({ value, label }))
  }

  #renderTable(rows: readonly AuditLogEntry[]) {
    const now = Date.now()
    return html`<table role="table" aria-label=${t('admin.audit.rows')}>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">${t('admin.audit.action')}</th>
          <th role="columnheader" scope="col">${t('admin.audit.by')}</th>
          <th role="columnheader" scope="col">${t('admin.audit.target')}</th>
          <th role="columnheader" scope="col">${t('admin.audit.address')}</th>
          <th role="columnheader" scope="col">${t('admin.audit.when')}</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map((row) => {
          const when = listTime(row.at, now)
          const clock = clockTime(row.at)
          return html`<tr role="row">
            <td role="cell">
              ${textOfAction(row.action)}
              <span class="below">${detailText(row, (userId) => this.hub.users.nameOf(userId))}</span>
            </td>
            <td role="cell" data-label=${t('admin.audit.by')}>
              ${row.byName ?? (row.by === undefined ? authorless(row) : row.by.slice(0, 8))}
            </td>
            <td role="cell" data-label=${t('admin.audit.target')} ?data-empty=${!hasTarget(row)}>
              ${hasTarget(row) ? this.#renderTarget(row) : nothing}
            </td>
            <td
              role="cell"
              class="address"
              data-label=${t('admin.audit.address')}
              ?data-empty=${!row.address}
            >
              ${row.address ? addressParts(row.address) : nothing}
            </td>
            <td role="cell" class="when" data-label=${t('admin.audit.when')} data-tip=${exactTime(row.at)}>
              ${when === clock ? clock : `${when}, ${clock}`}
            </td>
          </tr>`
        })}
      </tbody>
    </table>`
  }

  #renderTarget({ action, target = '', targetName }: AuditLogEntry) {
    if (targetName !== undefined) return html`<bdi>${targetName}</bdi>`
    if (action.startsWith('group.')) return t('admin.audit.hiddenGroup')
    // A token, an invite or a webhook has no name that the log keeps. Its id tells which one was revoked later.
    return html`<span class="below">${target.slice(0, 8)}</span>`
  }

  #onFilterChange = (event: Event) => {
    const { name, value } = event.target as HTMLInputElement
    const { by, action, after, before } = this.filter
    const next: Record<string, string | number | undefined> = { by, action, after, before }
    // The whole last day, in the user's own time zone.
    const midnight =
      value && (name === 'after' || name === 'before') ? new Date(`${value}T00:00`).getTime() : 0
    if (name === 'after') next.after = midnight || undefined
    else if (name === 'before') next.before = midnight ? midnight + dayMs - 1 : undefined
    else if (name === 'by' || name === 'action') next[name] = value || undefined
    else return
    this.filter = Object.fromEntries(Object.entries(next).filter(([, one]) => one !== undefined))
    this.#shownCount = pageSize
    void this.load()
  }

  async #downloadCsv() {
    const { path } = fillPath('GET', '/api/admin/audit.csv', this.filter)
    const address = addressesOf(this.hub.base).api(path)
    try {
      const table = await withReauthentication(this.hub, () => fetchFile(address))
      saveFile(table, `hubbub-audit-${new Date().toISOString().slice(0, 10)}.csv`)
    } catch (error) {
      notify(this, { text: errorMessage(error), tone: 'danger' })
    }
  }

  #showMore = () => {
    this.#shownCount += pageSize
    void this.load()
  }
}

/** Users who did something to themselves need no second mention. */
function hasTarget({ by, target }: AuditLogEntry): boolean {
  return target !== undefined && target !== by
}

/** What happened, in words: `in #kitchen · role: admin`. `nameOf` knows the users and bots of the hub. */
function detailText({ detail = {}, groupName }: AuditLogEntry, nameOf: (userId: string) => string): string {
  const parts = Object.entries(detail).map(([key, value]) => {
    if (groupIdKeys.has(key))
      return groupName === undefined
        ? t('admin.audit.inHiddenGroup')
        : t('admin.audit.inGroup', { name: groupName })
    if (userIdKeys.has(key)) {
      const name = nameOf(String(value))
      return name ? t('admin.audit.for', { name }) : ''
    }
    const label = Object.hasOwn(auditDetailTexts, key)
      ? auditDetailTexts[key as keyof typeof auditDetailTexts]
      : key
    return t('admin.audit.detail', { label, value: valueText(value) })
  })
  return joinFacts(parts)
}

/** The details that name a group or a user by an id. */
const groupIdKeys = new Set(['group', 'chat', 'chatId'])
const userIdKeys = new Set(['user', 'bot'])

function valueText(value: string | number | boolean): string | number {
  if (typeof value === 'boolean') return t(value ? 'admin.audit.yes' : 'admin.audit.no')
  return value
}

/** A long id wraps between its groups only. */
function addressParts(address: string) {
  return address.split(/(?<=:)/).map((part) => html`${part}<wbr />`)
}

/** Without an address it was no request: the hub did it by itself, as a backup at night. */
function authorless({ address }: AuditLogEntry): string {
  return t(address === undefined ? 'admin.audit.hub' : 'admin.audit.nobody')
}

/** An action that only a newer hub knows shows its own name. */
function textOfAction(action: string): string {
  return Object.hasOwn(auditTexts, action) ? auditTexts[action as AuditAction] : action
}

customElements.define('hb-admin-audit', HbAdminAudit)
