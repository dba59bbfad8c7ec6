import { css, html, LitElement, nothing } from 'lit'
import type {} from '../accounts/auth-screens.ts'
import type {} from '../accounts/hb-recovery-notice.ts'
import type { Place } from '../../shared/places.ts'
import type { Hub } from '../state/hub.ts'
import type { SessionStatus } from '../state/session.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-toasts.ts'
import type { HbToasts, Toast } from '../ui/hb-toasts.ts'
import type { HbShell } from './hb-shell.ts'
import { completeFirstScreen } from './first-screen.ts'
import { isModuleLoaded, loadModule } from './lazy-modules.ts'
import { findHubPlace, renderOpenThere } from './open-there.ts'
import type { Route, Router } from '../navigation/router.ts'

/** The state of the session leaves no choice. */
const redirect = { replace: true, isForced: true } as const
const authPages = new Set<Route['page']>(['login', 'register', 'join', 'recover'])

/** The root: shows the shell to a user who is logged in, otherwise a sign-in screen. */
export class HbApp extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    router: { attribute: false },
    isSlow: { state: true },
    isPartMissing: { state: true },
  }
  declare hub: Hub
  declare router: Router
  /** After this time a user wonders whether the page is loading. */
  declare isSlow: boolean
  /** The hub went away while the page was loading. */
  declare isPartMissing: boolean

  /** The status that the last update has shown. */
  #shownStatus = ''
  #wantsFocus = false
  /** The address the user wanted before they had to log in. */
  #requestedRoute: Route | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        block-size: 100%;
        background: var(--color-paper);
      }
      .screen {
        flex: 1;
        min-block-size: 0;
      }
      .insecure {
        margin: 0;
        padding: var(--space-2) var(--space-4);
        background: var(--color-attention-tint);
        color: var(--color-attention);
        text-align: center;
      }
      .insecure a {
        color: inherit;
      }
      .page {
        block-size: 100%;
        overflow-y: auto;
      }
      @media print {
        :host {
          display: block;
          block-size: auto;
          background: none;
        }
        hb-toasts {
          display: none;
        }
      }
      .waiting {
        display: flex;
        align-items: center;
        justify-content: center;
        block-size: 100%;
      }
    `,
  ]

  constructor() {
    super()
    this.isSlow = false
    this.isPartMissing = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.addEventListener('hb-toast', this.#onToast)
    // The toasts of dialogs that confirm() adds next to the app.
    setTimeout(() => (this.isSlow = true), 200)
  }

  /** While a user is logged in. */
  get shell(): HbShell | null {
    return this.renderRoot.querySelector('hb-shell')
  }

  protected override willUpdate(): void {
    const status = this.hub.session.status.value
    const route = this.router.route.value
    untracked(() => this.#redirect(status, route))
    const isOut = status !== 'in' && status !== 'loading'
    if (isOut || route.page === 'reset') this.#loadPart('entry')
    // At the same time as the stores of the user, which the session loads.
    if (status === 'in' || (status === 'loading' && this.hub.session.isExpected)) this.#loadPart('shell')
  }

  #loadPart(part: 'entry' | 'shell'): void {
    loadModule(part).catch(() => {
      this.isPartMissing = true
    })
  }

  protected override updated(): void {
    const status = this.hub.session.status.peek()
    const hasEntered = status === 'in' && this.#shownStatus !== '' && this.#shownStatus !== 'loading'
    if (hasEntered && this.#shownStatus !== 'in') this.#wantsFocus = true
    this.#shownStatus = status
    // The module of the shell may be on its way.
    if (this.#wantsFocus && this.shell) {
      this.#wantsFocus = false
      this.shell.focusWhenReady()
    }
    if (status === 'out' && isModuleLoaded('entry'))
      void this.updateComplete.then(() => void completeFirstScreen('sign-in'))
  }

  /** Each state has its own addresses. At any other address the user is redirected, and returns later. */
  #redirect(status: string, route: Route) {
    // A link that was sent works no matter who is logged in.
    if (route.page === 'reset' && status !== 'setup') return
    const isEntry = authPages.has(route.page)
    if (status === 'setup' && route.page !== 'setup') {
      this.router.navigate({ page: 'setup' }, redirect)
    } else if (status === 'out' && !isEntry) {
      if (route.page !== 'home' && route.page !== 'setup') this.#requestedRoute = route
      this.router.navigate({ page: 'login' }, redirect)
    } else if (status === 'in' && (isEntry || route.page === 'setup')) {
      this.router.navigate(this.#requestedRoute ?? { page: 'home' }, redirect)
      this.#requestedRoute = undefined
    }
  }

  override render() {
    return html`${this.#renderInsecureNotice()}
      <div class="screen">${this.#renderScreen()}</div>
      <hb-toasts></hb-toasts>`
  }

  /** Shown as long as the hub allows plain HTTP. The owner chose this, and everyone else has to know. */
  #renderInsecureNotice() {
    if (!this.hub.meta.value?.insecure) return nothing
    const here = location.protocol === 'http:' && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(location.hostname)
    return html`<p class="insecure" role="note" data-testid="insecure">
      ${t(here ? 'insecure.here' : 'insecure.others')}
      ${here ? html`<a href=${`https://${location.host}/`}>${t('insecure.better')}</a>` : nothing}
    </p>`
  }

  #renderScreen() {
    const { hub, router } = this
    const status = hub.session.status.value
    const { page } = router.route.value
    if (this.isPartMissing) return this.#renderUnreachable(() => location.reload())
    if (page === 'reset' && status !== 'loading' && status !== 'setup') {
      document.title = t('recovery.titlePassword')
      if (!isModuleLoaded('entry')) return nothing
      return html`<div class="page"><hb-recover byLink .hub=${hub} .router=${router}></hb-recover></div>`
    }
    if (status === 'in') {
      if (!isModuleLoaded('shell')) return nothing
      return html`<hb-shell .hub=${hub} .router=${router}></hb-shell>${renderRecoveryNotice(hub)}`
    }
    document.title = entryTitle(hub.meta.value?.name, status, page)
    if (status === 'loading') return this.#renderLoading()
    if (!isModuleLoaded('entry')) return nothing
    if (status === 'pending') {
      return html`<div class="page"><hb-pending-approval .hub=${hub}></hb-pending-approval></div>`
    }
    if (status === 'setup') {
      return html`<div class="page"><hb-setup .hub=${hub} .router=${router}></hb-setup></div>`
    }
    return html`<div class="page">
      ${
        page === 'register' || page === 'join'
          ? html`<hb-register .hub=${hub} .router=${router}></hb-register>`
          : page === 'recover'
            ? html`<hb-recover .hub=${hub} .router=${router}></hb-recover>`
            : hub.arrival.value?.user.value
              ? html`<hb-continue .hub=${hub}></hb-continue>`
              : html`<hb-login .hub=${hub} .router=${router}></hb-login>`
      }
    </div>`
  }

  #renderLoading() {
    if (!this.isSlow || !this.hub.session.unreachable.value) return nothing
    const place = findHubPlace(this.hub.movedTo.value)
    return place ? this.#renderMoved(place) : this.#renderUnreachable(() => this.hub.retryNow())
  }

  /** A page with a session that it may not open from what is kept here, as on a shared computer. */
  #renderMoved(place: Place) {
    const text = t('auth.movedTo', { name: place.name })
    return html`<main class="waiting">
      <h1 class="visually-hidden">${text}</h1>
      <hb-empty-state drawing="offline" .text=${text}>
        ${renderOpenThere(this.hub, place, 'button')}
      </hb-empty-state>
    </main>`
  }

  #renderUnreachable(retry: () => void) {
    return html`<main class="waiting">
      <h1 class="visually-hidden">${t('auth.unreachable')}</h1>
      <hb-empty-state drawing="offline" .text=${`${t('auth.unreachable')}. ${t('auth.unreachableText')}`}>
        <button class="button" @click=${retry}>${t('auth.tryNow')}</button>
      </hb-empty-state>
    </main>`
  }

  #onToast = (event: CustomEvent<Toast>) => {
    event.stopPropagation()
    this.renderRoot.querySelector<HbToasts>('hb-toasts')?.show(event.detail)
  }
}

/** The title of the tab before the user is logged in, as the heading of the page says it. */
function entryTitle(hub: string | undefined, status: SessionStatus, page: Route['page']): string {
  if (hub === undefined || status === 'loading') return hub ?? t('app.name')
  if (status === 'setup') return t('setup.title')
  if (status === 'pending') return t('waiting.title', { hub })
  if (page === 'recover') return t('recovery.title')
  return t(page === 'register' || page === 'join' ? 'register.title' : 'login.title', { hub })
}

/** Few users ever see it: it is loaded when it is needed. */
function renderRecoveryNotice(hub: Hub): unknown {
  if (!hub.session.recoveryNotice.value) return nothing
  if (isModuleLoaded('recovery')) return html`<hb-recovery-notice .hub=${hub}></hb-recovery-notice>`
  // the next page tries again: the notice stays until it is dismissed
  void loadModule('recovery').catch(() => undefined)
  return nothing
}

customElements.define('hb-app', HbApp)

declare global {
  interface HTMLElementTagNameMap {
    'hb-app': HbApp
  }
}
