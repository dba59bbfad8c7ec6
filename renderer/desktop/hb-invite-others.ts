import { css, html, LitElement, nothing } from 'lit'
import type { HostApi, HostInvite, HostStatus } from '../../shared/desktop.ts'
import { hostAndPort } from '../../shared/addresses.ts'
import { renderProblem } from '../ui/form.ts'
import { authStyles } from '../accounts/auth-styles.ts'
import { linkBoxStyles } from '../ui/link-box.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { copyText } from '../ui/copy-to-clipboard.ts'
import './desktop-text.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-qr.ts'
import './hb-reachability.ts'
import './hb-fingerprint.ts'
import { shellErrorMessage } from './shell-error.ts'

/** How others join the hub of this computer: a link to send, an address to type, words to compare. */
export class HbInviteOthers extends LitElement {
  static override properties = {
    host: { attribute: false },
    status: { attribute: false },
    hubName: { type: String },
    bare: { type: Boolean },
    invite: { state: true },
    browsers: { state: true },
    lan: { state: true },
    opening: { state: true },
    copied: { state: true },
    problem: { state: true },
  }
  declare host: HostApi
  declare status: HostStatus | undefined
  declare hubName: string
  /** In a dialog that has its own heading and its own buttons. */
  declare bare: boolean
  declare invite: HostInvite | undefined
  declare browsers: boolean
  /** Other computers can connect. */
  declare lan: boolean
  /** The hub restarts to let others connect. */
  declare opening: boolean
  declare copied: 'app' | 'browser' | undefined
  declare problem: string

  static override styles = [
    baseStyles,
    buttonStyles,
    authStyles,
    linkBoxStyles,
    css`
      .copies {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
      }
      .copies .button {
        flex: 1 1 auto;
      }
      :host {
        min-block-size: 0;
        background: none;
      }
      section {
        display: flex;
        flex-direction: column;
        gap: var(--space-3);
        margin-block-start: var(--space-6);
      }
      .by-hand {
        padding-block-start: var(--space-5);
        border-block-start: 1px solid var(--color-border);
      }
      h2 {
        font: var(--type-name);
      }
      h3 {
        font: var(--type-label);
      }
      hb-qr {
        margin-inline: auto;
      }
      .address {
        inline-size: fit-content;
        font: 500 1rem/1.5rem var(--font-mono);
        user-select: all;
        -webkit-user-select: all;
      }
      .words {
        color: var(--color-text-muted);
        font: var(--type-secondary);
      }
      .actions {
        margin-block-start: var(--space-6);
      }
      details {
        color: var(--color-text-muted);
      }
      summary + hb-reachability {
        margin-block-start: var(--space-3);
      }
      summary {
        inline-size: fit-content;
        cursor: pointer;
        border-radius: 3px;
      }
    `,
  ]

  constructor() {
    super()
    this.status = undefined
    this.hubName = ''
    this.bare = false
    this.invite = undefined
    this.browsers = true
    this.lan = true
    this.opening = false
    this.copied = undefined
    this.problem = ''
  }

  #unsubscribe: (() => void) | undefined
  /** Where the links lead to. */
  #linkedPlace = ''

  override connectedCallback(): void {
    super.connectedCallback()
    this.#unsubscribe = this.host.onStatus((status) => (this.status = status))
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe?.()
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector('h1')?.focus()
    void this.#createInvite()
  }

  /** The hub has other addresses: a link that is copied now must lead there. */
  protected override updated(): void {
    if (this.invite && this.status?.state === 'running' && placeOf(this.status) !== this.#linkedPlace)
      void this.#createInvite()
  }

  async #createInvite() {
    this.#linkedPlace = placeOf(this.status)
    try {
      const settings = await this.host.settings()
      this.browsers = settings.browsers
      this.lan = settings.lan
      this.invite = await this.host.invite()
      this.problem = ''
    } catch (error) {
      this.problem = shellErrorMessage(error)
    }
  }

