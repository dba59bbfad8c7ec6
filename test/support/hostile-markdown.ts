// Markdown that a malicious user could send to harm readers. docs/security.md describes each case.
const maxTextLength = 16 * 1024

function repeatToLimit(unit: string, end = ''): string {
  return unit.repeat(Math.floor((maxTextLength - end.length) / unit.length)) + end
}

export const hostileMarkdown: { name: string; text: string }[] = [
  ...[
    '[', '![', '[a', '](', '[](', '[a](http://', '[a](http://x', '[[]](', '*', '**', '*a', '*a ', '**a ', '**a*', '*a **', '_a_', '_a ', '*_',
    '~~a', '~~', '`', '``a', '\\', '\\*', '>', '> ', '>>', '- ', '- a\n', '1. ', '1. a\n', '# ', '@', '@a', '@ann ', '#[', '#a', '#[a', '```', '``` ',
    '```\n', '~~~\n', 'http://a ', 'http://', 'http://a](', 'www.', 'a@', 'a@b.', 'mailto:', '<', '&', '<b>', '|', '\n', ' \n', '\t', '  - a\n', '\u202e', '字*',
  ].map((unit) => ({ name: `16 KiB of ${JSON.stringify(unit)}`, text: repeatToLimit(unit) })), // prettier-ignore
  { name: 'deep quotes', text: repeatToLimit(`${'>'.repeat(500)} a\n`) },
  { name: 'deep quotes with spaces', text: repeatToLimit(`${'> '.repeat(500)}a\n`) },
  { name: 'a staircase of lists', text: nestedLists() },
  { name: 'runs of backticks of every length', text: backtickRuns() },
  { name: 'marks opened and closed inside out', text: repeatToLimit('*a **b _c ~~d ', '*** ~~ ** _') },
  { name: 'nested marks', text: '*a **b '.repeat(1170) + '** *'.repeat(1170) },
  { name: 'one bracket at the very end', text: repeatToLimit('[', '](https://x.example)') },
  { name: 'one long address', text: `https://x.example/${'a'.repeat(maxTextLength - 20)}` },
  { name: 'an address of parentheses', text: `[a](https://x.example/${'('.repeat(maxTextLength - 30)})` },
  { name: 'backticks before a line separator', text: repeatToLimit('`', '\u2028') },
  { name: 'tildes before a line separator', text: repeatToLimit('~', '\u2028x') },
  { name: 'addresses in open brackets', text: repeatToLimit('https://a(') },
  { name: 'links in open brackets', text: repeatToLimit('[a](http://x(') },
  { name: 'escaped marks', text: repeatToLimit('\\*a') },
  { name: 'escaped fences', text: repeatToLimit('\\```\n') },
  { name: 'a mail address of many labels', text: `a@${'b1.'.repeat(5000)}` },
  { name: 'code that is never closed, many times', text: repeatToLimit('```js\nx\n') },
]

function nestedLists(): string {
  let text = ''
  for (let depth = 0; text.length < maxTextLength - 200; depth += 1) text += `${'  '.repeat(depth % 90)}- a\n`
  return text
}

function backtickRuns(): string {
  let text = ''
  for (let length = 1; text.length + length < maxTextLength; length += 1) text += `${'`'.repeat(length)} `
  return text
}
