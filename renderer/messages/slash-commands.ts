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

/**
 * Returns the text to send for the typed text. `//` at the beginning is a slash; an unknown command is text, as
 * `/etc/hosts` is.
 */
export function expandCommand(text: string): string {
  if (text.startsWith('//')) return text.slice(1)
  const match = /^\/([a-z]+)(?:\s+([\s\S]*))?$/.exec(text)
  const command = match && commands.find(({ name }) => name === match[1])
  return command ? command.expand((match[2] ?? '').trim()) : text
}
