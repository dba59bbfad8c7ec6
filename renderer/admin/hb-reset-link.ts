import { html, LitElement, nothing } from 'lit'
import type { User } from '../../shared/contract/users.ts'
import { renderProblem } from '../ui/form.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import { linkBoxStyles } from '../ui/link-box.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { copyText } from '../ui/copy-to-clipboard.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-icon.ts'
import { LoadWhenLive } from '../ui/load-when-live.ts'
import { withReauthentication } from '../accounts/reauthenticate.ts'

/** A link to choose a new password with: created when this opens, and shown once. */
export class HbResetLink extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    user: { attribute: false },
    url: { state: true },
    problem: { state: true },
    copied: { state: true },
  }
  declare hub: Hub
  declare user: User
  declare url: string
  declare problem: string
  declare copied: boolean

  protected readonly loading = new LoadWhenLive(this, () => this.#createLink())

  static override styles = [baseStyles, buttonStyles, dialogStyles, linkBoxStyles]

  constructor() {
    super()
    this.url = ''
    this.problem = ''
    this.copied = false
  }

  override render() {
    const name = this.user.displayName
    return html`<hb-dialog
      .heading=${t('admin.resetLinkHeading', { name })}
      @hb-close=${() => this.dispatchEvent(new CustomEvent('hb-close'))}
    >
      <div class="stack">
        <p class="muted-text">${t('admin.resetLinkText', { name, minutes: 60 })}</p>
        ${
          this.url
            ? html`<div
                class="link-box"
                role="group"
                aria-label=${t('admin.resetLinkLabel')}
                dir="ltr"
                data-testid="reset-link"
              >
                ${this.url}
              </div>`
            : nothing
        }
        ${renderProblem(this.problem)}
      </div>
      <button
        slot="actions"
        class="button primary"
        autofocus
        ?disabled=${!this.url}
        @click=${() => void this.#copyLink()}
      >
        <hb-icon name=${this.copied ? 'check' : 'copy'}></hb-icon>
        ${this.copied ? t('common.copied') : t('invite.copy')}
      </button>
    </hb-dialog>`
  }

  async #createLink() {
    const { url } = await withReauthentication(this.hub, () =>
      this.hub.request('admin.users.createResetLink', { userId: this.user.id }),
    )
    this.url = new URL(url, this.hub.origin).href
  }

  async #copyLink() {
    const dialog = this.renderRoot.querySelector('hb-dialog')
    this.copied = await copyText(this.url, dialog ?? undefined)
    this.problem = this.copied ? '' : t('invite.copyFailed')
  }
}

customElements.define('hb-reset-link', HbResetLink)
