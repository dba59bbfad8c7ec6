import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Inline } from '../../shared/text/inline.ts'
import { parseMarkdown, type Block } from '../../shared/text/markdown.ts'
import { plainPreview, plainText, plainTextWithRanges } from '../../shared/text/plain-text.ts'
import { mentionedNames } from '../../shared/text/message.ts'
import { hostileMarkdown } from '../support/hostile-markdown.ts'

/**
 * The parsed tree on one line: `b(…)` strong, `i(…)` emphasis, `s(…)` strikethrough, `c(…)` code, `a(words address)`.
 */
function renderTree(text: string): string {
  return parseMarkdown(text).map(renderBlock).join(' / ')
}
function renderBlock(each: Block): string {
  switch (each.kind) {
    case 'text':
      return renderInline(each.children)
    case 'heading':
      return `h${each.level}(${renderInline(each.children)})`
    case 'code':
      return `code[${each.language ?? ''}](${each.text})`
    case 'quote':
      return `quote(${each.children.map(renderBlock).join(' / ')})`
    case 'list':
      return `${each.ordered ? 'ol' : 'ul'}(${each.items
        .map(({ number, children }) => `${number ?? '-'} ${children.map(renderBlock).join(' / ')}`)
        .join(', ')})`
  }
}
function renderInline(nodes: readonly Inline[]): string {
  const letters = { strong: 'b', em: 'i', strike: 's' }
  return nodes
    .map((node) => {
      if (node.kind === 'text') return node.text
      if (node.kind === 'code') return `c(${node.text})`
      if (node.kind === 'mention') return `@(${node.name})`
      if (node.kind === 'group') return `#(${node.name})`
      if (node.kind === 'link') return `a(${renderInline(node.children)} ${node.address})`
      return `${letters[node.kind]}(${renderInline(node.children)})`
    })
    .join('')
}

describe('parses as formatting', () => {
  test.each([
    ['**bold** and *slanted*, _too_', 'b(bold) and i(slanted), i(too)'],
    ['***both***', 'b(i(both))'],
    ['**a *b* c** *d **e** f*', 'b(a i(b) c) i(d b(e) f)'],
    ['**a *b***', 'b(a i(b))'],
    ['~~gone~~', 's(gone)'],
    ['__very loud__', 'b(very loud)'],
    ['これは**太字**です', 'これはb(太字)です'],
    ['foo**bar**baz', 'foob(bar)baz'],
    ['(*x*), "*y*"', '(i(x)), "i(y)"'],
    ['*two\nlines*', 'i(two\nlines)'],
    ['`a * b` and ``x ` y``', 'c(a * b) and c(x ` y)'],
    ['[the *list*](https://example.org/a_(b))', 'a(the i(list) https://example.org/a_(b))'],
    ['![a cat](https://example.org/cat.png)', 'a(a cat https://example.org/cat.png)'],
    ['[](https://example.org)', 'a(https://example.org https://example.org)'],
    ['[x](https://example.org "a title")', 'a(x https://example.org)'],
    ['**https://example.org/**', 'b(a(https://example.org/ https://example.org/))'],
    ['[https://a.example](https://b.example)', 'a(https://a.example https://b.example)'],
    ['\\*not slanted\\* and \\_neither\\_', '*not slanted* and _neither_'],
    ['```\na\n\n  b\n```', 'code[](a\n\n  b)'],
    ['```ts\nlet a\n```', 'code[ts](let a)'],
    ['```one line```', 'code[](one line)'],
    ['before\n```\na``\n```\nafter', 'before / code[](a``) / after'],
    ['```sh\nls\n``` and so on', 'code[sh](ls) / and so on'],
    ['```\nnever closed', 'code[](never closed)'],
    ['~~~\n```\n~~~', 'code[](```)'],
    ['> a\n> b\nout', 'quote(a\nb) / out'],
    ['> a\n>\n> b', 'quote(a\n\nb)'],
    ['>> deep\n> less', 'quote(quote(deep) / less)'],
    ['> ```js\n> x\n> ```', 'quote(code[js](x))'],
    ['Two:\n- a\n- b\nend', 'Two: / ul(- a, - b) / end'],
    ['- a\n  - b\n    - c\n- d', 'ul(- a / ul(- b / ul(- c)), - d)'],
    ['- a\n\n- b\n\nend', 'ul(- a, - b) / end'],
    ['1. a\n2. b', 'ol(1 a, 2 b)'],
    ['3) a\n4) b', 'ol(3 a, 4 b)'],
    ['1. a\n   still a', 'ol(1 a\nstill a)'],
    ['# Plan\n## More\n#### Least', 'h1(Plan) / h2(More) / h3(Least)'],
    ['hi @ann, @bo.', 'hi @(ann), @(bo.)'],
    ['*@ann* and _@bo_', 'i(@(ann)) and i(@(bo))'],
    ['in #kitchen, or #[Orders & invoices].', 'in #(kitchen), or #(Orders & invoices).'],
  ])('%j', (text, tree) => {
    expect(renderTree(text)).toBe(tree)
  })
})

