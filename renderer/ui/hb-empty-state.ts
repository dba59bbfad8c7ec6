import { css, html, LitElement, svg } from 'lit'
import { baseStyles } from '../styles/shared.ts'

/** Drawn for Hubbub: one line, one spot of accent. */
const drawings = {
  chat: svg`<path d="M20 74c-8 0-14-6-14-14V34c0-8 6-14 14-14h46c8 0 14 6 14 14v26c0 8-6 14-14 14H42L26 88V74z"/>
    <path d="M92 44h6c8 0 14 6 14 14v22c0 8-6 14-14 14h-4v12L80 94H62c-5 0-9-2-11-6"/>
    <path class="faint" d="M24 40h36M24 54h22"/><circle class="spot" cx="96" cy="69" r="5"/>`,
  people: svg`<circle cx="60" cy="36" r="15"/><path d="M30 92c0-17 13-28 30-28s30 11 30 28"/>
    <path class="faint" d="M24 52a11 11 0 1 1 6-20M8 84c0-12 7-20 18-22M96 52a11 11 0 1 0-6-20M112 84c0-12-7-20-18-22"/>
    <circle class="spot" cx="77" cy="47" r="5"/>`,
  search: svg`<circle cx="54" cy="50" r="30"/><path d="M76 72l22 22"/><path class="faint" d="M40 50a14 14 0 0 1 14-14"/>
    <circle class="spot" cx="54" cy="50" r="5"/>`,
  door: svg`<path d="M34 104V24a6 6 0 0 1 6-6h40a6 6 0 0 1 6 6v80M20 104h80"/><path class="faint" d="M46 36h28M46 50h28"/>
    <circle class="spot" cx="75" cy="68" r="5"/>`,
  letter: svg`<path d="M22 34h76a6 6 0 0 1 6 6v46a6 6 0 0 1-6 6H22a6 6 0 0 1-6-6V40a6 6 0 0 1 6-6z"/>
    <path class="faint" d="M18 38l42 32 42-32"/><circle class="spot" cx="98" cy="34" r="5"/>`,
  bot: svg`<path d="M30 46h60a8 8 0 0 1 8 8v30a8 8 0 0 1-8 8H30a8 8 0 0 1-8-8V54a8 8 0 0 1 8-8zM60 46V30"/>
    <path class="faint" d="M44 62v8M76 62v8M46 82h28M12 60v18M108 60v18"/><circle class="spot" cx="60" cy="24" r="5"/>`,
  thread: svg`<path d="M22 58c-7 0-12-5-12-12V30c0-7 5-12 12-12h52c7 0 12 5 12 12v16c0 7-5 12-12 12H40L26 70V58z"/>
    <path d="M46 72v6c0 7 5 12 12 12h24l14 12V90c8 0 14-5 14-12V62c0-6-4-11-10-12"/>
    <path class="faint" d="M28 32h36M28 44h20"/><circle class="spot" cx="82" cy="72" r="5"/>`,
  pin: svg`<path d="M44 16h32M50 16l-3 28-13 14v8h52v-8L73 44l-3-28M60 66v38"/>
    <path class="faint" d="M18 40h14M88 40h14M14 96h30M76 96h30"/><circle class="spot" cx="60" cy="48" r="5"/>`,
  bookmark: svg`<path d="M40 16h40c5 0 8 3 8 8v80L60 84l-28 20V24c0-5 3-8 8-8z"/>
    <path class="faint" d="M46 36h28M46 50h16"/><circle class="spot" cx="72" cy="62" r="5"/>`,
  file: svg`<path d="M36 14h34l24 24v58c0 6-4 10-10 10H36c-6 0-10-4-10-10V24c0-6 4-10 10-10z"/><path d="M70 14v24h24"/>
    <path class="faint" d="M42 56h36M42 70h36M42 84h14"/><circle class="spot" cx="74" cy="85" r="5"/>`,
  key: svg`<circle cx="42" cy="62" r="22"/><path d="M64 62h42v18M88 62v14"/><path class="faint" d="M30 62a12 12 0 0 1 12-12"/>
    <circle class="spot" cx="42" cy="62" r="5"/>`,
  offline: svg`<path d="M18 60a60 60 0 0 1 84 0M34 76a37 37 0 0 1 52 0" class="faint"/><path d="M24 24l72 72"/>
    <circle class="spot" cx="60" cy="94" r="5"/>`,
  lost: svg`<path d="M60 104s-34-30-34-56a34 34 0 0 1 68 0c0 26-34 56-34 56z"/><path class="faint" d="M50 40c0-6 4-10 10-10s10 4 10 9c0 8-10 7-10 15"/>
    <circle class="spot" cx="60" cy="66" r="4"/>`,
}

export type Drawing = keyof typeof drawings

/** An empty list: a small drawing, one sentence, and the one action in the slot. */
export class HbEmptyState extends LitElement {
  static override properties = {
    drawing: { type: String },
    text: { type: String },
    small: { type: Boolean, reflect: true },
  }
  declare drawing: Drawing
  declare text: string
  declare small: boolean

  static override styles = [
    baseStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        align-items: center;
        justify-content: center;
        gap: var(--space-4);
        padding: var(--space-8) var(--space-6);
        text-align: center;
        color: var(--color-text-muted);
        font: var(--type-body);
      }
      svg {
        inline-size: 104px;
        block-size: 104px;
        fill: none;
        stroke: var(--color-text-muted);
        stroke-width: 2;
        stroke-linecap: round;
        stroke-linejoin: round;
        opacity: 0.85;
      }
      :host([small]) svg {
        inline-size: 72px;
        block-size: 72px;
      }
      :host([small]) {
        padding: var(--space-6) var(--space-4);
        gap: var(--space-3);
        font: var(--type-secondary);
      }
      .faint {
        opacity: 0.45;
      }
      .spot {
        fill: var(--color-accent);
        stroke: none;
      }
      p {
        max-inline-size: 21rem;
        text-wrap: balance;
        overflow-wrap: anywhere;
      }
    `,
  ]

  constructor() {
    super()
    this.drawing = 'chat'
    this.text = ''
    this.small = false
  }

  override render() {
    return html`<svg viewBox="0 0 120 120" aria-hidden="true">${drawings[this.drawing]}</svg>
      <p>${this.text}</p>
      <slot></slot>`
  }
}

customElements.define('hb-empty-state', HbEmptyState)

declare global {
  interface HTMLElementTagNameMap {
    'hb-empty-state': HbEmptyState
  }
}
