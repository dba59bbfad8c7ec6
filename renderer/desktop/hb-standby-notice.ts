import { html, LitElement, nothing } from 'lit'
import type { HostStatus } from '../../shared/desktop.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-icon.ts'
import { noticeLineStyles } from '../ui/notice-line-styles.ts'
import './desktop-text.ts'

/** A hub that restarts is back within this time. */
const showDelayMs = 5_000

/**
 * The line above a hub that cannot be reached, on the computer that is its standby: nobody else can make it go on. Emits
 * `hb-open-hosting`.
 */
export class HbStandbyNotice extends LitElement {
  static override properties = { status: { attribute: false }, shown: { state: true } }
  /** Of the hub of this computer. */
  declare status: HostStatus | undefined
  declare shown: boolean

  #timer: ReturnType<typeof setTimeout> | undefined

  static override styles = [baseStyles, buttonStyles, noticeLineStyles]

  constructor() {
    super()
    this.status = undefined
    this.shown = false
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  protected override willUpdate(): void {
    const { isStandby, following } = this.status ?? {}
    if (isStandby === true && following?.isConnected === false && following.canTakeOver) {
      this.#timer ??= setTimeout(() => (this.shown = true), showDelayMs)
      return
    }
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.shown = false
  }

  override render() {
    // the live region stays, so that screen readers announce its content
    return html`<div role="status">${this.shown ? this.#renderLine() : nothing}</div>`
  }

  #renderLine() {
    const open = () =>
      this.dispatchEvent(new CustomEvent('hb-open-hosting', { bubbles: true, composed: true }))
    return html`<div class="line">
      <span><hb-icon name="devices"></hb-icon>${t('hosting.standbyAlone')}</span>
      <button class="link" @click=${open}>${t('connection.hubWaitsShow')}</button>
    </div>`
  }
}

customElements.define('hb-standby-notice', HbStandbyNotice)

declare global {
  interface HTMLElementTagNameMap {
    'hb-standby-notice': HbStandbyNotice
  }
}
