import { hrefOf } from '../../../renderer/messages/link-addresses.ts'
import { htmlToMarkdown } from '../../../renderer/messages/rich-paste.ts'
import { parseMarkdown, walkInlines } from '../../../shared/text/markdown.ts'
import { plainText } from '../../../shared/text/plain-text.ts'
import type { Random } from '../../../test/simulation/random.ts'
import { clipboardSnippets } from '../../../test/support/clipboard-snippets.ts'
import { pick, Texts } from '../bend.ts'
import { type Target, firstProblem } from '../target.ts'

/*
 * Copied HTML: the Markdown that is made of it shows each word of the HTML, nothing of scripts and styles, and has no link but to web
 * and mail. Its size grows with that of the HTML.
 */

const elements = [
  'p',
  'b',
  'i',
  'del',
  'code',
  'pre',
  'blockquote',
  'ul',
  'ol',
  'li',
  'h1',
  'h4',
  'a',
  'span',
  'div',
  'table',
  'tr',
  'td',
  'br',
]
const attributes = [
  '',
  ' href="https://x.example/a"',
  ' href="javascript:x()"',
  ' style="font-weight:700"',
  ' class="language-ts"',
  ' start="7"',
]
const marks = [
  '*',
  '_',
  '`',
  '[',
  '](',
  '\\',
  '> ',
  '- ',
  '1. ',
  '# ',
  '~~',
  '@ann',
  'https://y.example',
  '&amp;',
  '\n',
  ' ',
]
const raw = new Texts(
  [
    ...elements.flatMap((name) => [`<${name}>`, `</${name}>`]),
    ...marks,
    '<script>hidden</script>',
    '<!--',
    '-->',
    '<',
    '>',
    '"',
    '&#0;',
    'plain',
  ],
  clipboardSnippets.map(({ html }) => html),
)
const maxDepth = 6

interface Pasted {
  html: string
  /** Its elements are closed and within each other, so each word of it is shown. */
  isWhole: boolean
}

export function openPasteTarget(): Target<Pasted> {
  const subject = { convert: htmlToMarkdown }
  return {
    inputsPerRound: 1_000,
    make: (random) =>
      random.chance(0.3)
        ? { html: raw.make(random, 16, 4_000), isWhole: false }
        : { html: makeElement(random, 0), isWhole: true },
    check: ({ html, isWhole }) => checkHtml(html, isWhole, subject.convert),
    faults: {
      'kept-script': () => {
        subject.convert = (html) => htmlToMarkdown(html.replaceAll(/<\/?script>/g, ''))
      },
    },
  }
}

function makeElement(random: Random, depth: number): string {
  if (depth >= maxDepth || random.chance(0.35)) return `word${random.below(100)}${pick(random, marks)}`
  const name = pick(random, elements)
  const children = Array.from({ length: random.below(4) }, () => makeElement(random, depth + 1)).join('')
  const hidden = random.chance(0.1) ? '<script>hidden</script><style>hidden</style>' : ''
  return `<${name}${pick(random, attributes)}>${children}${hidden}</${name}>`
}

function checkHtml(html: string, isWhole: boolean, convert: typeof htmlToMarkdown): string | undefined {
  const markdown = convert(html)
  const links = [...walkInlines(parseMarkdown(markdown))].filter((node) => node.kind === 'link')
  const problem = firstProblem(
    [markdown.length <= 40 * html.length + 40, `${markdown.length} characters`],
    [
      links.every(
        ({ address }) => /^(?:https?:|mailto:|www\.)|@/i.test(address) || hrefOf(address) === undefined,
      ),
      'a link elsewhere',
    ],
  )
  return problem ?? (isWhole ? checkWords(html, plainText(markdown)) : undefined)
}

function checkWords(html: string, shown: string): string | undefined {
  const typed = Map.groupBy(html.match(/word\d+/g) ?? [], (word) => word)
  const found = Map.groupBy(shown.match(/word\d+/g) ?? [], (word) => word)
  const lost = [...typed].find(([word, all]) => (found.get(word)?.length ?? 0) < all.length)
  return firstProblem(
    [!shown.includes('hidden'), 'the text of a script'],
    [lost === undefined, `a lost word: ${lost?.[0]} of ${JSON.stringify(shown)}`],
  )
}
