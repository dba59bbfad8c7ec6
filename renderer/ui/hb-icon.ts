import { css, html, LitElement, nothing } from 'lit'
import { icons, type IconName } from './icons.ts'

/** They point along the line, so they turn around with its direction. */
const directional: ReadonlySet<IconName> = new Set([
  'arrow-left',
  'arrow-right',
  'chevron-left',
  'chevron-right',
  'forward',
  'log-out',
  'reply',
  'send',
])

/** A line drawing of 16 (or `size`) pixels in the colour of the text; it grows with the text size of the browser. Without `label` it is decoration. */
export class HbIcon extends LitElement {
  static override properties = {
    name: { type: String },
    label: { type: String },
    size: { type: Number },
  }
  declare name: IconName
  declare label: string
  declare size: number

  static override styles = css`
    :host {
      display: inline-flex;
      flex: none;
      vertical-align: -0.15em;
    }
    svg {
      display: block;
      fill: none;
      stroke: currentColor;
      stroke-width: 1.75;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
    :host(:dir(rtl)) svg.directional {
      scale: -1 1;
    }
  `

  constructor() {
    super()
    this.name = 'info'
    this.label = ''
    this.size = 16
  }

  /** Complete at once: a list that lays out its rows would otherwise do it twice. */
  override connectedCallback(): void {
    super.connectedCallback()
    this.performUpdate()
  }

  override render() {
    return html`<svg
      class=${directional.has(this.name) ? 'directional' : nothing}
      viewBox="0 0 24 24"
      width="${this.size / 16}rem"
      height="${this.size / 16}rem"
      role=${this.label ? 'img' : nothing}
      aria-label=${this.label || nothing}
      aria-hidden=${this.label ? nothing : 'true'}
    >
      ${icons[this.name]}
    </svg>`
  }
}

customElements.define('hb-icon', HbIcon)

declare global {
  interface HTMLElementTagNameMap {
    'hb-icon': HbIcon
  }
}
