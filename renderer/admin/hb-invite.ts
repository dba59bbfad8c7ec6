import { css, html, LitElement, nothing } from 'lit'
import type { InviteReach } from '../../shared/contract/admin.ts'
import { isHubId } from '../../shared/text/hub-id.ts'
import { withReauthentication } from '../accounts/reauthenticate.ts'
import { renderProblem, formValues } from '../ui/form.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { copyText } from '../ui/copy-to-clipboard.ts'
import { errorMessage } from '../ui/error-message.ts'
import type { HbChoice } from '../ui/hb-choice.ts'
import '../ui/hb-choice.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-qr.ts'
import { linkBoxStyles } from '../ui/link-box.ts'

import './admin-text.ts'
import { renderInviteReach } from './invite-reach.ts'

const uses = [1, 5, 20, 100]
const days = [1, 7, 30]

/** Creates an invite link and shows it once. */
export class HbInvite extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    busy: { state: true },
    problem: { state: true },
    links: { state: true },
    form: { state: true },
    words: { state: true },
    reach: { state: true },
    copied: { state: true },
  }
  declare hub: Hub
  declare busy: boolean
  declare problem: string
  /** Of the new invite. */
  declare links: { browser: string; app: string } | undefined
  /** The address that is shown. */
  declare form: 'browser' | 'app'
  /** The hub's fingerprint, if it vouches for itself. */
  declare words: readonly string[]
  /** Who can use the link. */
  declare reach: InviteReach | undefined
  declare copied: boolean

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    linkBoxStyles,
    css`
      hb-qr {
        margin-inline: auto;
      }
      h3 {
        margin: 0;
        font: var(--type-label);
      }
      .words {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr));
        gap: var(--space-1) var(--space-3);
        margin: var(--space-2) 0 0;
        padding: var(--space-3) var(--space-3) var(--space-3) var(--space-8);
        border-radius: var(--radius-control);
        background: var(--color-code);
      }
    `,
  ]

  constructor() {
    super()
    this.busy = false
    this.problem = ''
    this.links = undefined
    this.form = 'browser'
    this.words = []
    this.reach = undefined
    this.copied = false
  }

  override render() {
    const hub = this.hub.meta.value?.name ?? t('auth.hub')
    return html`<hb-dialog
      .heading=${t('invite.title', { hub })}
      .busy=${this.busy}
      @hb-close=${() => this.dispatchEvent(new CustomEvent('hb-close'))}
    >
      ${this.links ? this.#made(this.links[this.form]) : this.#form()}
    </hb-dialog>`
  }

  #form() {
    const isOwner = this.hub.session.me.value?.role === 'owner'
    return html`
      <form novalidate @submit=${this.#submit}>
        <p class="muted-text">${t('invite.lead')}</p>
        <hb-choice
          inline
          name="uses"
          .label=${t('invite.uses')}
          .value=${'1'}
          .choices=${uses.map((count) => ({
            value: String(count),
            label: count === 1 ? t('invite.usesOne') : t('invite.usesMany', { count }),
          }))}
        ></hb-choice>
        <hb-choice
          inline
          name="days"
          .label=${t('invite.days')}
          .value=${'7'}
          .choices=${days.map((count) => ({
            value: String(count),
            label: t('invite.daysCount', { count }),
          }))}
        ></hb-choice>
        ${isOwner ? this.#renderRole() : nothing} ${renderProblem(this.problem)}
        <button type="submit" hidden></button>
      </form>
      <button
        slot="actions"
        class="button primary"
        autofocus
        ?disabled=${this.busy}
        @click=${() => this.renderRoot.querySelector('form')?.requestSubmit()}
      >
        ${this.busy ? t('invite.making') : t('invite.make')}
      </button>
    `
  }

  #renderRole() {
    return html`<details class="more">
      <summary>${t('common.more')}</summary>
      <hb-choice
        inline
        name="role"
        .label=${t('invite.role')}
        .value=${'member'}
        .choices=${[
          { value: 'member', label: t('invite.member') },
          { value: 'admin', label: t('invite.admin') },
        ]}
      ></hb-choice>
    </details>`
  }

  #made(link: string) {
    return html`
      <div class="stack">
        ${renderInviteReach(this, this.hub, this.reach)}
        <p class="muted-text">${t('invite.once')}</p>
        <hb-choice
          inline
          name="form"
          .label=${t('invite.form')}
          .value=${this.form}
          .choices=${[
            { value: 'browser', label: t('invite.forBrowser') },
            { value: 'app', label: t('invite.forApp') },
          ]}
          @change=${this.#switch}
        ></hb-choice>
        <div class="link-box" role="group" aria-label=${t('invite.link')} dir="ltr" data-testid="invite-link">
          ${link}
        </div>
        <hb-qr .text=${link} .label=${t('invite.qr')}></hb-qr>
        ${this.#identity()} ${renderProblem(this.problem)}
      </div>
      <button slot="actions" class="button" @click=${() => this.#again()}>${t('invite.another')}</button>
      <button slot="actions" class="button primary" @click=${() => void this.#copy(link)}>
        <hb-icon name=${this.copied ? 'check' : 'copy'}></hb-icon>
        ${this.copied ? t('common.copied') : t('invite.copy')}
      </button>
    `
  }

  #identity() {
    if (this.words.length === 0) return nothing
    return html`<section aria-labelledby="words">
      <h3 id="words">${t('invite.words')}</h3>
      <p class="muted-text">${t('invite.wordsWhy')}</p>
      <ol class="words" translate="no" lang="en" data-testid="hub-words">
        ${this.words.map((word) => html`<li>${word}</li>`)}
      </ol>
    </section>`
  }

  #switch = (event: Event) => {
    this.form = (event.currentTarget as HbChoice).value === 'app' ? 'app' : 'browser'
    this.copied = false
  }

  #again() {
    this.links = undefined
    this.copied = false
    this.problem = ''
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (!this.busy) void this.#make(formValues(event.target as HTMLFormElement))
  }

  async #make(values: Record<string, string>) {
    this.busy = true
    this.problem = ''
    try {
      const { url, appLink, reach } = await withReauthentication(this.hub, () =>
        this.hub.request('admin.invites.create', {
          uses: Number(values.uses),
          days: Number(values.days),
          ...(values.role === 'admin' ? { role: 'admin' as const } : {}),
        }),
      )
      this.words = url.includes('&fp=') ? await this.#wordsOfHub() : []
      this.reach = reach
      this.links = { browser: new URL(url, this.hub.origin).href, app: appLink }
    } catch (error) {
      this.problem = errorMessage(error)
    } finally {
      this.busy = false
    }
  }

  /** Loaded only here: the list of two thousand words is a large part of the page. */
  async #wordsOfHub(): Promise<string[]> {
    const hubId = this.hub.meta.value?.hubId
    const { fingerprintWords } = await import('../../shared/text/fingerprint.ts')
    return hubId !== undefined && isHubId(hubId) ? fingerprintWords(hubId) : []
  }

  async #copy(link: string) {
    const dialog = this.renderRoot.querySelector('hb-dialog')
    this.copied = await copyText(link, dialog ?? undefined)
    this.problem = this.copied ? '' : t('invite.copyFailed')
  }
}

customElements.define('hb-invite', HbInvite)