describe('keeps as typed', () => {
  test.each([
    'snake_case_names and _leading',
    '2 * 3 * 4',
    '2*3*4 and 2**3**4',
    '1986. A great year',
    '2. yes',
    '12. December\nis a date',
    'C:\\dir\\ and C:\\_build\\_x and \\\\server\\share',
    '¯\\_(ツ)_/¯',
    '-_- and -_- and ^_^ and o_O and T_T and ;_;',
    '*_* hi *_* and (*^_^*) and :* bye :*',
    '>_< and >:( and >.>',
    '__init__ and __proto__',
    '    indented\n\tby a tab',
    '---\n***\n===',
    'Title\n=====\nText\n-----',
    '| a | b |\n|---|---|\n| 1 | 2 |',
    '<b>not bold</b> <!-- x --> &amp; <https',
    '* waves *',
    '#1 #'.slice(3),
    '#!/bin/sh',
    '-5 degrees\n-nothing',
    'f(*args, **kwargs)',
    '[ ] to do [x] done [a][b]',
    '[a](b)',
    '** no ** and ~~ no ~~ and ~no~',
    '```',
    'a ``` b',
    'mail ann_@example and a@b',
    'first\n\n\nsecond',
    '  ',
  ])('%j', (text) => {
    const words = plainText(text)
    expect(words).toBe(text.trim() === '' ? '' : text)
    expect(renderTree(text).replace(/[@a]\(([^ )]*)[^)]*\)/g, '')).not.toMatch(
      /\b[bisc]\(|\b(?:h\d|quote|ul|ol|code)\b/,
    )
  })
})

