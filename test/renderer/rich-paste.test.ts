import { expect, test } from 'vitest'
import { htmlToMarkdown } from '../../renderer/messages/rich-paste.ts'
import { parseMarkdown, plainText } from '../../shared/text/markdown.ts'

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
])('%s', (html, markdown) => {
  expect(htmlToMarkdown(html)).toBe(markdown)
})

test('the converted Markdown parses back to the pasted text', () => {
  const markdown = htmlToMarkdown('<p><b>a_b</b> * [x] &lt;b&gt; `c`</p><ul><li>- d</li></ul>')
  expect(plainText(markdown)).toBe('a_b * [x] <b> `c`\n• - d')
  expect(parseMarkdown(markdown).map(({ kind }) => kind)).toEqual(['text', 'list'])
})
