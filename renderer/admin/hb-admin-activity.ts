import { css, html, LitElement, svg } from 'lit'
import type { HubActivity } from '../../shared/contract/admin-hub.ts'
import { baseStyles } from '../styles/shared.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { bytesText } from '../text/bytes.ts'
import { durationText } from '../text/duration.ts'
import { t } from '../text/t.ts'
import { clockTime } from '../text/time.ts'

type Point = HubActivity['points'][number]

const dayMs = 24 * 60 * 60_000
/** Units of the drawing, which is stretched to the width of its column. */
const width = 288
const height = 32

interface Curve {
  label: string
  valueOf: (point: Point) => number
  toText: (value: number) => string
}

/** What the hub did within the last day: a curve for each figure, with its highest value in words. */
export class HbAdminActivity extends LitElement {
  static override properties = {
    activity: { attribute: false },
    now: { attribute: false },
    isOfOne: { attribute: false },
  }
  declare activity: HubActivity
  declare now: number
  /** Several processes serve the hub, and the figures are those of one. */
  declare isOfOne: boolean

  static override styles = [
    baseStyles,
    sectionStyles,
    css`
      li {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: var(--space-1) var(--space-3);
        padding-block: var(--space-2);
      }
      svg {
        grid-column: 1 / -1;
        inline-size: 100%;
        block-size: ${height}px;
        border-block-end: 1px solid var(--color-border-control);
        overflow: visible;
      }
      path {
        fill: var(--color-accent-tint);
        stroke: var(--color-accent);
        stroke-width: 1.5px;
        vector-effect: non-scaling-stroke;
      }
      @media (forced-colors: active) {
        path {
          fill: none;
          stroke: CanvasText;
        }
      }
    `,
  ]

  override render() {
    const curves: Curve[] = [
      { label: t('admin.activity.connections'), valueOf: (point) => point.connections, toText: String },
      { label: t('admin.activity.operations'), valueOf: (point) => point.operations, toText: String },
      {
        label: t('admin.activity.pause'),
        valueOf: (point) => Math.max(point.loopMs, point.commitMs),
        toText: durationText,
      },
      { label: t('admin.activity.memory'), valueOf: (point) => point.memory, toText: bytesText },
    ]
    return html`<section>
      <header>
        <h3>${t('admin.activity.title')}</h3>
        <p class="muted-text">${t(this.isOfOne ? 'admin.activity.leadOfOne' : 'admin.activity.lead')}</p>
      </header>
      <ul>
        ${curves.map((curve) => this.#renderCurve(curve))}
      </ul>
    </section>`
  }

  #renderCurve({ label, valueOf, toText }: Curve) {
    const { points } = this.activity
    const highest = points.reduce((best, point) => (valueOf(point) > valueOf(best) ? point : best))
    const value = valueOf(highest)
    return html`<li>
      <span>${label}</span>
      <span class="muted-text"
        >${
          value === 0
            ? t('admin.activity.none')
            : t('admin.activity.highest', { value: toText(value), time: clockTime(highest.at) })
        }</span
      >
      <svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">
        ${value === 0 ? '' : svg`<path d=${this.#outline(valueOf, value)} />`}
      </svg>
    </li>`
  }

  /** A step for each point; the right end is now. */
  #outline(valueOf: (point: Point) => number, highest: number): string {
    const { points, pointMs } = this.activity
    const xOf = (at: number): number =>
      Math.round(width * Math.min(1, Math.max(0, 1 - (this.now - at) / dayMs)))
    const steps = points.map((point) => {
      const y = Math.round(height - (valueOf(point) / highest) * height)
      return `V${y}H${xOf(Math.min(point.at + pointMs, this.now))}`
    })
    return `M${xOf(points[0]?.at ?? this.now)} ${height}${steps.join('')}V${height}`
  }
}

customElements.define('hb-admin-activity', HbAdminActivity)
