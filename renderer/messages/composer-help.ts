import { html } from 'lit'
import { t } from '../text/t.ts'
import { dismissByPress } from '../ui/dismiss-press.ts'
import { placePopover } from '../ui/place-popover.ts'

const modifierKey = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl+'

/** Help for formatting: the Markdown, the shortcut and the result. */
export function composerHelp(): unknown {
  const lines: { typed: string; key: string; shown: unknown }[] = [
    { typed: t('help.boldTyped'), key: `${modifierKey}B`, shown: html`<strong>${t('help.bold')}</strong>` },
    { typed: t('help.italicTyped'), key: `${modifierKey}I`, shown: html`<em>${t('help.italic')}</em>` },
    { typed: t('help.strikeTyped'), key: `${modifierKey}Shift+X`, shown: html`<s>${t('help.strike')}</s>` },
    { typed: t('help.codeTyped'), key: `${modifierKey}E`, shown: html`<code>${t('help.code')}</code>` },
    { typed: '```', key: `${modifierKey}Alt+Shift+C`, shown: t('help.block') },
    { typed: t('help.linkTyped'), key: `${modifierKey}K`, shown: t('help.link') },
    { typed: t('help.quoteTyped'), key: `${modifierKey}Shift+9`, shown: t('help.quote') },
    { typed: t('help.listTyped'), key: `${modifierKey}Shift+8`, shown: t('help.list') },
    { typed: t('help.numbersTyped'), key: `${modifierKey}Shift+7`, shown: t('help.numbers') },
    { typed: '@  #  :', key: '', shown: t('help.names') },
    { typed: '/', key: '', shown: t('help.commands') },
    { typed: '', key: 'Shift+Enter', shown: t('help.newLine') },
    { typed: '', key: '↑', shown: t('help.editLast') },
  ]
  return html`<button
      class="tool help"
      popovertarget="help"
      aria-label=${t('help.title')}
      data-tip=${t('help.title')}
    >
      <hb-icon name="format" .size=${18}></hb-icon>
    </button>
    <div
      id="help"
      popover="auto"
      autofocus
      role="dialog"
      aria-label=${t('help.title')}
      tabindex="-1"
      @beforetoggle=${returnFocus}
      @toggle=${positionPopover}
    >
      <h4>${t('help.title')}</h4>
      <table>
        <tbody>
          ${lines.map(
            ({ typed, key, shown }) =>
              html`<tr>
                <td>${shown}</td>
                <td><code>${typed}</code></td>
                <td>${key === '' ? '' : html`<kbd>${key}</kbd>`}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`
}

/**
 * Esc closes it, and the focus goes back to the button. It has the focus from the moment it is open (`autofocus`): the toggle
 * event comes later, and an Esc before that would lead to the composer.
 */
function returnFocus(event: ToggleEvent): void {
  const popover = event.currentTarget as HTMLElement
  if (event.newState === 'closed' && popover.matches(':focus-within'))
    (popover.previousElementSibling as HTMLElement | null)?.focus()
}

/** Above the button. */
function positionPopover(event: ToggleEvent): void {
  if (event.newState !== 'open') return
  const popover = event.currentTarget as HTMLElement
  dismissByPress(popover)
  const button = popover.previousElementSibling?.getBoundingClientRect()
  if (!button) return
  placePopover(popover, button, { side: 'above', align: 'end', gapPx: 8 })
}
