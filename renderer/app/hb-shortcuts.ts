import { css, html, LitElement } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t, type TextKey } from '../text/t.ts'
import '../ui/hb-dialog.ts'
import { altKey, commandKey, shiftKey } from '../ui/key-names.ts'
import { kbdStyles } from '../ui/kbd-styles.ts'

type ShortcutKey = Extract<TextKey, `shortcuts.${string}`>

/** A shortcut: its keys and its effect. */
type ShortcutLine = readonly [what: ShortcutKey, keys: readonly string[]]

interface ShortcutGroup {
  title: ShortcutKey
  lines: readonly ShortcutLine[]
  /** Browsers reserve these keys. */
  appOnly?: true
}

const groups: readonly ShortcutGroup[] = [
  {
    title: 'shortcuts.everywhere',
    lines: [
      ['shortcuts.switch', [commandKey, 'K']],
      ['shortcuts.findHere', [commandKey, 'F']],
      ['shortcuts.find', [commandKey, shiftKey, 'F']],
      ['shortcuts.nextChat', [altKey, '↑', '↓']],
      ['shortcuts.region', ['F6']],
      ['shortcuts.regionBack', [shiftKey, 'F6']],
      ['shortcuts.this', [commandKey, '/']],
      ['shortcuts.close', ['Esc']],
    ],
  },
  {
    title: 'shortcuts.app',
    appOnly: true,
    lines: [
      ['shortcuts.newChat', [commandKey, 'N']],
      ['shortcuts.settings', [commandKey, ',']],
      ['shortcuts.hub', [commandKey, '1', '…', '9']],
      ['shortcuts.nextHub', ['Ctrl', 'Tab']],
      ['shortcuts.previousHub', ['Ctrl', shiftKey, 'Tab']],
      ['shortcuts.zoom', [commandKey, '+', '−', '0']],
    ],
  },
  {
    title: 'shortcuts.messages',
    lines: [
      ['shortcuts.step', ['↑', '↓']],
      ['shortcuts.menu', ['Enter']],
      ['shortcuts.react', ['A']],
      ['shortcuts.reply', ['R']],
      ['shortcuts.thread', ['T']],
      ['shortcuts.edit', ['E']],
      ['shortcuts.forward', ['F']],
      ['shortcuts.copy', ['C']],
      ['shortcuts.link', ['L']],
      ['shortcuts.save', ['S']],
      ['shortcuts.pin', ['P']],
      ['shortcuts.unread', ['U']],
      ['shortcuts.delete', ['D']],
      ['shortcuts.last', ['End']],
      ['shortcuts.toComposer', ['Esc']],
    ],
  },
  {
    title: 'shortcuts.writing',
    lines: [
      ['shortcuts.send', ['Enter']],
      ['shortcuts.newLine', [shiftKey, 'Enter']],
      ['shortcuts.editLast', ['↑']],
      ['shortcuts.page', ['Page ↑', 'Page ↓']],
      ['shortcuts.bold', [commandKey, 'B']],
      ['shortcuts.italic', [commandKey, 'I']],
      ['shortcuts.strike', [commandKey, shiftKey, 'X']],
      ['shortcuts.code', [commandKey, 'E']],
      ['shortcuts.makeLink', [commandKey, 'K']],
      ['shortcuts.quote', [commandKey, shiftKey, '9']],
    ],
  },
]

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
      @media (max-width: 719px) {
        .groups {
          columns: 1;
        }
      }
    `,
  ]

  override render() {
    const shown = groups.filter(({ appOnly }) => !appOnly || window.hubbub !== undefined)
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
