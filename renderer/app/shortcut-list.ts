// All keyboard shortcuts, as the sheet shows them. Those of the shell and of messages come from where they are run.
import { keyOfAction, messageActionNames } from '../messages/message-actions.ts'
import type { TextKey } from '../text/t.ts'
import { altKey, commandKey, shiftKey } from '../ui/key-names.ts'
import { shellKeys } from './shell-keys.ts'

type ShortcutKey = Extract<TextKey, `shortcuts.${string}`>

/** A shortcut: its keys and its effect. */
type ShortcutLine = readonly [what: ShortcutKey, keys: readonly string[]]

export interface ShortcutGroup {
  title: ShortcutKey
  lines: readonly ShortcutLine[]
  /** Browsers reserve these keys. */
  appOnly?: true
}

export const shortcutGroups: readonly ShortcutGroup[] = [
  {
    title: 'shortcuts.everywhere',
    lines: [
      ...shellKeys.map(({ name, keys }): ShortcutLine => [`shortcuts.${name}`, keys]),
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
      ...messageActionNames.map((name): ShortcutLine => [
        `shortcuts.${name}`,
        [keyOfAction(name).toUpperCase()],
      ]),
      ['shortcuts.first', ['Home']],
      ['shortcuts.last', ['End']],
      ['shortcuts.firstUnread', ['N']],
      ['shortcuts.goToDate', ['G']],
      ['shortcuts.toComposer', ['Esc']],
    ],
  },
  {
    title: 'shortcuts.lists',
    lines: [
      ['shortcuts.listMove', ['↑', '↓']],
      ['shortcuts.listEnds', ['Home', 'End']],
      ['shortcuts.listMenu', [shiftKey, 'F10']],
      ['shortcuts.listRemove', ['Delete']],
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
      ['shortcuts.block', [commandKey, altKey, shiftKey, 'C']],
      ['shortcuts.quote', [commandKey, shiftKey, '9']],
      ['shortcuts.list', [commandKey, shiftKey, '8']],
      ['shortcuts.numbers', [commandKey, shiftKey, '7']],
    ],
  },
]
