// What may stand at the beginning of a message: /shrug and the like. A line more is a command more.
import { t, type TextKey } from '../text/t.ts'

interface Command {
  readonly name: string
  readonly about: string
  readonly write: (words: string) => string
}

const face = (drawn: string) => (words: string) => (words === '' ? drawn : `${words} ${drawn}`)

const table: { name: string; about: Extract<TextKey, `command.${string}`>; write: Command['write'] }[] = [
  {
    name: 'me',
    about: 'command.me',
    write: (words) => (words === '' || /\n\s*\n/.test(words) ? words : `_${words}_`),
  },
  { name: 'shrug', about: 'command.shrug', write: face('¯\\_(ツ)_/¯') },
  { name: 'tableflip', about: 'command.tableflip', write: face('(╯°□°)╯︵ ┻━┻') },
  { name: 'unflip', about: 'command.unflip', write: face('┬─┬ ノ( ゜-゜ノ)') },
  { name: 'lenny', about: 'command.lenny', write: face('( ͡° ͜ʖ ͡°)') },
  { name: 'disapprove', about: 'command.disapprove', write: face('ಠ_ಠ') },
]

export const commands: readonly Command[] = table.map((each) => ({
  ...each,
  get about() {
    return t(each.about)
  },
}))

/** What is sent for what was typed. `//` at the beginning is a slash; an unknown command is text, as `/etc/hosts` is. */
export function withCommand(text: string): string {
  if (text.startsWith('//')) return text.slice(1)
  const match = /^\/([a-z]+)(?:\s+([\s\S]*))?$/.exec(text)
  const command = match && commands.find(({ name }) => name === match[1])
  return command ? command.write((match[2] ?? '').trim()) : text
}