describe('a backslash', () => {
  test.each([
    'del C:\\temp\\*.*',
    '\\\\nas\\#recycle\\plan.doc',
    'C:\\#recycle and D:\\@eaDir\\x and \\\\nas\\@home\\@you',
    'src\\**\\a.ts and lib\\**\\b.ts',
    '"C:\\a b\\*.txt" "D:\\*.txt" %TEMP%\\*.tmp .\\*.ts ..\\*.ts',
    'C:\\Program Files (x86)\\*.* and *.log',
    'E:\\_alt_\\_neu_ and HKLM\\Software\\*\\@Default and file:\\\\host\\*.*\\#1',
    '\\*\\d+\\* and \\\\*a\\\\*',
    '\\\\server\\share\\~backup~~ and \\~~',
    'C:\\[a]\\(b)',
    '\\d+\\*\\d+ and ^\\*$ and s/\\*/\\\\*/g',
    '\\alpha\\_1 \\beta\\_2 \\[x\\] \\(y\\)',
    '¯\\_(ツ)_/¯ and ¯\\\\_(ツ)_/¯',
    '\\-5 degrees\n\\+ plus\n\\>no\n1986\\. A year\n\\#!/bin/sh',
    'a\\_b\\_c and 2\\*3\\*4',
    '\\',
    '\\\\',
    '\\\\*',
    '\\` one',
    'foo\\@bar.example',
  ])('stays in %j', (text) => {
    expect(plainText(text)).toBe(text)
    expect(renderTree(text)).not.toMatch(/\b[bisc]\(/)
  })

  test.each([
    ['\\*not\\* \\_this\\_ \\~~nor this~~', '*not* _this_ ~~nor this~~'],
    ['\\**bold**', '**bold**'],
    ['(a)\\*b\\*', '(a)*b*'],
    ['\\`code\\`', '`code`'],
    ['\\[a](https://x.example)', '[a](https://x.example)'],
    ['[a\\](https://x.example)', '[a](https://x.example)'],
    ['\\@ann \\#kitchen 请\\@ann', '@ann #kitchen 请@ann'],
    ['\\# Title\n\\- a\n\\* b\n1\\. c\n\\> q', '# Title\n- a\n* b\n1. c\n> q'],
    ['3\\. a\n4\\. b', '3. a\n4. b'],
    ['\\```js\nx', '```js\nx'],
    ['\\~~~\nx', '~~~\nx'],
    ['- \\- a', '• - a'],
  ])('goes from %j, where it kept a mark from being one', (text, shown) => {
    expect(plainText(text)).toBe(shown)
  })
})

test('a preview has the text without markup', () => {
  expect(
    plainText('# Plan\n**a** [b](https://x.example) `c`\n> d\n- e\n1. f\n```js\ng\n```\n@ann #kitchen'),
  ).toBe('Plan\na b c\nd\n• e\n1. f\ng\n@ann #kitchen')
})

describe('finds the mentioned names', () => {
  test.each([
    ['@ann and **@bo**', ['ann', 'bo']],
    ['@ann.', ['ann.', 'ann']],
    ['> @ann said', ['ann']],
    ['- @ann', ['ann']],
    ['`@ann` and\n```\n@bo\n```', []],
    ['ann@example.org https://example.org/@bo', []],
    ['[@ann](https://example.org)', ['ann']],
    ['(@ann) "@bo" _@cy_', ['ann', 'bo', 'cy']],
    ['@@ann x@bo', []],
  ])('%j', (text, names) => {
    expect(mentionedNames(text)).toEqual(names)
  })
})

// Random texts

const markdownText = fc.string({
  unit: fc.constantFrom(
    '*', '**', '_', '~~', '`', '```', '[', ']', '(', ')', '](https://x.example)', '\\', '>', '> ', '- ', '1. ', '# ', '\n',
    '\n\n', ' ', 'a', 'B7', '字', '👩‍👩‍👧', '\u202e', '@ann', '#kitchen', 'https://x.example/', '!', '|', '<b>', '__proto__',
  ), // prettier-ignore
  maxLength: 80,
})

/** Letters, digits and other characters that are no markup, in order. Addresses are checked separately. */
function textContentOf(nodes: readonly Block[]): string {
  const textOf = (all: readonly Inline[]): string =>
    all
      .map((node) => {
        if (node.kind === 'text' || node.kind === 'code') return node.text
        if (node.kind === 'mention') return node.name
        if (node.kind === 'group') return node.name
        return node.kind === 'link' && !node.bare
          ? textOf(node.children) + node.address
          : textOf(node.children)
      })
      .join('')
  return nodes
    .map((each): string => {
      if (each.kind === 'text' || each.kind === 'heading') return textOf(each.children)
      if (each.kind === 'code') return (each.language ?? '') + each.text
      if (each.kind === 'quote') return textContentOf(each.children)
      return each.items.map(({ number, children }) => `${number ?? ''}${textContentOf(children)}`).join('')
    })
    .join('')
}
const significantText = (text: string) => text.replace(/[^\p{L}\p{N}\p{Extended_Pictographic}<|]/gu, '')

/** The number of occurrences of each character. */
function countCharacters(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1)
  return counts
}

test('no text is lost under any markup', () => {
  fc.assert(
    fc.property(fc.oneof(markdownText, fc.string({ unit: 'grapheme', maxLength: 200 })), (text) => {
      const shown = countCharacters(significantText(textContentOf(parseMarkdown(text))))
      const typed = countCharacters(significantText(text))
      // a link without a label shows its address twice, whatever markup surrounds it
      const most = countCharacters(
        significantText(text.replaceAll('](https://x.example)', 'https://x.examplehttps://x.example')),
      )
      for (const [char, count] of typed) expect(shown.get(char) ?? 0, char).toBeGreaterThanOrEqual(count)
      for (const [char, count] of shown) expect(most.get(char) ?? 0, char).toBeGreaterThanOrEqual(count)
    }),
    { numRuns: 3000, seed: 20261126 },
  )
})

