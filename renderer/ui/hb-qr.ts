import { css, html, LitElement, svg } from 'lit'
import { encode } from 'uqr'

/** A text as a QR code: always dark on light, which cameras expect. */
export class HbQr extends LitElement {
  static override properties = {
    text: { type: String },
    label: { type: String },
  }
  declare text: string
  declare label: string

  static override styles = css`
    :host {
      display: block;
      inline-size: min(220px, 100%);
    }
    svg {
      display: block;
      inline-size: 100%;
      block-size: auto;
      border-radius: var(--radius-control);
      background: white;
    }
    path {
      fill: black;
      shape-rendering: crispEdges;
    }
  `

  constructor() {
    super()
    this.text = ''
    this.label = ''
  }

  override render() {
    // With the quiet zone of four modules.
    const { data, size } = encode(this.text, { ecc: 'M', border: 4 })
    const dots = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : [])))
    return html`<svg role="img" aria-label=${this.label} viewBox="0 0 ${size} ${size}">
      ${svg`<path d=${dots.join('')} />`}
    </svg>`
  }
}

customElements.define('hb-qr', HbQr)
