// The keys that work everywhere in the shell. The shell runs them, and the sheet of shortcuts lists them.
import { deepActiveElement, isTextField } from '../ui/focus.ts'
import { altKey, commandKey, shiftKey } from '../ui/key-names.ts'
import { isComposing } from '../ui/keys.ts'

export type ShellKeyName =
  | 'switch'
  | 'findHere'
  | 'find'
  | 'nextChat'
  | 'previousChat'
  | 'nextUnread'
  | 'previousUnread'
  | 'members'
  | 'pins'
  | 'files'
  | 'chatMenu'
  | 'threads'
  | 'activity'
  | 'saved'
  | 'region'
  | 'regionBack'
  | 'this'

interface ShellKey {
  readonly name: ShellKeyName
  /** As the sheet shows them. */
  readonly keys: readonly string[]
  readonly matches: (event: KeyboardEvent, isCommand: boolean) => boolean
}

export const shellKeys: readonly ShellKey[] = [
  {
    name: 'switch',
    keys: [commandKey, 'K'],
    matches: (event, isCommand) => isCommand && !event.shiftKey && !event.altKey && isLetter(event, 'k'),
  },
  {
    name: 'findHere',
    keys: [commandKey, 'F'],
    matches: (event, isCommand) => isCommand && !event.shiftKey && !event.altKey && isLetter(event, 'f'),
  },
  {
    name: 'find',
    keys: [commandKey, shiftKey, 'F'],
    matches: (event, isCommand) => isCommand && event.shiftKey && !event.altKey && isLetter(event, 'f'),
  },
  { name: 'nextChat', keys: [altKey, '↓'], matches: altArrow('ArrowDown', false) },
  { name: 'previousChat', keys: [altKey, '↑'], matches: altArrow('ArrowUp', false) },
  { name: 'nextUnread', keys: [altKey, shiftKey, '↓'], matches: altArrow('ArrowDown', true) },
  { name: 'previousUnread', keys: [altKey, shiftKey, '↑'], matches: altArrow('ArrowUp', true) },
  // Browsers have Ctrl+Shift and a letter for themselves, and Alt and a letter opens menus.
  { name: 'members', keys: [altKey, shiftKey, 'M'], matches: altShiftLetter('m') },
  { name: 'pins', keys: [altKey, shiftKey, 'P'], matches: altShiftLetter('p') },
  { name: 'files', keys: [altKey, shiftKey, 'L'], matches: altShiftLetter('l') },
  { name: 'chatMenu', keys: [altKey, shiftKey, 'O'], matches: altShiftLetter('o') },
  { name: 'threads', keys: [altKey, shiftKey, 'T'], matches: altShiftLetter('t') },
  { name: 'activity', keys: [altKey, shiftKey, 'A'], matches: altShiftLetter('a') },
  { name: 'saved', keys: [altKey, shiftKey, 'S'], matches: altShiftLetter('s') },
  {
    name: 'region',
    keys: ['F6'],
    matches: (event, isCommand) => event.key === 'F6' && !isCommand && !event.altKey && !event.shiftKey,
  },
  {
    name: 'regionBack',
    keys: [shiftKey, 'F6'],
    matches: (event, isCommand) => event.key === 'F6' && !isCommand && !event.altKey && event.shiftKey,
  },
  { name: 'this', keys: [commandKey, '/'], matches: isHelpKey },
]

export function shellKeyOf(event: KeyboardEvent): ShellKeyName | undefined {
  const isCommand = event.ctrlKey || event.metaKey
  return shellKeys.find(({ matches }) => matches(event, isCommand))?.name
}

/** On a keyboard with other letters, the key in the place of this one. */
function isLetter({ key, code }: KeyboardEvent, letter: string): boolean {
  const isLatin = /^[a-z]$/i.test(key)
  return isLatin ? key.toLowerCase() === letter : code === `Key${letter.toUpperCase()}`
}

/** On a Mac the letter is another sign then: the place of the key counts. */
function altShiftLetter(letter: string): ShellKey['matches'] {
  return (event, isCommand) => event.altKey && event.shiftKey && !isCommand && isLetter(event, letter)
}

function altArrow(arrow: string, withShift: boolean): ShellKey['matches'] {
  return ({ key, altKey: isAlt, shiftKey: isShift }, isCommand) =>
    key === arrow && isAlt && !isCommand && isShift === withShift
}

/** `?`, or Ctrl+/ also while typing. On many keyboards the slash itself needs Shift. */
function isHelpKey(event: KeyboardEvent, isCommand: boolean): boolean {
  if (event.altKey || isComposing(event)) return false
  return isCommand ? event.key === '/' : event.key === '?' && !isTextField(deepActiveElement())
}
