// Commands at the beginning of a message, such as /shrug. To add a command, add an entry here.
import { t, type TextKey } from '../text/t.ts'

interface SlashCommand {
  readonly name: string
  readonly description: string
  readonly expand: (words: string) => string
}

const appendAsciiArt = (drawn: string) => (words: string) => (words === '' ? drawn : `${words} ${drawn}`)

const commandDefinitions: {
  name: string
  description: Extract<TextKey, `command.${string}`>
  expand: SlashCommand['expand']
}[] = [
  {
    name: 'me',
    description: 'command.me',
    expand: (words) => (words === '' || /\n\s*\n/.test(words) ? words : `_${words}_`),
  },
  { name: 'date', description: 'command.date', expand: (words) => `/date ${words}`.trim() },
  { name: 'shrug', description: 'command.shrug', expand: appendAsciiArt('¯\\_(ツ)_/¯') },
  { name: 'tableflip', description: 'command.tableflip', expand: appendAsciiArt('(╯°□°)╯︵ ┻━┻') },
  { name: 'unflip', description: 'command.unflip', expand: appendAsciiArt('┬─┬ ノ( ゜-゜ノ)') },
  { name: 'lenny', description: 'command.lenny', expand: appendAsciiArt('( ͡° ͜ʖ ͡°)') },
  { name: 'disapprove', description: 'command.disapprove', expand: appendAsciiArt('ಠ_ಠ') },
]

export const commands: readonly SlashCommand[] = commandDefinitions.map((each) => ({
  ...each,
  get description() {
    return t(each.description)
  },
}))

const commandPattern = /^\/(\p{L}[\p{L}\p{N}_-]*)(?:\s+([^]*))?$/u

/** Returns the text to send for the typed text. A text without a known command stays as typed, as `//nas` or `/etc/hosts`. */
export function expandCommand(text: string): string {
  const match = commandPattern.exec(text)
  const command = match && findCommand(match[1] as string)
  return command ? command.expand((match[2] ?? '').trim()) : text
}

/** Returns the day of `/date`, '' without one; undefined for any other text. The command leads to a day, and sends nothing. */
export function dateOfCommand(text: string): string | undefined {
  const [, name = '', words = ''] = commandPattern.exec(text) ?? []
  return name.toLowerCase() === 'date' ? words.trim() : undefined
}

/** Returns the name of a command that does not exist: probably a slip, which the user is asked about. */
export function unknownCommand(text: string): string | undefined {
  const name = commandPattern.exec(text)?.[1]
  return name === undefined || findCommand(name) ? undefined : name
}

function findCommand(name: string): SlashCommand | undefined {
  return commands.find((command) => command.name === name.toLowerCase())
}
