import { css, html, LitElement } from 'lit'
import { fingerprintHex, fingerprintWords } from '../../shared/text/fingerprint.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import './desktop-text.ts'

/** The fingerprint of a hub in words, to compare by eye or to read aloud. */
export class HbFingerprint extends LitElement {
  static override properties = { hubId: { type: String } }
  declare hubId: string

  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        container-type: inline-size;
        color: var(--color-text);
      }
      /* two columns or four: eight words never leave an empty place */
      ol {
        display: grid;
        grid-template-columns: repeat(2, 1fr);
        gap: 1px;
        border: 1px solid var(--color-border);
        border-radius: var(--radius-card);
        background: var(--color-border);
        overflow: hidden;
        counter-reset: word;
      }
      @container (min-width: 32rem) {
        ol {
          grid-template-columns: repeat(4, 1fr);
        }
      }
      li {
        display: flex;
        align-items: baseline;
        gap: var(--space-2);
        padding: 10px var(--space-3);
        background: var(--color-surface-raised);
        font: var(--type-name);
        counter-increment: word;
        user-select: text;
        -webkit-user-select: text;
      }
      li::before {
        content: counter(word);
        min-inline-size: 0.6em;
        font: var(--type-meta);
        font-variant-numeric: tabular-nums;
        color: var(--color-text-muted);
      }
      details {
        margin-block-start: var(--space-2);
        font: var(--type-secondary);
        color: var(--color-text-muted);
      }
      summary {
        inline-size: fit-content;
        cursor: pointer;
        border-radius: 3px;
      }
      code {
        display: block;
        margin-block-start: var(--space-2);
        font: var(--type-code);
        overflow-wrap: anywhere;
        user-select: all;
        -webkit-user-select: all;
      }
    `,
  ]

  constructor() {
    super()
    this.hubId = ''
  }

  override render() {
    return html`<ol aria-label=${t('fingerprint.label')} lang="en" dir="ltr" data-testid="words">
        ${fingerprintWords(this.hubId).map((word) => html`<li>${word}</li>`)}
      </ol>
      <details>
        <summary>${t('fingerprint.hex')}</summary>
        <code dir="ltr">${fingerprintHex(this.hubId)}</code>
      </details>`
  }
}

customElements.define('hb-fingerprint', HbFingerprint)

declare global {
  interface HTMLElementTagNameMap {
    'hb-fingerprint': HbFingerprint
  }
}
