import { html, LitElement, nothing } from 'lit'
import type {
  DesktopSettings,
  HostAddress,
  HostApi,
  HostChanges,
  HostSettings,
  HostStatus,
  SettingsApi,
} from '../../shared/desktop.ts'
import { hostAndPort } from '../../shared/addresses.ts'
import { renderProblem } from '../ui/form.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-choice.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import type { DesktopHub } from './desktop.ts'
import './hb-invite-others.ts'
import './hb-other-hubs.ts'
import './hb-reachability.ts'
import './hb-server-help.ts'
import { pageHeader } from './page-header.ts'
import './hb-fingerprint.ts'
import { hostingStyles } from './hosting-styles.ts'
import { onlineUsersText, stateText } from './hosting-texts.ts'
import { shellErrorMessage } from './shell-error.ts'

type HostSwitch = 'announce' | 'browsers' | 'startWithApp' | 'keepAwake'

/**
 * The hub of this computer: its state, who reaches it, how it behaves. Emits `hb-back`, and `hb-start` if there is
 * none.
 */
export class HbHosting extends LitElement {
  static override properties = {
    host: { attribute: false },
    settings: { attribute: false },
    ownHubs: { attribute: false },
    standbyLink: { attribute: false },
    status: { state: true },
    hosting: { state: true },
    app: { state: true },
    networks: { state: true },
    inviting: { state: true },
    busy: { state: true },
    problem: { state: true },
    portProblem: { state: true },
    notice: { state: true },
  }
  declare host: HostApi
  declare settings: SettingsApi
  /** The hubs whose owner is logged in here. */
  declare ownHubs: readonly DesktopHub[]
  /** A link for a standby or a third computer that was opened outside the app; empty: none. */
  declare standbyLink: string
  declare status: HostStatus | undefined
  declare hosting: HostSettings | undefined
  declare app: DesktopSettings | undefined
  declare networks: HostAddress[]
  declare inviting: boolean
  declare busy: boolean
  declare problem: string
  declare portProblem: string
  declare notice: string

  static override styles = [baseStyles, buttonStyles, hostingStyles]

  #unsubscribe: (() => void) | undefined

  constructor() {
    super()
    this.ownHubs = []
    this.standbyLink = ''
    this.status = undefined
    this.hosting = undefined
    this.app = undefined
    this.networks = []
    this.inviting = false
    this.busy = false
    this.problem = ''
    this.portProblem = ''
    this.notice = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#unsubscribe = this.host.onStatus((status) => (this.status = status))
    void this.#load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe?.()
  }

