import { html, nothing } from 'lit'
import type { RegistrationRequest } from '../../shared/contract/admin-users.ts'
import { renderProblem } from '../ui/form.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { relativeTime, exactTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-avatar.ts'
import { confirm } from '../ui/hb-confirm.ts'
import { notify } from '../ui/hb-toasts.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { AdminSection } from './admin-section.ts'
import { adminStyles } from './admin-styles.ts'

/** The registration requests that wait for approval. */
export class HbAdminRequests extends AdminSection {
  static override properties = { ...AdminSection.properties, requests: { state: true } }
  declare requests: readonly RegistrationRequest[] | undefined

  static override styles = [baseStyles, buttonStyles, sectionStyles, adminStyles]

  protected async fetchContent() {
    const { requests } = await this.hub.request('admin.requests.list')
    return () => {
      this.requests = requests
    }
  }

  override render() {
    const byApproval = this.hub.meta.value?.registration === 'approval'
    return html`<section>
      ${byApproval ? html`<p class="muted-text">${t('admin.requests.lead')}</p>` : nothing}
      ${renderProblem(this.problem)} ${this.#renderList(byApproval)}
    </section>`
  }

  #renderList(byApproval: boolean) {
    const { requests } = this
    if (!requests) return nothing
    if (requests.length === 0) {
      return html`<hb-empty-state
        role="status"
        drawing="door"
        .text=${byApproval ? t('admin.requests.none') : t('admin.requests.off')}
      ></hb-empty-state>`
    }
    return html`<ul class="rows">
      ${keyedList(
        requests,
        ({ user }) => user.id,
        ({ user, at, address }) =>
          html`<li>
            <div class="who main">
              <hb-avatar
                .userId=${user.id}
                .joined=${user.joined}
                .name=${user.displayName}
                kind="user"
              ></hb-avatar>
              <span>
                <span class="name" dir="auto">${user.displayName}</span>
                <span class="below" data-tip=${exactTime(at)}>
                  @${user.username},
                  ${t('admin.requests.asked', { ago: relativeTime(at, this.hub.now()), address: address ?? '?' })}
                </span>
              </span>
            </div>
            <div class="actions">
              <button
                class="button small"
                aria-label=${t('admin.requests.declineName', { name: user.displayName })}
                @click=${() => void this.#decline(user.id, user.displayName)}
              >
                ${t('admin.requests.decline')}
              </button>
              <button
                class="button small primary"
                aria-label=${t('admin.requests.acceptName', { name: user.displayName })}
                @click=${() => void this.#accept(user.id, user.displayName)}
              >
                ${t('admin.requests.accept')}
              </button>
            </div>
          </li>`,
      )}
    </ul>`
  }

  async #accept(userId: string, name: string) {
    try {
      await this.hub.request('admin.requests.accept', { userId })
      notify(this, { text: t('admin.requests.accepted', { name }) })
    } catch (error) {
      notify(this, { text: errorMessage(error) })
    }
    await this.load()
  }

  async #decline(userId: string, name: string) {
    const done = await confirm({
      heading: t('admin.requests.declineHeading', { name }),
      text: t('admin.requests.declineText'),
      action: t('admin.requests.declineName', { name }),
      danger: true,
      run: () => this.hub.request('admin.requests.decline', { userId }),
    })
    if (done) notify(this, { text: t('admin.requests.declined', { name }) })
    await this.load()
  }
}

customElements.define('hb-admin-requests', HbAdminRequests)
