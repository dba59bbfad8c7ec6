import { html, LitElement, nothing } from 'lit'
import { isOnOneComputer } from '../../shared/contract/continuity.ts'
import type { Place } from '../../shared/places.ts'
import type { Route } from '../navigation/router.ts'
import { newVersionReady, takeNewVersion } from '../offline/page-version.ts'
import type { Hub } from '../state/hub.ts'
import type { Outdated } from '../connection/outdated.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-icon.ts'
import { noticeLineStyles } from '../ui/notice-line-styles.ts'
import { findHubPlace, renderOpenThere } from './open-there.ts'

/** A shorter outage is not shown. */
const showDelayMs = 1500
/** A standby that is back within this time is no news. */
const aloneDelayMs = 10_000

/**
 * The line above the shell while the hub is unreachable, elsewhere, or on one computer only; or when there is a new version of
 * the page.
 */
export class HbConnectionBanner extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    shown: { state: true },
    alone: { state: true },
    online: { state: true },
  }
  declare hub: Hub
  declare shown: boolean
  declare alone: boolean
  declare online: boolean

  #timer: ReturnType<typeof setTimeout> | undefined
  #aloneTimer: ReturnType<typeof setTimeout> | undefined

  static override styles = [baseStyles, buttonStyles, noticeLineStyles]

  constructor() {
    super()
    this.shown = false
    this.alone = false
    this.online = navigator.onLine
  }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('online', this.#onNetwork)
    addEventListener('offline', this.#onNetwork)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('online', this.#onNetwork)
    removeEventListener('offline', this.#onNetwork)
    clearTimeout(this.#timer)
    clearTimeout(this.#aloneTimer)
    this.#timer = this.#aloneTimer = undefined
  }

  protected override willUpdate(): void {
    const state = this.hub.connectionState.value
    if (state === 'live' || state === 'stopped') {
      clearTimeout(this.#timer)
      this.#timer = undefined
      this.shown = false
    } else {
      this.#timer ??= setTimeout(() => (this.shown = true), showDelayMs)
    }
    if (state === 'live' && isOnOneComputer(this.hub.continuity.safety.value)) {
      this.#aloneTimer ??= setTimeout(() => (this.alone = true), aloneDelayMs)
    } else if (state === 'live' || state === 'stopped') {
      clearTimeout(this.#aloneTimer)
      this.#aloneTimer = undefined
      this.alone = false
    }
  }

  override render() {
    // The live region stays, so that screen readers announce its content.
    return html`<div role="status">${this.#renderNotice()}</div>`
  }

  #renderNotice() {
    if (this.shown) return this.#renderBanner()
    if (this.hub.isSlow.value) return this.#renderLine('clock', t('connection.slow'))
    if (newVersionReady.value) return this.#renderNewVersion()
    if (!this.alone) return nothing
    return this.hub.continuity.safety.value === 'waiting'
      ? this.#renderWaiting()
      : this.#renderLine('info', t('connection.alone'))
  }

  /** Owner and admins can see why, and the owner can end it. */
  #renderWaiting() {
    const isAdmin = (this.hub.session.me.value?.role ?? 'member') !== 'member'
    return this.#renderLine(
      'alert',
      t('connection.hubWaits'),
      isAdmin
        ? html`<button class="link" @click=${this.#showStandbys}>${t('connection.hubWaitsShow')}</button>`
        : nothing,
    )
  }

  #showStandbys = () => {
    const detail: Route = { page: 'admin', section: 'standbys' }
    this.dispatchEvent(new CustomEvent('hb-navigate', { detail }))
  }

  /** A reload while the hub is away would bring nothing new, so this waits for it. */
  #renderNewVersion() {
    return html`<div class="line" data-testid="new-version">
      <span><hb-icon name="download"></hb-icon>${t('connection.newVersion')}</span>
      ${this.#renderReload()}
    </div>`
  }

  #renderBanner() {
    const moved = this.hub.movedTo.value
    // the app finds the hub by itself
    if (moved && this.hub.base === '') return this.#renderMoved(moved)
    const { outdated } = this.hub
    if (outdated.value) return this.#renderOutdated(outdated.value)
    const waiting = this.hub.connectionState.value === 'waiting'
    return this.#renderLine(
      'offline',
      this.#statusText(waiting),
      waiting && this.online
        ? html`<button class="link" @click=${() => this.hub.retryNow()}>${t('auth.tryNow')}</button>`
        : nothing,
    )
  }

  #renderOutdated(outdated: Outdated) {
    if (outdated === 'hub') return this.#renderLine('alert', t('connection.hubOutdated'))
    // the app brings its page along, and a browser has it from the hub
    return this.hub.base === ''
      ? this.#renderLine('alert', t('connection.pageOutdated'), this.#renderReload())
      : this.#renderLine('alert', t('connection.appOutdated'))
  }

  #renderReload() {
    return html`<button class="link" @click=${() => takeNewVersion()}>
      ${t('connection.takeNewVersion')}
    </button>`
  }

  #renderMoved(places: readonly Place[]) {
    const place = findHubPlace(places)
    if (!place) return this.#renderLine('info', t('connection.movedAway'))
    const { name } = place
    return this.#renderLine(
      'info',
      t(this.#movedTextKey(), { name }),
      renderOpenThere(this.hub, place, 'link'),
    )
  }

  #movedTextKey() {
    if (!this.hub.moveTicket.value) return 'connection.moved'
    const hasFiles = this.hub.session.status.value === 'in' && this.hub.hasUnsentFiles
    return hasFiles ? 'connection.movedFiles' : 'connection.movedAlong'
  }

  #renderLine(icon: string, text: string, action: unknown = nothing) {
    return html`<div class="line">
      <span><hb-icon name=${icon}></hb-icon>${text}</span>
      ${action}
    </div>`
  }

  #statusText(waiting: boolean): string {
    if (!this.online) return t('connection.offline')
    if (this.hub.movedTo.value) return t('connection.moving')
    if (this.hub.asleep.value) return t('connection.asleep')
    return t(waiting ? 'connection.unreachable' : 'connection.reconnecting')
  }

  #onNetwork = () => {
    this.online = navigator.onLine
  }
}

customElements.define('hb-connection-banner', HbConnectionBanner)
