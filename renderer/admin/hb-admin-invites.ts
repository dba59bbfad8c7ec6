import { html, nothing } from 'lit'
import type { Invite } from '../../shared/contract/admin-users.ts'
import { renderProblem } from '../ui/form.ts'
import { openDialog } from '../navigation/dialogs.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { relativeTime, exactTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-icon.ts'
import { notify } from '../ui/hb-toasts.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { AdminSection } from './admin-section.ts'
import { adminStyles } from './admin-styles.ts'

const pageSize = 50
const listFormat = new Intl.ListFormat('en')

/** All invites and their state. */
export class HbAdminInvites extends AdminSection {
  static override properties = { ...AdminSection.properties, invites: { state: true } }
  declare invites: readonly Invite[] | undefined

  #hasMore = false
  #shownCount = pageSize

  static override styles = [baseStyles, buttonStyles, sectionStyles, adminStyles]

  protected async fetchContent() {
    const invites: Invite[] = []
    let more = true
    while (more && invites.length < this.#shownCount) {
      const after = invites.at(-1)?.id
      const page = await this.hub.request('admin.invites.list', after === undefined ? {} : { after })
      invites.push(...page.invites)
      more = page.more
    }
    return () => {
      this.invites = invites
      this.#hasMore = more
    }
  }

  override render() {
    const isClosed = this.hub.meta.value?.registration === 'closed'
    return html`<section>
      <div class="intro">
        <p class="muted-text">${isClosed ? t('admin.invites.closed') : t('admin.invites.lead')}</p>
        ${
          isClosed
            ? nothing
            : html`<button class="button primary" @click=${() => openDialog(this, { kind: 'invite' })}>
                <hb-icon name="user-plus"></hb-icon>${t('admin.invites.new')}
              </button>`
        }
      </div>
      ${renderProblem(this.problem)} ${this.#renderList()}
      ${
        this.#hasMore
          ? html`<div class="actions">
              <button class="button" @click=${this.#showMore}>${t('admin.more')}</button>
            </div>`
          : nothing
      }
    </section>`
  }

  #renderList() {
    const { invites } = this
    if (!invites) return nothing
    if (invites.length === 0) {
      return html`<hb-empty-state
        role="status"
        drawing="letter"
        .text=${t('admin.invites.none')}
      ></hb-empty-state>`
    }
    return html`<ul class="rows">
      ${keyedList(
        invites,
        ({ id }) => id,
        (invite) => this.#renderInvite(invite),
      )}
    </ul>`
  }

  #renderInvite(invite: Invite) {
    const { state, role, createdBy, createdAt, expiresAt, used, uses, users } = invite
    return html`<li>
      <div class="main">
        <span class="name">
          <span class="tag" ?data-strong=${state === 'open'}>${t(`admin.invites.state.${state}`)}</span>
          ${role === 'admin' ? t('admin.invites.admins') : t('admin.invites.members')}
        </span>
        <span class="below" data-tip=${exactTime(createdAt)}>
          ${t('admin.invites.by', { name: createdBy.displayName, ago: relativeTime(createdAt, this.hub.now()) })}
        </span>
        <span class="below">
          ${t('admin.invites.used', { used, uses })}${
            state === 'open' ? `, ${t('admin.invites.until', { time: exactTime(expiresAt) })}` : nothing
          }
        </span>
        <span class="below">
          ${
            users.length > 0
              ? t('admin.invites.came', { names: listFormat.format(users.map((one) => one.displayName)) })
              : t('admin.invites.nobody')
          }
        </span>
      </div>
      ${
        state === 'open'
          ? html`<button class="button small" @click=${() => void this.#revoke(invite.id)}>
              ${t('admin.invites.revoke')}
            </button>`
          : nothing
      }
    </li>`
  }

  async #revoke(inviteId: string) {
    const done = await confirm({
      heading: t('admin.invites.revokeHeading'),
      text: t('admin.invites.revokeText'),
      action: t('admin.invites.revokeAction'),
      danger: true,
      run: () => this.hub.request('admin.invites.revoke', { inviteId }),
    })
    if (done) notify(this, { text: t('admin.invites.revoked') })
    await this.load()
  }

  #showMore = () => {
    this.#shownCount += pageSize
    void this.load()
  }
}

customElements.define('hb-admin-invites', HbAdminInvites)