  override render() {
    const hub = this.hubName
    return html`
      ${this.bare ? nothing : html`<h1 tabindex="-1">${t('inviteOthers.title')}</h1>`}
      <p class="lead">${t('inviteOthers.lead', { hub })}</p>
      ${this.lan ? this.#renderOffline() : this.#renderClosed()} ${this.#renderLinks()}
      ${this.#renderManualSteps(hub)}
      <details class="below">
        <summary>${t('inviteOthers.cannot')}</summary>
        <hb-reachability .host=${this.host}></hb-reachability>
      </details>
      ${
        this.bare
          ? nothing
          : html`<div class="actions">
              <button
                class="button primary wide"
                @click=${() => this.dispatchEvent(new CustomEvent('hb-done'))}
              >
                ${t('inviteOthers.done', { hub })}
              </button>
            </div>`
      }
    `
  }

  /** The links follow as soon as there is a network. */
  #renderOffline() {
    const { state, addresses = [] } = this.status ?? {}
    if (state !== 'running' || addresses.length > 0) return nothing
    return html`<section><p role="status">${t('inviteOthers.noAddress')}</p></section>`
  }

  /** Shown while the links would not work: one press opens the hub to others. */
  #renderClosed() {
    return html`<section>
      <p role="status">${t('inviteOthers.closed')}</p>
      <button class="button primary" ?disabled=${this.opening} @click=${() => void this.#openToOthers()}>
        ${t(this.opening ? 'inviteOthers.opening' : 'inviteOthers.open')}
      </button>
    </section>`
  }

  async #openToOthers() {
    this.opening = true
    try {
      await this.host.change({ lan: true })
      this.status = await this.host.status()
      this.invite = undefined
    } catch (error) {
      this.problem = shellErrorMessage(error)
    } finally {
      this.opening = false
    }
    await this.#createInvite()
  }

  #renderLinks() {
    const { invite } = this
    if (!invite) {
      return html`<section>
        ${renderProblem(this.problem)}
        ${
          this.problem
            ? html`<button class="button" @click=${() => void this.#createInvite()}>
                ${t('common.retry')}
              </button>`
            : html`<p class="words" role="status">${t('inviteOthers.making')}</p>`
        }
      </section>`
    }
    return html`<section>
      <h2>${t('inviteOthers.app')}</h2>
      <div class="link-box" role="group" aria-label=${t('inviteOthers.app')} dir="ltr" data-testid="app-link">
        ${invite.link}
      </div>
      <div class="copies">
        ${this.#renderCopyButton('app', invite.link, t('inviteOthers.copyApp'))}
        ${this.browsers ? this.#renderCopyButton('browser', invite.url, t('inviteOthers.copyBrowser')) : nothing}
      </div>
      ${renderProblem(this.problem)}
      <hb-qr .text=${this.browsers ? invite.url : invite.link} .label=${t('inviteOthers.qr')}></hb-qr>
    </section>`
  }

  #renderCopyButton(which: 'app' | 'browser', text: string, label: string) {
    const isCopied = this.copied === which
    return html`<button
      class="button ${which === 'app' ? 'primary' : ''}"
      @click=${() => void this.#copy(which, text)}
    >
      <hb-icon name=${isCopied ? 'check' : 'copy'}></hb-icon>${isCopied ? t('common.copied') : label}
    </button>`
  }

  #renderManualSteps(hub: string) {
    const { addresses = [], port = 0, hubId, isAnnounced } = this.status ?? {}
    return html`<section class="by-hand">
      <h2>${t('inviteOthers.byHand')}</h2>
      ${
        addresses.length === 0
          ? nothing
          : html`<p class="words">
                ${isAnnounced ? t('inviteOthers.find', { hub }) : t('inviteOthers.findQuiet')}
              </p>
              <ul>
                ${addresses.map(
                  ({ host }) => html`<li class="address" dir="ltr">${hostAndPort(host, port)}</li>`,
                )}
              </ul>`
      }
      ${
        hubId
          ? html`<p class="words">${t('inviteOthers.words')}</p>
              <hb-fingerprint .hubId=${hubId}></hb-fingerprint>`
          : nothing
      }
    </section>`
  }

  async #copy(which: 'app' | 'browser', text: string) {
    const copied = await copyText(text)
    this.copied = copied ? which : undefined
    this.problem = copied ? '' : t('inviteOthers.copyFailed')
  }
}

function placeOf({ addresses, port, isAnnounced }: Partial<HostStatus> = {}): string {
  return JSON.stringify([addresses, port, isAnnounced])
}

customElements.define('hb-invite-others', HbInviteOthers)

declare global {
  interface HTMLElementTagNameMap {
    'hb-invite-others': HbInviteOthers
  }
}
