import { css, html, LitElement, nothing } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import '../app/hb-app.ts'
import type { HubCommand } from '../app/hb-shell.ts'
import '../app/hb-shortcuts.ts'
import type {
  DesktopEvents,
  DesktopLink,
  HubId,
  HubInfo,
  DesktopNotification,
  Unsubscribe,
  ShellCommand,
} from '../../shared/desktop.ts'
import type { InviteLink } from '../../shared/text/invite-link.ts'
import { mayLeave } from '../navigation/leaving.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import '../text/shell-text.ts'
import { t } from '../text/t.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-toasts.ts'
import { notify, type HbToasts, type Toast } from '../ui/hb-toasts.ts'
import './desktop-text.ts'
import type { Desktop, DesktopHub } from './desktop.ts'
import type { ChosenHub } from './hb-found-hubs.ts'
import type { Joined } from './hb-join-hub.ts'
import './hb-computer-page.ts'
import './hb-hosting.ts'
import './hb-join-hub.ts'
import './hb-rail.ts'
import './hb-standby-notice.ts'
import './hb-start-hub.ts'
import './hb-identity-changed.ts'
import './hb-welcome.ts'
import { confirmRemoveHub } from './remove-hub.ts'
import { saveFilesByShell } from './save-files.ts'
import { shellErrorMessage } from './shell-error.ts'
import type { WelcomeChoice } from './hb-welcome.ts'

type DesktopPage = 'welcome' | WelcomeChoice | 'hosting' | 'computer'

/** The root in the desktop app: the hub in front, and the rail if there are several hubs or nobody is logged in. */
export class HbDesktop extends SignalWatcher(LitElement) {
  static override properties = {
    desktop: { attribute: false },
    page: { state: true },
    link: { state: true },
    standbyLink: { state: true },
    chosenHub: { state: true },
    showsShortcuts: { state: true },
  }
  declare desktop: Desktop
  /** The page in place of the hub in front: adding a hub, or the hub of this computer. */
  declare page: DesktopPage | undefined
  /** The invite link that was opened outside the app. */
  declare link: InviteLink | undefined
  /** A link for a standby or a third computer that was opened outside the app; empty: none. */
  declare standbyLink: string
  /** A hub on the network that the user chose on the first screen. */
  declare chosenHub: ChosenHub | undefined
  /** Errors that no hub is there to show. */
  declare showsShortcuts: boolean

  #unsubscribers: Unsubscribe[] = []
  /** What a link leads to, while the user is asked. */
  #linkedRoute: DesktopEvents['route'] | undefined

  constructor() {
    super()
    this.page = undefined
    this.link = undefined
    this.standbyLink = ''
    this.chosenHub = undefined
    this.showsShortcuts = false
  }

