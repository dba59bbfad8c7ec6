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
import { renderProblem } from '../ui/form.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-choice.ts'
import { confirm } from '../ui/hb-confirm.ts'
import './desktop-text.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import type { DesktopHub } from './desktop.ts'
import './hb-invite-others.ts'
import './hb-other-hubs.ts'
import './hb-reachability.ts'
import './hb-server-help.ts'
import { pageHeader, renderSwitch } from './page-parts.ts'
import { renderHostFacts, renderMovedPort } from './host-facts.ts'
import { renderHostingActions } from './hosting-actions.ts'
import { hostingStyles } from './hosting-styles.ts'
import { detailText, dotState, hasDetail, stateText } from './hosting-texts.ts'
import { shellErrorMessage } from './shell-error.ts'

type HostSwitch = 'announce' | 'browsers' | 'startWithApp' | 'keepAwake'

/** Where the user looks: what a button of a card says belongs to that card. */
type Card = 'state' | 'network' | 'computer'

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
    work: { state: true },
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
  /** What takes a while; the page stays in use meanwhile. */
  declare work: 'backUp' | 'restore' | undefined
  declare problem: { card: Card; text: string } | undefined
  declare portProblem: string
  declare notice: string

  static override styles = [baseStyles, buttonStyles, hostingStyles]

  #unsubscribe: (() => void) | undefined
  /** What a standby has to say comes first. Not while the page is open: its cards would change places. */
  #wasStandby: boolean | undefined

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
    this.work = undefined
    this.problem = undefined
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
      this.#wasStandby ??= this.status.isStandby === true
      this.hosting = await this.host.settings()
      this.networks = await this.host.networks()
      this.app = await this.settings.get()
    } catch (error) {
      this.problem = { card: 'state', text: shellErrorMessage(error) }
    }
  }

  override render() {
    const { status, hosting } = this
    if (!status || !hosting) return html`<main>${this.#renderProblem('state')}</main>`
    const hasNone = status.state === 'stopped' && status.hubId === undefined
    return html`<main>
        ${pageHeader(this, t('hosting.title'), t('hosting.lead'))} ${this.#renderStateCard(status, hasNone)}
        ${this.#wasStandby ? this.#renderOtherHubs(status) : nothing}
        ${hasNone ? nothing : this.#renderNetworkCard(hosting)} ${this.#renderComputerCard(hosting, hasNone)}
        ${this.#wasStandby ? nothing : this.#renderOtherHubs(status)}
        ${
          hasNone
            ? nothing
            : html`<section class="card">
                  <h2>${t('hosting.check')}</h2>
                  <hb-reachability .host=${this.host}></hb-reachability>
                </section>
                <hb-server-help class="card"></hb-server-help>`
        }
      </main>
      ${this.inviting ? this.#renderInvite(status) : nothing}`
  }

  #renderOtherHubs(status: HostStatus) {
    return html`<hb-other-hubs
      .host=${this.host}
      .status=${status}
      .ownHubs=${this.ownHubs}
      .standbyLink=${this.standbyLink}
      @hb-followed=${() => void this.#load()}
    ></hb-other-hubs>`
  }

  #renderStateCard(status: HostStatus, hasNone: boolean) {
    return html`<section class="card" aria-label=${t('hosting.title')}>
      <div class="state">
        <div>
          <strong>${status.name || t(hasNone ? 'hosting.noHub' : 'hosting.unnamed')}</strong>
          <p role="status" data-testid="host-state">
            <span class="dot" data-state=${dotState(status)}></span>${
              hasNone ? t('hosting.noHubText') : stateText(status)
            }${hasDetail(status) ? html` · ${detailText(status)}` : nothing}
          </p>
        </div>
        <div class="actions">${this.#renderActions(status)}</div>
      </div>
      ${this.#renderProblem('state', status.isHanging ? t('hosting.hangingText') : status.problem)}
      ${status.state === 'crashed' || status.isHanging ? html`<div class="actions">${this.#renderLog('state')}</div>` : nothing}
      ${renderMovedPort(status)} ${renderHostFacts(status)}
    </section>`
  }

  #renderActions(status: HostStatus) {
    return renderHostingActions(status, this.busy, {
      start: () => this.#start(status),
      stop: () => void this.#stop(status),
      restart: () => void (this.busy || this.#run('state', () => this.host.restart())),
      invite: () => (this.inviting = true),
      setUp: () => this.#dispatchStart(),
    })
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
          ? html`${this.#renderSwitch('network', 'announce', t('hosting.announce'), t('hosting.announceHint'))}
            ${this.#renderSwitch('network', 'browsers', t('hosting.browsers'), t('hosting.browsersHint'))}`
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
      ${this.#renderProblem('network')}
    </section>`
  }

  #renderComputerCard(hosting: HostSettings, hasNone: boolean) {
    return html`<section class="card">
      <h2>${t('hosting.computer')}</h2>
      ${this.#renderSwitch('computer', 'startWithApp', t('hosting.withApp'), t('hosting.withAppHint'))}
      ${
        this.app
          ? renderSwitch('startWithComputer', this.app.startWithComputer, {
              ...{ label: t('hosting.autostart'), hint: t('hosting.autostartHint') },
              change: this.#onAutostartChange,
            })
          : nothing
      }
      ${this.#renderSwitch('computer', 'keepAwake', t('hosting.awake'), t('hosting.awakeHint'))}
      <div>
        <h3 class="muted-text">${t('hosting.data')}</h3>
        <div class="with-button">
          <p class="path" dir="ltr">${hosting.dataDir}</p>
          <button class="button" @click=${() => void this.#chooseDir()}>${t('hosting.choose')}</button>
        </div>
        <p class="muted-text">${t('hosting.dataHint')}</p>
      </div>
      <div class="actions">
        ${hasNone ? nothing : this.#renderBackUp()}
        <button class="button" aria-disabled=${this.work !== undefined} @click=${() => void this.#restore()}>
          ${t(this.work === 'restore' ? 'hosting.restoring' : 'hosting.restore')}
        </button>
        ${hasNone ? nothing : this.#renderLog('computer')}
      </div>
      ${this.#renderProblem('computer')}
      ${this.notice ? html`<p class="note" role="status">${this.notice}</p>` : nothing}
    </section>`
  }

  #renderBackUp() {
    const isBusy = this.work !== undefined
    return html`<button class="button" aria-disabled=${isBusy} @click=${() => void this.#backUp()}>
      ${t(this.work === 'backUp' ? 'hosting.backingUp' : 'hosting.backUp')}
    </button>`
  }

  #renderLog(card: Card) {
    return html`<button class="button" @click=${() => void this.#run(card, () => this.host.openLog())}>
      ${t('hosting.log')}
    </button>`
  }

  #renderProblem(card: Card, otherwise = '') {
    return renderProblem(this.problem?.card === card ? this.problem.text : otherwise)
  }

  #renderSwitch(card: Card, name: HostSwitch, label: string, hint: string) {
    return renderSwitch(name, this.hosting?.[name] ?? false, {
      ...{ label, hint },
      change: ({ target }) =>
        void this.#changeSettings(card, { [name]: (target as HTMLInputElement).checked }),
    })
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
      <button slot="actions" class="button" @click=${() => (this.inviting = false)}>
        ${t('common.close')}
      </button>
    </hb-dialog>`
  }

  #start(status: HostStatus) {
    if (this.busy || status.state === 'starting' || status.state === 'stopping') return
    // The hub needs a name and an owner first.
    if (status.state === 'stopped' && status.hubId === undefined) return this.#dispatchStart()
    void this.#run('state', () => this.host.start())
  }

  #dispatchStart() {
    this.dispatchEvent(new CustomEvent('hb-start'))
  }

  async #stop(status: HostStatus) {
    // a start that lasts keeps the page busy, and is ended by this
    if (status.state === 'starting') return void this.host.stop().catch(() => undefined)
    if (this.busy) return
    const { connectedUsers: count = 0, handOverTo: standby } = status
    if (count === 0 && standby === undefined) return this.#run('state', () => this.host.stop())
    const hub = status.name ?? ''
    await confirm({
      heading: t('hosting.stopTitle', { hub }),
      text: standby === undefined ? t('hosting.stopText', { count }) : t('hosting.stopMoves', { standby }),
      action: t('hosting.stop'),
      danger: true,
      run: () => this.host.stop(),
    })
  }

  #onNetworkChange = (event: Event) => {
    const { name, value } = event.target as HTMLInputElement
    if (name === 'lan') void this.#changeSettings('network', { lan: value === 'yes' })
    if (name === 'interfaces') void this.#changeSettings('network', { interfaces: value ? [value] : [] })
  }

  #savePort = (event: SubmitEvent) => {
    event.preventDefault()
    const typed = new FormData(event.target as HTMLFormElement).get('port')
    const text = typeof typed === 'string' ? typed.trim() : ''
    const port = Number(text)
    const fits = /^\d{1,5}$/.test(text) && port >= 1024 && port <= 65_535
    this.portProblem = fits ? '' : t('hosting.badPort')
    if (fits) void this.#changeSettings('network', { port })
  }

  #onAutostartChange = (event: Event) => {
    const changes = { startWithComputer: (event.target as HTMLInputElement).checked }
    const before = this.app
    if (before) this.app = { ...before, ...changes }
    void this.#run('computer', async () => {
      this.app = await this.settings.set(changes).catch((error: unknown) => {
        this.app = before
        throw error
      })
    })
  }

  async #chooseDir() {
    await this.#run('computer', async () => {
      const dir = await this.host.chooseDataDir()
      if (dir === undefined) return
      this.hosting = await this.host.settings()
      this.notice = t('hosting.chosen', { dir })
    })
  }

  async #backUp() {
    if (this.work) return
    await this.#run(
      'computer',
      async () => {
        const file = await this.host.backUp()
        if (file !== undefined) this.notice = t('hosting.backedUp', { file })
      },
      'backUp',
    )
  }

  async #restore() {
    if (this.work) return
    await this.#run(
      'computer',
      async () => {
        const status = await this.host.restore()
        if (!status) return
        this.hosting = await this.host.settings()
        this.notice = t('hosting.restored', { hub: status.name ?? '' })
      },
      'restore',
    )
  }

  async #changeSettings(card: Card, changes: HostChanges) {
    const before = this.hosting
    if (before) this.hosting = { ...before, ...changes }
    await this.#run(card, async () => {
      this.hosting = await this.host.change(changes).catch((error: unknown) => {
        this.hosting = before
        throw error
      })
    })
  }

  async #run(card: Card, run: () => Promise<unknown>, work?: typeof this.work) {
    if (work) this.work = work
    else this.busy = true
    this.problem = undefined
    this.notice = ''
    try {
      await run()
    } catch (error) {
      this.problem = { card, text: shellErrorMessage(error) }
    } finally {
      if (work) this.work = undefined
      else this.busy = false
    }
  }
}

customElements.define('hb-hosting', HbHosting)

declare global {
  interface HTMLElementTagNameMap {
    'hb-hosting': HbHosting
  }
}
