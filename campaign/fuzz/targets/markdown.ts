import { findShortcodes } from '../../../renderer/emoji/shortcodes.ts'
import type { Inline } from '../../../shared/text/inline.ts'
import { type Block, escapeLines, parseMarkdown } from '../../../shared/text/markdown.ts'
import { checkText, dropControls, findMentionReadings } from '../../../shared/text/message.ts'
import { plainPreview, plainText, plainTextWithRanges } from '../../../shared/text/plain-text.ts'
import { clipboardSnippets } from '../../../test/support/clipboard-snippets.ts'
import { hostileMarkdown } from '../../../test/support/hostile-markdown.ts'
import { Texts } from '../bend.ts'
import { type Target, firstProblem } from '../target.ts'

/*
 * Markdown of messages: the tree has only its kinds, each letter and digit that was typed is in it, nothing comes twice but the
 * address of a link without a label, steps and size grow with the length of the text, and nesting ends.
 */

const pieces = [
  ...[
    'a',
    'B7',
    ' ',
    ' ',
    '\n',
    '\n',
    '\n\n',
    'snake_case',
    '*',
    '**',
    '***',
    '_',
    '__',
    '~~',
    '~',
    '`',
    '``',
    '```',
    '~~~',
  ],
  ...[
    '```ts\n',
    '\n```\n',
    '> ',
    '>> ',
    '- ',
    '* ',
    '1. ',
    '2) ',
    '  - ',
    '    ',
    '# ',
    '### ',
    '[',
    ']',
    '](',
    '(',
    ')',
  ],
  ...[
    '[x](https://x.example/a_b)',
    'https://x.example/?q=(1)',
    'www.x.example',
    'mailto:a@b.example',
    'ann@x.example',
  ],
  ...[
    '@ann',
    '＠bo.b',
    '@everyone',
    '#harbour',
    '#[Boat yard]',
    '\\',
    '\\*',
    '\\-',
    'C:\\dir\\*',
    '¯\\_(ツ)_/¯',
    ':tada:',
  ],
  ...['2*3*4', '1986. A year', '字', 'サーバー', '!', ',', '.', '"', '<b>', '|', '&amp;', '{', '}', '\t'],
]
const examples = [
  ...clipboardSnippets.map(({ text }) => text),
  ...hostileMarkdown.map(({ text }) => text.slice(0, 200)),
  '# Plan\n\n- one\n  - two\n3. three\n4. four\n> said **he** to @ann\n\n```js\nlet a = 1\n```\nsee https://x.example.',
]
export const markdownTexts = new Texts(pieces, examples)

const inlineKinds = new Set(['text', 'strong', 'em', 'strike', 'code', 'link', 'mention', 'group'])
const maxDepth = 40
const maxMentions = 100

export function openMarkdownTarget(): Target<string> {
  const subject = { parse: parseMarkdown }
  return {
    inputsPerRound: 20_000,
    make: (random) => markdownTexts.make(random),
    check: (text) => checkTree(text, subject.parse) ?? checkDerived(text),
    faults: {
      'lost-text': () => {
        subject.parse = (text, meter) => parseMarkdown(text, meter).slice(0, 2)
      },
    },
  }
}

function checkTree(text: string, parse: typeof parseMarkdown): string | undefined {
  const meter = { steps: 0 }
  const blocks = parse(text, meter)
  const seen = { nodes: 0, depth: 0, shown: '', problem: '' }
  for (const block of blocks) lookAtBlock(block, 1, seen)
  const typed = countCharacters(significantText(text))
  const shown = countCharacters(significantText(seen.shown))
  const lost = [...typed].find(([char, count]) => (shown.get(char) ?? 0) < count && char !== '0')
  const doubled = [...shown].find(([char, count]) => count > 2 * (typed.get(char) ?? 0))
  return firstProblem(
    [seen.problem === '', seen.problem],
    [meter.steps < 20 * text.length + 1_000, `${meter.steps} steps`],
    [seen.nodes <= 3 * text.length + 3, `${seen.nodes} nodes`],
    [seen.depth < maxDepth, `nested ${seen.depth} times`],
    [lost === undefined, `lost ${JSON.stringify(lost)}`],
    [doubled === undefined, `more than twice ${JSON.stringify(doubled)}`],
    [JSON.stringify(parse(text)) === JSON.stringify(blocks), 'another tree the second time'],
  )
}

interface Seen {
  nodes: number
  depth: number
  /** With the addresses of links. */
  shown: string
  problem: string
}

function lookAtBlock(block: Block, depth: number, seen: Seen): void {
  seen.nodes += 1
  seen.depth = Math.max(seen.depth, depth)
  switch (block.kind) {
    case 'text':
    case 'heading':
      if (block.kind === 'heading' && ![1, 2, 3].includes(block.level)) seen.problem = 'a level'
      for (const child of block.children) lookAtInline(child, depth + 1, seen)
      return
    case 'code':
      seen.shown += (block.language ?? '') + block.text
      return
    case 'quote':
      for (const child of block.children) lookAtBlock(child, depth + 1, seen)
      return
    case 'list':
      for (const { number, children } of block.items) {
        if ((number === undefined) === block.ordered) seen.problem = 'a number'
        seen.shown += number ?? ''
        for (const child of children) lookAtBlock(child, depth + 1, seen)
      }
      return
    default:
      seen.problem = `the kind ${JSON.stringify(block satisfies never)}`
  }
}

function lookAtInline(node: Inline, depth: number, seen: Seen): void {
  seen.nodes += 1
  seen.depth = Math.max(seen.depth, depth)
  if (!inlineKinds.has(node.kind)) seen.problem = `the kind ${node.kind}`
  if (node.kind === 'link' && !node.bare) seen.shown += node.address
  if ('children' in node) for (const child of node.children) lookAtInline(child, depth + 1, seen)
  else seen.shown += node.kind === 'mention' ? node.sign + node.name : node.text
}

function significantText(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{Extended_Pictographic}<|]/gu, '')
}

function countCharacters(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1)
  return counts
}

/** What lists, notifications and the search make of the text. */
function checkDerived(text: string): string | undefined {
  const plain = plainText(text)
  const cut = text.slice(0, 200)
  const ranges = [
    { start: 0, end: 3 },
    { start: Math.floor(text.length / 2), end: text.length },
  ]
  const marked = plainTextWithRanges(text, ranges)
  const readings = findMentionReadings(text)
  const codes = findShortcodes(text)
  const problem = checkText(dropControls(text), true)
  return firstProblem(
    [marked.text === plain, 'the text with ranges differs'],
    [
      marked.ranges.every(({ start, end }) => start >= 0 && start <= end && end <= plain.length),
      'a range outside',
    ],
    [plainPreview(cut).length <= plainText(cut).length, 'a preview that is longer'],
    [readings.length <= maxMentions && readings.flat().every((name) => text.includes(name)), 'a mention'],
    [codes.every(({ from, to, code }) => text.slice(from, to) === `:${code}:`), 'the place of a shortcode'],
    [codes.every(({ from }, at) => from >= (codes[at - 1]?.to ?? 0)), 'the order of shortcodes'],
    [problem === undefined || problem.code === 'too_large', 'control characters remain'],
    [escapeLines(text).replaceAll('\\', '') === text.replaceAll('\\', ''), 'escaped lines have another text'],
  )
}
