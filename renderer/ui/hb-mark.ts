import { css, html, LitElement } from 'lit'

/** The mark: three round speech bubbles that meet around a small dot. Many voices, one hub. */
export class HbMark extends LitElement {
  static override styles = css`
    :host {
      display: inline-block;
      inline-size: 48px;
      block-size: 48px;
      flex: none;
    }
    svg {
      display: block;
      inline-size: 100%;
      block-size: 100%;
    }
    .one {
      fill: var(--color-accent);
    }
    .two {
      fill: color-mix(in oklab, var(--color-accent) 72%, var(--color-text));
    }
    .three {
      fill: color-mix(in oklab, var(--color-accent) 58%, var(--color-paper));
    }
    .dot {
      fill: var(--color-text);
    }
  `

  override render() {
    return html`<svg viewBox="0 0 48 48" aria-hidden="true">
      <path class="one" d="${bubble}" />
      <path class="two" d="${bubble}" transform="rotate(120 24 27)" />
      <path class="three" d="${bubble}" transform="rotate(240 24 27)" />
      <circle class="dot" cx="24" cy="27" r="2.8" />
    </svg>`
  }
}

/** A round of 9.6 above the middle whose tail points at it. */
const bubble =
  'M24 3.8a9.9 9.9 0 0 1 9.9 9.9c0 5.47-4.43 9.9-9.9 9.9-1.24 0-2.42-.23-3.51-.64-1.5 1.18-3.3 1.75-5.29 1.64 1.02-1.13 1.6-2.48 1.67-4.01A9.9 9.9 0 0 1 24 3.8z'

customElements.define('hb-mark', HbMark)

declare global {
  interface HTMLElementTagNameMap {
    'hb-mark': HbMark
  }
}
