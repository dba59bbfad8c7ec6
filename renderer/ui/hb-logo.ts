import { css, html, LitElement } from 'lit'

/** The logo: three round speech bubbles that meet around a small dot. Many voices, one hub. */
export class HbLogo extends LitElement {
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
      <path class="one" d="${bubblePath}" />
      <path class="two" d="${bubblePath}" transform="rotate(120 24 26.5)" />
      <path class="three" d="${bubblePath}" transform="rotate(240 24 26.5)" />
      <circle class="dot" cx="24" cy="26.5" r="3" />
    </svg>`
  }
}

/** A circle above the middle, with the tail that makes it a speech bubble. */
const bubblePath = 'M22.71 22.11A9.3 9.3 0 1 0 16.67 18.63Q17.49 20.87 15.7 23.1Q19.2 23.6 22.71 22.11z'

customElements.define('hb-logo', HbLogo)

declare global {
  interface HTMLElementTagNameMap {
    'hb-logo': HbLogo
  }
}