function depthOf(nodes: readonly (Block | Inline)[]): number {
  let deepest = 0
  for (const node of nodes) {
    if ('children' in node) deepest = Math.max(deepest, 1 + depthOf(node.children))
    if (node.kind === 'list')
      for (const item of node.items) deepest = Math.max(deepest, 1 + depthOf(item.children))
  }
  return deepest
}

test('the depth of the tree is limited', () => {
  fc.assert(
    fc.property(markdownText, (text) => {
      expect(depthOf(parseMarkdown(text.repeat(20)))).toBeLessThan(40)
    }),
    { numRuns: 300 },
  )
})

test.each(hostileMarkdown)('$name is parsed in linear time with a limited depth', ({ text }) => {
  const meter = { steps: 0 }
  const blocks = parseMarkdown(text, meter)
  // up to 16 openers are open at once, and each character may be scanned for each of them
  expect(meter.steps).toBeLessThan(20 * text.length + 1000)
  expect(depthOf(blocks)).toBeLessThan(40)
  const twice = { steps: 0 }
  parseMarkdown(text + text, twice)
  expect(twice.steps).toBeLessThan(3 * meter.steps + 1000)
})

test('an address and a mark begin and end after the long vowel of Japanese words', () => {
  expect(parseMarkdown('サーバーhttps://x.example/a')).toMatchObject([
    { children: [{ text: 'サーバー' }, { kind: 'link', address: 'https://x.example/a' }] },
  ])
  expect(plainText('この**サーバー**ーは、ｻｰﾊﾞｰ**「太字」**です')).toBe('このサーバーーは、ｻｰﾊﾞｰ「太字」です')
})

describe('plain text', () => {
  const marked = (text: string, ...words: string[]) => {
    const ranges = words.map((word) => ({ start: text.indexOf(word), end: text.indexOf(word) + word.length }))
    const plain = plainTextWithRanges(text, ranges, (_sign, name) =>
      name === 'deniz' ? '@Deniz Y' : `@${name}`,
    )
    return [plain.text, ...plain.ranges.map(({ start, end }) => plain.text.slice(start, end))]
  }

  test.each([
    ['**Launch list** for it', ['Launch'], ['Launch list for it', 'Launch']],
    ['**Launch list** for it', ['list** for'], ['Launch list for it', 'list', ' for']],
    ['ask @deniz or @eve', ['deniz', 'eve'], ['ask @Deniz Y or @eve', '@Deniz Y', 'eve']],
    [
      '~~the logo~~\n```ts\nlaunch(boat)\n```\nlaunch',
      ['launch(boat)'],
      ['the logo\nlaunch(boat)\nlaunch', 'launch(boat)'],
    ],
    ['- one\n- *two* three', ['two* three'], ['• one\n• two three', 'two', ' three']],
    ['> quoted\n> `code` 船', ['code', '船'], ['quoted\ncode 船', 'code', '船']],
    ['[words](https://a.example/launch) then launch', ['a.example/launch'], ['words then launch']],
    ['as typed', [], ['as typed']],
  ])('%j keeps the places of %j', (text, words, expected) => {
    expect(marked(text, ...words)).toEqual(expected)
  })

  test('of the first characters of a text has no mark whose end was cut off', () => {
    const long = 'wood and more wood '.repeat(20)
    for (const mark of ['**', '*', '_', '~~', '`', '__']) {
      expect(plainPreview(`${mark}${long}`.slice(0, 200))).toBe(long.slice(0, 200 - mark.length).trimEnd())
    }
    expect(plainPreview('2 ** 3')).toBe('2 ** 3')
    expect(plainPreview(`2 ** 3 ${long}`.slice(0, 200))).toBe(`2 ** 3 ${long}`.slice(0, 200))
  })
})