  async #load() {
    try {
      this.status = await this.host.status()
      this.hosting = await this.host.settings()
      this.networks = await this.host.networks()
      this.app = await this.settings.get()
    } catch (error) {
      this.problem = shellErrorMessage(error)
    }
  }

  override render() {
    const { status, hosting } = this
    if (!status || !hosting) return html`<main>${renderProblem(this.problem)}</main>`
    const hasNone = status.state === 'stopped' && status.hubId === undefined
    return html`<main>
        ${pageHeader(this, t('hosting.title'), t('hosting.lead'))} ${this.#renderStateCard(status, hasNone)}
        ${this.#renderNetworkCard(hosting)} ${this.#renderComputerCard(hosting)}
        <hb-other-hubs
          .host=${this.host}
          .status=${status}
          .ownHubs=${this.ownHubs}
          .standbyLink=${this.standbyLink}
          @hb-followed=${() => void this.#load()}
        ></hb-other-hubs>
        <section class="card">
          <h2>${t('hosting.check')}</h2>
          <hb-reachability .host=${this.host}></hb-reachability>
        </section>
        ${hasNone ? nothing : html`<hb-server-help class="card"></hb-server-help>`}
      </main>
      ${this.inviting ? this.#renderInvite(status) : nothing}`
  }

  #renderStateCard(status: HostStatus, hasNone: boolean) {
    return html`<section class="card" aria-label=${t('hosting.title')}>
      <div class="state">
        <div>
          <strong>${status.name || t(hasNone ? 'hosting.noHub' : 'auth.hub')}</strong>
          <p role="status" data-testid="host-state">
            <span class="dot" data-state=${status.state}></span>${
              hasNone ? t('hosting.noHubText') : stateText(status)
            }${status.state === 'running' && !status.isStandby ? html` · ${onlineUsersText(status)}` : nothing}
          </p>
        </div>
        <div class="actions">${this.#renderStartStop(status)}</div>
      </div>
      ${renderProblem(this.problem || (status.problem ?? ''))}
      ${
        status.state === 'crashed'
          ? html`<div class="actions">
              <button class="button" @click=${() => void this.#run(() => this.host.openLog())}>
                ${t('hosting.log')}
              </button>
            </div>`
          : nothing
      }
      ${
        status.movedFrom === undefined
          ? nothing
          : html`<p class="note" role="status">
              <hb-icon name="info"></hb-icon
              ><span>
                ${t('hosting.moved', { from: String(status.movedFrom), to: String(status.port ?? 0) })}
              </span>
            </p>`
      }
      ${this.#renderFacts(status)}
    </section>`
  }

  #renderStartStop(status: HostStatus) {
    if (status.state === 'running') {
      return html`${
          status.isStandby
            ? nothing
            : html`<button class="button primary" @click=${() => (this.inviting = true)}>
                <hb-icon name="user-plus"></hb-icon>${t('hosting.invite')}
              </button>`
        }
        <button class="button" aria-disabled=${this.busy} @click=${() => void this.#stop(status)}>
          ${t('hosting.stop')}
        </button>
        <button
          class="icon-button"
          aria-label=${t('hosting.restart')}
          data-tip=${t('hosting.restart')}
          @click=${() => void this.#run(() => this.host.restart())}
        >
          <hb-icon name="retry"></hb-icon>
        </button>`
    }
    const waits = status.state === 'starting' || status.state === 'stopping'
    return html`<button class="button primary" aria-disabled=${waits} @click=${() => this.#start(status)}>
      ${t('hosting.start')}
    </button>`
  }

  #renderFacts({ state, addresses = [], port = 0, hubId }: HostStatus) {
    if (state !== 'running') return nothing
    return html`<dl>
      ${
        addresses.length > 0
          ? html`<dt>${t('hosting.addresses')}</dt>
              <dd>
                <ul>
                  ${addresses.map(
                    ({ host, network }) =>
                      html`<li class="address" dir="ltr">
                        ${hostAndPort(host, port)} <small>${network}</small>
                      </li>`,
                  )}
                </ul>
              </dd>`
          : nothing
      }
      ${
        hubId
          ? html`<dt>${t('hosting.fingerprint')}</dt>
              <dd><hb-fingerprint .hubId=${hubId}></hb-fingerprint></dd>`
          : nothing
      }
    </dl>`
  }

  #renderNetworkCard(hosting: HostSettings) {
    const names = [...new Set(this.networks.map(({ network }) => network))]
    return html`<section class="card" @change=${this.#onNetworkChange}>
      <h2>${t('hosting.network')}</h2>
      <hb-choice
        name="lan"
        .label=${t('hosting.lan')}
        .value=${hosting.lan ? 'yes' : 'no'}
        .choices=${[
          { value: 'yes', label: t('hosting.lanYes'), hint: t('hosting.lanYesHint') },
          { value: 'no', label: t('hosting.lanNo'), hint: t('hosting.lanNoHint') },
        ]}
      ></hb-choice>
      ${
        hosting.lan && names.length > 1
          ? html`<hb-field
              name="interfaces"
              type="select"
              .label=${t('hosting.on')}
              .value=${hosting.interfaces[0] ?? ''}
              .options=${[
                { value: '', label: t('hosting.all') },
                ...names.map((network) => ({ value: network, label: t('hosting.only', { network }) })),
              ]}
            ></hb-field>`
          : nothing
      }
      ${
        hosting.lan
          ? html`${this.#renderSwitch('announce', t('hosting.announce'), t('hosting.announceHint'))}
            ${this.#renderSwitch('browsers', t('hosting.browsers'), t('hosting.browsersHint'))}`
          : nothing
      }
      <form class="with-button" novalidate @submit=${this.#savePort}>
        <hb-field
          name="port"
          .label=${t('hosting.port')}
          .value=${String(hosting.port)}
          .hint=${t('hosting.portHint')}
          .error=${this.portProblem}
          maxlength="5"
        ></hb-field>
        <button class="button" type="submit">${t('hosting.change')}</button>
      </form>
    </section>`
  }

  #renderComputerCard(hosting: HostSettings) {
    return html`<section class="card">
      <h2>${t('hosting.computer')}</h2>
      ${this.#renderSwitch('startWithApp', t('hosting.withApp'), t('hosting.withAppHint'))}
      ${
        this.app
          ? html`<label class="switch">
              <input
                type="checkbox"
                name="startWithComputer"
                .checked=${this.app.startWithComputer}
                @change=${this.#onAutostartChange}
              />
              <span>${t('hosting.autostart')}<span>${t('hosting.autostartHint')}</span></span>
            </label>`
          : nothing
      }
      ${this.#renderSwitch('keepAwake', t('hosting.awake'), t('hosting.awakeHint'))}
      <div>
        <h3 class="muted-text">${t('hosting.data')}</h3>
        <div class="with-button">
          <p class="path" dir="ltr">${hosting.dataDir}</p>
          <button class="button" @click=${() => void this.#chooseDir()}>${t('hosting.choose')}</button>
        </div>
        <p class="muted-text">${t('hosting.dataHint')}</p>
        ${this.notice ? html`<p class="note" role="status">${this.notice}</p>` : nothing}
      </div>
      <div class="actions">
        <button class="button" aria-disabled=${this.busy} @click=${() => void this.#backUp()}>
          ${t('hosting.backUp')}
        </button>
        <button class="button" aria-disabled=${this.busy} @click=${() => void this.#restore()}>
          ${t('hosting.restore')}
        </button>
        <button class="button" @click=${() => void this.#run(() => this.host.openLog())}>
          ${t('hosting.log')}
        </button>
      </div>
    </section>`
  }

  #renderSwitch(name: HostSwitch, label: string, hint: string) {
    return html`<label class="switch">
      <input
        type="checkbox"
        name=${name}
        .checked=${this.hosting?.[name] ?? false}
        @change=${(event: Event) => void this.#changeSettings({ [name]: (event.target as HTMLInputElement).checked })}
      />
      <span>${label}<span>${hint}</span></span>
    </label>`
  }

  #renderInvite(status: HostStatus) {
    return html`<hb-dialog .heading=${t('inviteOthers.title')} @hb-close=${() => (this.inviting = false)}>
      <hb-invite-others
        .host=${this.host}
        .status=${status}
        .hubName=${status.name ?? ''}
        bare
        @hb-done=${() => (this.inviting = false)}
      ></hb-invite-others>
    </hb-dialog>`
  }

  #start(status: HostStatus) {
    if (this.busy || status.state === 'starting' || status.state === 'stopping') return
    // The hub needs a name and an owner first.
    if (status.hubId === undefined && !this.hosting?.lan) {
      this.dispatchEvent(new CustomEvent('hb-start'))
      return
    }
    void this.#run(() => this.host.start())
  }

  async #stop(status: HostStatus) {
    const count = status.connectedUsers ?? 0
    if (count === 0) return this.#run(() => this.host.stop())
    const hub = status.name ?? ''
    await confirm({
      heading: t('hosting.stopTitle', { hub }),
      text: t('hosting.stopText', { count }),
      action: t('hosting.stop'),
      danger: true,
      run: () => this.host.stop(),
    })
  }

  #onNetworkChange = (event: Event) => {
    const { name, value } = event.target as HTMLInputElement
    if (name === 'lan') void this.#changeSettings({ lan: value === 'yes' })
    if (name === 'interfaces') void this.#changeSettings({ interfaces: value ? [value] : [] })
  }

  #savePort = (event: SubmitEvent) => {
    event.preventDefault()
    const typed = new FormData(event.target as HTMLFormElement).get('port')
    const text = typeof typed === 'string' ? typed.trim() : ''
    const port = Number(text)
    const fits = /^\d{1,5}$/.test(text) && port >= 1024 && port <= 65_535
    this.portProblem = fits ? '' : t('hosting.badPort')
    if (fits) void this.#changeSettings({ port })
  }

  #onAutostartChange = (event: Event) => {
    const { checked } = event.target as HTMLInputElement
    void this.#run(async () => {
      this.app = await this.settings.set({ startWithComputer: checked })
    })
  }

  async #chooseDir() {
    await this.#run(async () => {
      const dir = await this.host.chooseDataDir()
      if (dir === undefined) return
      this.hosting = await this.host.settings()
      this.notice = t('hosting.chosen', { dir })
    })
  }

  async #backUp() {
    if (this.busy) return
    await this.#run(async () => {
      const file = await this.host.backUp()
      if (file !== undefined) this.notice = t('hosting.backedUp', { file })
    })
  }

  async #restore() {
    if (this.busy) return
    await this.#run(async () => {
      const status = await this.host.restore()
      if (!status) return
      this.hosting = await this.host.settings()
      this.notice = t('hosting.restored', { hub: status.name ?? '' })
    })
  }

  async #changeSettings(changes: HostChanges) {
    await this.#run(async () => {
      this.hosting = await this.host.change(changes)
    })
  }

  async #run(run: () => Promise<unknown>) {
    this.busy = true
    this.problem = ''
    try {
      await run()
    } catch (error) {
      this.problem = shellErrorMessage(error)
    } finally {
      this.busy = false
    }
  }
}

customElements.define('hb-hosting', HbHosting)

declare global {
  interface HTMLElementTagNameMap {
    'hb-hosting': HbHosting
  }
}
