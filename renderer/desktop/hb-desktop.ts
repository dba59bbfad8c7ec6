import { css, html, LitElement, nothing } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import '../app/hb-app.ts'
import type { DesktopLink, HubInfo, Off } from '../../shared/desktop.ts'
import type { JoinLink } from '../../shared/text/invite-link.ts'
import { SignalWatcher } from '../state/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import type { Desktop, DesktopHub } from './desktop.ts'
import type { Joined } from './hb-join-hub.ts'
import './hb-hosting.ts'
import './hb-join-hub.ts'
import './hb-rail.ts'
import './hb-start-hub.ts'
import './hb-stopped.ts'
import './hb-welcome.ts'
import type { WelcomeChoice } from './hb-welcome.ts'

/** The root on the desktop: the hub in front, from the second one on with the rail beside it. */
export class HbDesktop extends SignalWatcher(LitElement) {
  static override properties = {
    desktop: { attribute: false },
    page: { state: true },
    link: { state: true },
  }
  declare desktop: Desktop
  /** In place of the hub in front: ways to another one, and the hub of this computer. */
  declare page: 'welcome' | WelcomeChoice | 'hosting' | undefined
  /** The invite that somebody opened outside. */
  declare link: JoinLink | undefined

  #offs: Off[] = []

  constructor() {
    super()
    this.page = undefined
    this.link = undefined
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
      hb-app,
      .page {
        grid-column: 2;
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
    this.#offs = [
      this.desktop.shell.on('command', (command) => {
        if (command === 'add-hub') this.page = 'welcome'
        if (command === 'hosting') this.page = 'hosting'
      }),
      this.desktop.shell.on('link', (link) => this.#onLink(link)),
    ]
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('keydown', this.#onKey)
    for (const off of this.#offs.splice(0)) off()
  }

  override render() {
    const { desktop } = this
    if (!desktop.ready.value) return nothing
    const front = desktop.front.value
    const page = this.page ?? (front ? undefined : 'welcome')
    return html`${
      desktop.hubs.value.length > 1
        ? html`<hb-rail
            .desktop=${desktop}
            @hb-add-hub=${() => (this.page = 'welcome')}
            @click=${this.#leavePage}
          ></hb-rail>`
        : nothing
    }
    ${page ? html`<div class="page">${this.#page(page)}</div>` : front ? this.#hub(front) : nothing}`
  }

  #page(page: 'welcome' | WelcomeChoice | 'hosting') {
    const { shell } = this.desktop
    switch (page) {
      case 'welcome':
        return html`<hb-welcome
          ?canLeave=${this.desktop.hubs.value.length > 0}
          @hb-choose=${({ detail }: CustomEvent<WelcomeChoice>) => (this.page = detail)}
          @hb-back=${() => (this.page = undefined)}
        ></hb-welcome>`
      case 'start':
        return html`<hb-start-hub
          .host=${shell.host}
          @hb-hub-ready=${({ detail }: CustomEvent<HubInfo>) => this.#enterOwn(detail.id)}
          @hb-back=${() => (this.page = 'welcome')}
        ></hb-start-hub>`
      case 'join':
        return html`<hb-join-hub
          .hubs=${shell.hubs}
          .discovery=${shell.discovery}
          .link=${this.link}
          @hb-joined=${({ detail }: CustomEvent<Joined>) => this.#enter(detail.hub.id, detail.invite)}
          @hb-back=${() => (this.page = 'welcome')}
        ></hb-join-hub>`
      case 'hosting':
        return html`<hb-hosting
          .host=${shell.host}
          .settings=${shell.settings}
          @hb-start=${() => (this.page = 'start')}
          @hb-back=${() => (this.page = undefined)}
        ></hb-hosting>`
    }
  }

  /** Pressing a hub in the rail is a way out of any page. */
  #leavePage = (event: Event) => {
    const pressed = event.composedPath().some((one) => one instanceof HTMLElement && one.dataset.hub)
    if (pressed) this.page = undefined
  }

  #enter(id: string, invite?: string) {
    this.page = undefined
    this.link = undefined
    this.desktop.show(id)
    const hub = this.desktop.front.peek()
    if (invite !== undefined && hub?.id === id) hub.router.go({ page: 'join' }, { fragment: invite })
  }

  /** The shell has set it up and logged in meanwhile: the page's own hub does not know yet. */
  #enterOwn(id: string) {
    this.#enter(id)
    const hub = this.desktop.front.peek()
    if (hub?.id === id) hub.hub.session.enter().catch(() => hub.hub.retryNow())
  }

  #onLink(link: DesktopLink) {
    if (link.kind !== 'join') return
    const { addresses, fingerprint, invite } = link
    this.link = { kind: 'join', addresses, code: invite, ...(fingerprint ? { hubId: fingerprint } : {}) }
    this.page = 'join'
  }

  #hub({ id, info, hub, router }: DesktopHub) {
    const { state } = info.value
    if (state === 'changed' || state === 'refused') {
      return html`<div class="page">
        <hb-stopped .desktop=${this.desktop} .info=${info.value}></hb-stopped>
      </div>`
    }
    // each hub has its own elements: nothing of one is ever drawn with the words of another
    return keyed(id, html`<hb-app .hub=${hub} .router=${router}></hb-app>`)
  }

  #onKey = (event: KeyboardEvent) => {
    const command = this.desktop.shell.platform === 'darwin' ? event.metaKey : event.ctrlKey
    if (!command || event.altKey || event.shiftKey || !/^Digit[1-9]$/.test(event.code)) return
    event.preventDefault()
    this.desktop.showNth(Number(event.code.slice(-1)))
  }
}

customElements.define('hb-desktop', HbDesktop)

declare global {
  interface HTMLElementTagNameMap {
    'hb-desktop': HbDesktop
  }
}
