import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import type { UserStatus } from '../../shared/contract/users.ts'
import { t } from '../text/t.ts'
import { currentStatus, untilText } from './status-end.ts'

/** The computer may have slept, so the end is checked at least this often. */
const maxWaitMs = 60_000
/** Shown for a status without an emoji where there is no room for its text. */
const textMark = '💬'

/**
 * The status of a user. It disappears at its end by itself. `show`: the `emoji` next to a name, with the text as tooltip
 * and accessible name; or the `text` that continues a line, with the end. Where both are, the text is read once.
 */
export class HbStatus extends LitElement {
  static override properties = {
    status: { attribute: false },
    show: { type: String, reflect: true },
  }
  declare status: UserStatus | undefined
  declare show: 'emoji' | 'text'

  #endTimer: ReturnType<typeof setTimeout> | undefined

  static override styles = css`
    :host {
      display: inline;
      unicode-bidi: isolate;
    }
    :host([show='emoji']) {
      display: inline-flex;
      flex: none;
    }
    .emoji {
      font-family: 'Apple Color Emoji', 'Segoe UI Emoji', 'Noto Color Emoji', var(--font-sans);
      font-style: normal;
      font-weight: 400;
    }
    :host([show='emoji']) .emoji {
      margin-inline-start: var(--name-mark-gap, 0.375em);
      font-size: 0.875em;
      line-height: 1;
      cursor: default;
      user-select: none;
      -webkit-user-select: none;
    }
  `

  constructor() {
    super()
    this.status = undefined
    this.show = 'emoji'
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.requestUpdate()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#endTimer)
  }

  protected override updated(_changed: PropertyValues<this>): void {
    clearTimeout(this.#endTimer)
    const until = currentStatus(this.status)?.until
    if (until === undefined || !this.isConnected) return
    this.#endTimer = setTimeout(() => this.requestUpdate(), Math.min(until - Date.now(), maxWaitMs))
  }

  protected override render(): unknown {
    const status = currentStatus(this.status)
    if (!status) return nothing
    const { text, emoji, until } = status
    const end = until === undefined ? '' : ` · ${untilText(until)}`
    if (this.show === 'text')
      return html`${text ? html`<span aria-hidden="true"> · <bdi>${text}</bdi></span>` : nothing}<span
          >${end}</span
        >`
    const words = text ?? emoji ?? ''
    return html`<span
      class="emoji"
      role="img"
      aria-label=${t('status.of', { status: words })}
      data-tip="${words}${end}"
      >${emoji ?? textMark}</span
    >`
  }
}

customElements.define('hb-status', HbStatus)

declare global {
  interface HTMLElementTagNameMap {
    'hb-status': HbStatus
  }
}
