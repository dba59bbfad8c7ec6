import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { htmlToMarkdown } from '../../renderer/messages/rich-paste.ts'
import { parseMarkdown } from '../../shared/text/markdown.ts'
import { plainText } from '../../shared/text/plain-text.ts'
import { clipboardSnippets } from '../support/clipboard-snippets.ts'

test.each([
  ['<b>bold</b> and <i>slanted</i>, <del>gone</del>', '**bold** and *slanted*, ~~gone~~'],
  ['<p>One</p><p>Two<br>three</p>', 'One\n\nTwo\nthree'],
  ['<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>', '- a\n  - b\n- c'],
  ['<ol start="3"><li>a</li><li>b</li></ol>', '3. a\n4. b'],
  ['<blockquote><p>said</p></blockquote><p>so</p>', '> said\n\nso'],
  ['<pre><code class="language-js">let a\n  b</code></pre>', '```js\nlet a\n  b\n```'],
  ['<h1>Plan</h1><p>x</p>', '# Plan\n\nx'],
  ['<a href="https://example.org/a">the list</a>', '[the list](https://example.org/a)'],
  ['<a href="https://example.org/a">https://example.org/a</a>', 'https://example.org/a'],
  [`<a href="${'javascript'}:alert(1)">press</a>`, 'press'],
  ['<img src="x" alt="a cat" onerror="x()">seen<script>alert(1)</script><style>b{}</style>', 'seen'],
  ['<b style="font-weight:normal"><span>Google <b>Docs</b></span></b>', 'Google **Docs**'],
  ['<strong> padded </strong>text', '**padded** text'],
  ['<p>2 * 3 * 4 and snake_case and *stars*</p>', '2 * 3 * 4 and snake_case and \\*stars\\*'],
  ['<p>1986. A year</p>', '1986. A year'],
  ['<code>a`b</code>', '`` a`b ``'],
  ['<table><tr><td>a</td><td>b</td></tr></table>', 'a | b'],
  // found by `npm run campaign -- fuzz --only paste`
  ['<table><tr><script>x()</script><td>a</td></tr></table>', 'a'],
  ['<ul>a<li>b</li><li hidden>c</li>d</ul>', '- a\n- b\n  d'],
])('%s', (html, markdown) => {
  expect(htmlToMarkdown(html)).toBe(markdown)
})

test('the converted Markdown parses back to the pasted text', () => {
  const markdown = htmlToMarkdown('<p><b>a_b</b> * [x] &lt;b&gt; `c`</p><ul><li>- d</li></ul>')
  expect(plainText(markdown)).toBe('a_b * [x] <b> `c`\n• - d')
  expect(parseMarkdown(markdown).map(({ kind }) => kind)).toEqual(['text', 'list'])
})

/** The lines of a text, without empty ones and without the spaces at their ends. */
const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n')
    .trimStart()

describe('what is pasted, sent and copied again is the same text', () => {
  test.each(clipboardSnippets.map(({ source, html, text }) => [source, text, html] as const))(
    'from %s: %j',
    (_, text, html) => {
      expect(linesOf(plainText(htmlToMarkdown(html)))).toBe(linesOf(text))
    },
  )

  test('a corpus of at least sixty snippets', () => {
    expect(clipboardSnippets.length).toBeGreaterThanOrEqual(60)
  })

  const words = fc
    .array(
      fc.constantFrom(
        '*', '**', '_', '__init__', '~~', '`', '``', '[', ']', '](https://x.example)', '\\', '\\*', 'C:\\temp\\*.*', '>', '-', '1.', '#', 'a', 'B7',
        '字', 'é', '👩‍💻', 'שלום', '@ann', '#kitchen', 'https://x.example/a_b_', '$_GET', '|', '<b>', '&amp;', 'snake_case', '2*3*4', ' ', ' ',
      ),
      { minLength: 1, maxLength: 14 },
    )
    .map((parts) => parts.join('').replace(/ +/g, ' ').trim())
    .filter((text) => text !== '') // prettier-ignore
  const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const shapes: ((a: string, b: string) => [html: string, text: string])[] = [
    (a, b) => [`<p>${a} <b>bold</b> ${b}</p>`, `${a} bold ${b}`],
    (a, b) => [`<p>${a} <b>${b}</b></p>`, `${a} ${b}`],
    (a, b) => [`<div>${a}</div><div><i>${b}</i></div>`, `${a}\n${b}`],
    (a, b) => [`<ul><li>${a}</li><li><s>x</s> ${b}</li></ul>`, `• ${a}\n• x ${b}`],
    (a, b) => [`<blockquote>${a}</blockquote><code>x</code> ${b}`, `${a}\nx ${b}`],
    (a, b) => [`<h2>${a}</h2><a href="https://y.example/">${b}</a>`, `${a}\n${b}`],
    (a, b) => [`<b>${a}</b><i>${b}</i>`, a + b],
  ]

  test('for random words in every shape', () => {
    fc.assert(
      fc.property(words, words, fc.constantFrom(...shapes), (a, b, shape) => {
        const [html] = shape(escapeHtml(a), escapeHtml(b))
        const [, text] = shape(a, b)
        expect(linesOf(plainText(htmlToMarkdown(html)))).toBe(linesOf(text))
      }),
      { numRuns: 2000, seed: 20261129 },
    )
  })
})

test('a format stays where the text allows it', () => {
  expect(htmlToMarkdown('<p>call __init__ now <b>bold</b></p>')).toBe('call __init__ now **bold**')
  expect(htmlToMarkdown('<span>$_GET</span> <i>in</i> PHP')).toBe('$_GET *in* PHP')
  expect(htmlToMarkdown('<b>2 * 3</b> and *x* <i>y</i>')).toBe('**2 * 3** and \\*x\\* *y*')
  expect(htmlToMarkdown('<pre>word</pre>')).toBe('`word`')
})

test.each(['```', '```js', '~~~', '  ````', 'words<br>```'])(
  'a fence that is text, as %s, opens nothing',
  (fence) => {
    const rest = '<p>---</p><p>end <b>here</b></p>'
    const shown = plainText(htmlToMarkdown(`<p>${fence}</p>${rest}`))
    expect(
      shown
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    ).toEqual([...fence.trim().split('<br>'), '---', 'end here'])
  },
)

test('the work grows with the paste', () => {
  const count = (lines: number) => {
    const meter = { steps: 0 }
    parseMarkdown(htmlToMarkdown(`<ul>${'<li>a <b>b_c</b> *d*</li>'.repeat(lines)}</ul>`), meter)
    return meter.steps
  }
  expect(count(2000)).toBeLessThan(2.2 * count(1000))
})

// Found by `npm run campaign -- fuzz --only paste --seed 4015`.
test.each([
  ['lists', (n: number) => '<ol>- '.repeat(n)],
  ['quotes', (n: number) => '<blockquote>> '.repeat(n)],
  [
    'the lists of Word',
    (n: number) =>
      Array.from(
        { length: n },
        (_, at) =>
          `<p style="mso-list:l0 level${at + 1} lfo1"><span style="mso-list:Ignore">1.</span>word</p>`,
      ).join(''),
  ],
])('the Markdown of deeply nested %s is not much longer than the HTML', (_, nest) => {
  const html = nest(600)
  expect(htmlToMarkdown(html).length).toBeLessThan(5 * html.length)
})
