import { css, html, LitElement, nothing } from 'lit'
import type { HostApi, HostStatus } from '../../shared/desktop.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import type { DesktopHub } from './desktop.ts'
import './hb-follow-hub.ts'
import './hb-move-hub.ts'
import './hb-vote.ts'
import { hostingStyles } from './hosting-styles.ts'
import './moves-text.ts'

/** A hub that moves to this computer, one that it follows, and one that it votes for. Emits `hb-followed`. */
export class HbOtherHubs extends LitElement {
  static override properties = {
    host: { attribute: false },
    status: { attribute: false },
    ownHubs: { attribute: false },
    standbyLink: { attribute: false },
    isMoving: { state: true },
  }
  declare host: HostApi
  declare status: HostStatus
  /** The hubs whose owner is logged in here. */
  declare ownHubs: readonly DesktopHub[]
  /** A link for this computer that was opened outside the app; empty: none. */
  declare standbyLink: string
  /** A move was begun: its card stays, though the hub is here now. */
  declare isMoving: boolean

  static override styles = [
    baseStyles,
    hostingStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: var(--space-5);
        min-block-size: 0;
      }
    `,
  ]

  constructor() {
    super()
    this.ownHubs = []
    this.standbyLink = ''
    this.isMoving = false
  }

  override render() {
    const { status } = this
    const hubs = this.ownHubs.filter(({ id }) => id !== status.hubId || status.isStandby)
    const forward = () => this.dispatchEvent(new CustomEvent('hb-followed'))
    return html`${
        hubs.length > 0 || this.isMoving
          ? html`<section class="card">
              <h2>${t('move.title')}</h2>
              <hb-move-hub
                .host=${this.host}
                .status=${status}
                .hubs=${hubs}
                @hb-move=${() => (this.isMoving = true)}
                @hb-followed=${forward}
              ></hb-move-hub>
            </section>`
          : nothing
      }
      ${
        status.vote
          ? html`<section class="card">
              <h2>${t('vote.title')}</h2>
              <hb-vote .host=${this.host} .vote=${status.vote}></hb-vote>
            </section>`
          : nothing
      }
      <section class="card">
        <h2>${t('follow.title')}</h2>
        <hb-follow-hub
          .host=${this.host}
          .status=${status}
          .opened=${this.standbyLink}
          @hb-followed=${forward}
        ></hb-follow-hub>
      </section>`
  }
}

customElements.define('hb-other-hubs', HbOtherHubs)

declare global {
  interface HTMLElementTagNameMap {
    'hb-other-hubs': HbOtherHubs
  }
}
