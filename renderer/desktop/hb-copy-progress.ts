import { css, html, LitElement, nothing } from 'lit'
import type { FollowReport } from '../../shared/hub-process-messages.ts'
import { baseStyles } from '../styles/shared.ts'
import { bytesText } from '../text/bytes.ts'
import { t } from '../text/t.ts'
import { exactTime } from '../text/time.ts'
import { progressStyles } from '../ui/progress-styles.ts'
import './moves-text.ts'

/** How far the copy of a hub on this computer is. */
export class HbCopyProgress extends LitElement {
  static override properties = { following: { attribute: false } }
  declare following: FollowReport | undefined

  static override styles = [
    baseStyles,
    progressStyles,
    css`
      :host {
        display: block;
        inline-size: 100%;
      }
      progress {
        block-size: 6px;
        margin-block-end: var(--space-2);
      }
    `,
  ]

  override render() {
    const { following } = this
    if (!following) return nothing
    const { copied, missingFiles } = following
    if (!copied || !following.isConnected)
      return html`<p role="status">${stateText(following, missingFiles)}</p>`
    const { received, bytes } = copied
    const percent = Math.floor((100 * received) / Math.max(1, bytes))
    const text = t('follow.copying', {
      ...{ received: bytesText(received), bytes: bytesText(bytes) },
      percent: String(percent),
    })
    return html`<progress max="100" .value=${percent} aria-label=${text}></progress>
      <p role="status">${text}</p>`
  }
}

function stateText(report: FollowReport, missingFiles: number): string {
  if (!report.isConnected) return awayText(report)
  if (missingFiles > 0) return t('follow.files', { count: missingFiles })
  return t(report.isInStep ? 'follow.inStep' : 'follow.behind')
}

function awayText({ isInStep, lostAt, canTakeOver }: FollowReport): string {
  if (lostAt === undefined) return t(canTakeOver ? 'follow.gone' : 'follow.away')
  return t(isInStep ? 'follow.lost' : 'follow.lostBehind', { time: exactTime(lostAt) })
}

customElements.define('hb-copy-progress', HbCopyProgress)

declare global {
  interface HTMLElementTagNameMap {
    'hb-copy-progress': HbCopyProgress
  }
}