  static override styles = [
    baseStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        grid-template-rows: minmax(0, 1fr);
        block-size: 100%;
        background: var(--color-paper);
      }
      .hub,
      .page {
        grid-column: 2;
        min-block-size: 0;
      }
      .hub {
        display: flex;
        flex-direction: column;
      }
      hb-app {
        flex: 1;
        min-block-size: 0;
      }
      .page {
        overflow-y: auto;
      }
    `,
  ]

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('keydown', this.#onKey)
    this.addEventListener('hb-toast', this.#onToast)
    this.addEventListener('hb-add-hub', this.#onAddHub)
    this.addEventListener('hb-remove-hub', this.#onRemoveHub)
    this.addEventListener('hb-open-hosting', this.#onOpenHosting)
    const { shell } = this.desktop
    this.#unsubscribers = [
      shell.on('command', (command) => void this.#runCommand(command)),
      shell.on('route', (where) => this.#openRoute(where)),
      shell.on('link', (link) => this.#onLink(link)),
      shell.on('notice', (notice) => this.#onNotification(notice)),
      saveFilesByShell(document, shell.shell, (error) =>
        this.#showToast({ text: shellErrorMessage(error), tone: 'danger' }),
      ),
    ]
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('keydown', this.#onKey)
    for (const off of this.#unsubscribers.splice(0)) off()
  }

  override render() {
    const { desktop } = this
    if (!desktop.ready.value) return nothing
    const front = desktop.front.value
    const page = this.page ?? (front ? undefined : 'welcome')
    return html`${
        desktop.hubs.value.length > 1 || front?.hub.session.status.value === 'out'
          ? html`<hb-rail
              .desktop=${desktop}
              @hb-open-hub=${({ detail }: CustomEvent<HubId>) =>
                void this.#leavePage(() => this.desktop.show(detail))}
            ></hb-rail>`
          : nothing
      }
      ${page ? html`<div class="page">${this.#renderPage(page)}</div>` : front ? this.#renderHub(front) : nothing}
      ${this.showsShortcuts ? html`<hb-shortcuts @hb-close=${() => (this.showsShortcuts = false)}></hb-shortcuts>` : nothing}
      <hb-toasts></hb-toasts>`
  }

  #renderPage(page: DesktopPage) {
    const { shell } = this.desktop
    switch (page) {
      case 'welcome':
        return html`<hb-welcome
          .hubs=${shell.hubs}
          .discovery=${shell.discovery}
          ?canLeave=${this.desktop.hubs.value.length > 0}
          @hb-choose-hub=${({ detail }: CustomEvent<ChosenHub>) => this.#joinChosenHub(detail)}
          @hb-choose=${({ detail }: CustomEvent<WelcomeChoice>) => (this.page = detail)}
          @hb-back=${() => (this.page = undefined)}
        ></hb-welcome>`
      case 'start':
        return html`<hb-start-hub
          .host=${shell.host}
          @hb-hub-ready=${({ detail }: CustomEvent<HubInfo>) => this.#openHostedHub(detail.id)}
          @hb-back=${() => (this.page = 'welcome')}
        ></hb-start-hub>`
      case 'join':
        return html`<hb-join-hub
          .hubs=${shell.hubs}
          .discovery=${shell.discovery}
          .link=${this.link}
          .chosenHub=${this.chosenHub}
          @hb-joined=${({ detail }: CustomEvent<Joined>) => this.#openHub(detail.hub.id, detail.invite)}
          @hb-back=${() => {
            this.chosenHub = undefined
            this.page = 'welcome'
          }}
        ></hb-join-hub>`
      case 'hosting':
        return html`<hb-hosting
          .host=${shell.host}
          .settings=${shell.settings}
          .ownHubs=${this.desktop.hubs.value.filter(({ hub }) => hub.session.me.value?.role === 'owner')}
          .standbyLink=${this.standbyLink}
          @hb-start=${() => (this.page = 'start')}
          @hb-back=${() => (this.page = undefined)}
        ></hb-hosting>`
      case 'computer':
        return html`<hb-computer-page @hb-back=${() => (this.page = undefined)}></hb-computer-page>`
    }
  }

  /** Shows another page, unless what is shown would be lost and the user stays. Returns false if they stay. */
  async #showPage(page: DesktopPage | undefined): Promise<boolean> {
    const leaves = await mayLeave()
    if (leaves) this.page = page
    return leaves
  }

  /** Leaves any page for a hub that `open` brings to the front. */
  async #leavePage(open: () => void): Promise<void> {
    if (await this.#showPage(undefined)) open()
  }

  /** A page of the hub on this computer asks for it, such as its invites. */
  #onOpenHosting = () => void this.#showPage('hosting')

  /** A hub in the list is opened; any other is compared first. */
  #joinChosenHub(chosen: ChosenHub) {
    if (chosen.known) return this.#openHub(chosen.known.id)
    this.chosenHub = chosen
    this.page = 'join'
  }

  #openHub(id: string, invite?: string) {
    this.page = undefined
    this.link = undefined
    this.chosenHub = undefined
    this.desktop.show(id)
    const hub = this.desktop.front.peek()
    if (invite !== undefined && hub?.id === id) hub.router.navigate({ page: 'join' }, { fragment: invite })
  }

  /** The shell has set the hub up and logged in; the page's own `Hub` does not know yet. */
  #openHostedHub(id: string) {
    this.#openHub(id)
    const hub = this.desktop.front.peek()
    if (hub?.id === id) hub.hub.session.enterHub().catch(() => hub.hub.retryNow())
  }

  /** A command of the menu, the tray or a key of the app. */
  async #runCommand(command: ShellCommand) {
    switch (command) {
      case 'add-hub':
        return void (await this.#showPage('welcome'))
      case 'hosting':
        return void (await this.#showPage('hosting'))
      case 'next-hub':
      case 'previous-hub':
        return this.#leavePage(() => this.desktop.showAdjacent(command === 'next-hub' ? 1 : -1))
      case 'shortcuts':
        break
      default:
        if (!(await this.#showPage(undefined))) return
    }
    await this.#runHubCommand(command)
  }

  async #runHubCommand(command: HubCommand) {
    await this.updateComplete
    const app = this.renderRoot.querySelector('hb-app')
    await app?.updateComplete
    if (app?.shell) await app.shell.runCommand(command)
    else if (command === 'shortcuts') this.showsShortcuts = true
    else if (command === 'settings') this.page = 'computer'
  }

  #openRoute(where: DesktopEvents['route']) {
    void this.#leavePage(() => this.desktop.openRoute(where))
  }

  /** A notification that the system did not show. */
  #onNotification({ title, body, hubId, route }: DesktopNotification) {
    const action =
      hubId === ''
        ? {}
        : { action: { label: t('notice.open'), run: () => this.#openRoute({ hubId, route }) } }
    this.#showToast({ text: t('notice.text', { title, body }), ...action })
  }

  /** Shown once in the window, on any page. */
  #showToast(toast: Toast) {
    notify(this.renderRoot.querySelector('hb-app') ?? this, toast)
  }

  #onToast = (event: CustomEvent<Toast>) => {
    event.stopPropagation()
    this.renderRoot.querySelector<HbToasts>('hb-toasts')?.show(event.detail)
  }

  #onAddHub = () => void this.#showPage('welcome')

  #onRemoveHub = ({ detail }: CustomEvent<HubId>) => {
    const hub = this.desktop.hubs.peek().find(({ id }) => id === detail)
    if (hub) void confirmRemoveHub(this.desktop, hub.info.peek())
  }

  async #confirmRoute({ hubId, route }: DesktopEvents['route']) {
    const hub = this.desktop.hubs.peek().find(({ id }) => id === hubId)
    if (!hub) return this.#showToast({ text: t('notice.unknownHub'), tone: 'danger' })
    // of two links to one hub the latest is opened, and one question is enough
    const isAsking = this.#linkedRoute?.hubId === hubId
    this.#linkedRoute = { hubId, route }
    if (isAsking) return
    const { name } = hub.info.peek()
    const agreed = await confirm({
      heading: t('notice.linkTitle', { hub: name }),
      text: t('notice.linkText'),
      action: t('notice.open'),
      run: () => Promise.resolve(),
    })
    const latest = this.#linkedRoute
    this.#linkedRoute = undefined
    if (agreed && latest.hubId === hubId) this.#openRoute(latest)
  }

  /** The page about hosting asks the user. */
  async #openStandbyLink(link: string) {
    if (!(await this.#showPage('hosting'))) return
    // the same link may be opened again
    this.standbyLink = ''
    await this.updateComplete
    this.standbyLink = link
  }

  #onLink(link: DesktopLink) {
    if (link.kind === 'open') return void this.#confirmRoute(link)
    if (link.kind === 'standby') return void this.#openStandbyLink(link.link)
    if (link.kind === 'unknown') return this.#showToast({ text: t('notice.unknownLink'), tone: 'danger' })
    void this.#openInvite(link)
  }

  async #openInvite({ addresses, fingerprint, invite }: Extract<DesktopLink, { kind: 'join' }>) {
    const known = this.desktop.hubs.peek().find(({ id }) => id === fingerprint)
    if (known?.hub.session.status.peek() === 'in') {
      const text = t('notice.alreadyIn', { hub: known.info.peek().name })
      return this.#leavePage(() => {
        this.desktop.show(known.id)
        this.#showToast({ text })
      })
    }
    if (!(await this.#showPage('join'))) return
    this.chosenHub = undefined
    this.link = { kind: 'join', addresses, code: invite, ...(fingerprint ? { hubId: fingerprint } : {}) }
  }

  #renderHub({ id, info, hub, router }: DesktopHub) {
    const { state } = info.value
    if (state === 'changed' || state === 'refused') {
      return html`<div class="page">
        <hb-identity-changed .desktop=${this.desktop} .info=${info.value}></hb-identity-changed>
      </div>`
    }
    // Each hub has its own elements, so that nothing of one is drawn with the texts of another.
    return keyed(
      id,
      html`<div class="hub">
        ${this.#renderStandbyNotice(id)}
        <hb-app .hub=${hub} .router=${router}></hb-app>
      </div>`,
    )
  }

  #renderStandbyNotice(id: HubId) {
    const host = this.desktop.host.value
    if (host?.hubId !== id) return nothing
    return html`<hb-standby-notice .status=${host}></hb-standby-notice>`
  }

  #onKey = (event: KeyboardEvent) => {
    const command = this.desktop.shell.platform === 'darwin' ? event.metaKey : event.ctrlKey
    if (!command || event.altKey || event.shiftKey || !/^Digit[1-9]$/.test(event.code)) return
    event.preventDefault()
    void this.#leavePage(() => this.desktop.showNth(Number(event.code.slice(-1))))
  }
}

customElements.define('hb-desktop', HbDesktop)

declare global {
  interface HTMLElementEventMap {
    'hb-add-hub': CustomEvent
    /** The id of the hub. */
    'hb-open-hub': CustomEvent<HubId>
    'hb-remove-hub': CustomEvent<HubId>
  }
  interface HTMLElementTagNameMap {
    'hb-desktop': HbDesktop
  }
}
