import { css, html, LitElement } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import '../ui/hb-dialog.ts'
import { kbdStyles } from '../ui/kbd-styles.ts'
import { shortcutGroups } from './shortcut-list.ts'

/** All keyboard shortcuts. Emits `hb-close`. */
export class HbShortcuts extends LitElement {
  static override styles = [
    baseStyles,
    kbdStyles,
    css`
      .groups {
        columns: 2;
        column-gap: var(--space-8);
        outline: 0;
      }
      section {
        break-inside: avoid;
        margin-block-end: var(--space-5);
      }
      h3 {
        margin-block-end: var(--space-1);
        font: var(--type-label);
        color: var(--color-text-muted);
      }
      dl {
        margin: 0;
      }
      dl > div {
        display: flex;
        align-items: baseline;
        justify-content: space-between;
        gap: var(--space-3);
        padding-block: 4px;
      }
      dd {
        display: flex;
        flex: none;
        gap: 3px;
        margin: 0;
      }
      @media (width < 45em) {
        .groups {
          columns: 1;
        }
      }
    `,
  ]

  override render() {
    const shown = shortcutGroups.filter(({ appOnly }) => !appOnly || window.hubbub !== undefined)
    return html`<hb-dialog
      wide
      .heading=${t('shortcuts.title')}
      @hb-close=${() => this.dispatchEvent(new CustomEvent('hb-close'))}
    >
      <div class="groups" autofocus tabindex="-1">
        ${shown.map(
          ({ title, lines }) =>
            html`<section>
              <h3>${t(title)}</h3>
              <dl>
                ${lines.map(
                  ([what, keys]) =>
                    html`<div>
                      <dt>${t(what)}</dt>
                      <dd dir="ltr">${keys.map((key) => html`<kbd>${key}</kbd>`)}</dd>
                    </div>`,
                )}
              </dl>
            </section>`,
        )}
      </div>
    </hb-dialog>`
  }
}

customElements.define('hb-shortcuts', HbShortcuts)

declare global {
  interface HTMLElementTagNameMap {
    'hb-shortcuts': HbShortcuts
  }
}
