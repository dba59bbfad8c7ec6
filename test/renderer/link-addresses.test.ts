import { describe, expect, test } from 'vitest'
import { hrefOf, addressToReveal } from '../../renderer/messages/link-addresses.ts'
import { walkInlines, parseMarkdown } from '../../shared/text/markdown.ts'
import { plainText } from '../../shared/text/plain-text.ts'

const links = (text: string) =>
  [...walkInlines(parseMarkdown(text))].flatMap((node) =>
    node.kind === 'link' ? [hrefOf(node.address) ?? ''].filter(Boolean) : [],
  )

describe('links in a message', () => {
  test.each([
    ['see https://example.org/a?b=c#d.', ['https://example.org/a?b=c#d']],
    ['(https://example.org/a_(b))', ['https://example.org/a_(b)']],
    ['“http://example.org/”, he said', ['http://example.org/']],
    ['HTTPS://EXAMPLE.ORG!', ['https://example.org/']],
    ['mailto:ann@example.org and bo@example.org', ['mailto:ann@example.org', 'mailto:bo@example.org']],
    ['http://192.168.1.7:7788/chat/x', ['http://192.168.1.7:7788/chat/x']],
    ['www.example.org/a', ['https://www.example.org/a']],
    ['https://example.org/@ann/__init__.py', ['https://example.org/@ann/__init__.py']],
  ])('%s', (text, found) => {
    expect(links(text)).toEqual(found)
    expect(plainText(text)).toBe(text)
  })

  test.each([
    `${'javascript'}:alert(1)`,
    'data:text/html,<script>x</script>',
    'file:///etc/passwd and ftp://example.org',
    'https://',
    'http://[',
    'mailto:',
    '@ann said @bo',
    'vbscript:x https:/example.org',
    `[x](${'javascript'}:alert(1))`,
    '[x]( java\tscript:alert(1))',
    '[x](data:text/html;base64,PHN2Zz4=)',
    '[x](//example.org)',
  ])('%s contains no link', (text) => {
    expect(links(text)).toEqual([])
    expect(plainText(text)).toBe(text)
  })

  test.each(['a'.repeat(16_000) + ' @', 'a@'.repeat(8_000)])(
    'finds no link in text made to be slow',
    (text) => {
      expect(links(text)).toEqual([])
      expect(plainText(text)).toBe(text)
    },
  )
})

describe('the end of an address', () => {
  const addresses = (text: string) =>
    [...walkInlines(parseMarkdown(text))].flatMap((node) => (node.kind === 'link' ? [node.address] : []))
  const page = 'https://example.com/a'

  test.each([
    ['（', '）です'],
    ['「', '」と'],
    ['', '！'],
    ['', '。次の文'],
    ['', '、b'],
    ['', '؟ x'],
    ['', '۔'],
    ['', '।'],
    ['', '…'],
    ['', '’s'],
    ['', '—see'],
    ['', '｜x'],
    ['看', '，好'],
    ['(', ')です'],
    ["'", "'"],
    ['<', '>'],
    ['', ')b'],
    ['', '(b'],
    ['', '\u200Bb'],
    ['', '\u200D x'],
    ['', '\uFEFF'],
    ['', '\u2060b'],
    ['', '\u202Eb'],
    ['', '\u00ADb'],
    ['', '\u3164'],
  ])('is between %j and %j', (before, after) => {
    expect(addresses(before + page + after)).toEqual([page])
    expect(plainText(before + page + after)).toBe(before + page + after)
  })

  test.each([
    'https://docs.example/m.html#object.__init__',
    'https://example.com/*',
    'https://en.wikipedia.org/wiki/A_(b)',
    'https://ja.wikipedia.org/wiki/日本',
    'https://fa.wikipedia.org/wiki/می\u200Cخواهم',
    'https://x.example/👩‍💻/❤️',
    'https://x.example/?a[]=1&b={c}',
    'http://[::1]:8080/a',
    `https://example.com/${'a'.repeat(5_000)}`,
  ])('is the end of %s', (address) => {
    expect(addresses(`(see ${address}).`)).toEqual([address])
    expect(addresses(`[x](${address})`)).toEqual([address])
  })

  test.each([
    ['https://example.comです', ['https://example.com']],
    ['https://a.example,https://b.example', ['https://a.example', 'https://b.example']],
    ['_https://example.com/a_', ['https://example.com/a']],
    ['**see https://example.com/a_b_.**', ['https://example.com/a_b_']],
    ['{"url":"https://x.example/{id}"}', ['https://x.example/{id}']],
    ['请联系ann@example.com谢谢', ['ann@example.com']],
    ['ann@163.com, user@例え.テスト', ['ann@163.com', 'user@例え.テスト']],
    ['npm i lit@3.2.1 react@18.2.0-rc.1 foo@1.2.x vue@next', []],
    ['git clone git@github.com:a/b.git', []],
  ])('%s', (text, found) => {
    expect(addresses(text)).toEqual(found)
  })
})

test.each(['mailto://x.example', '//\u2066', 'mailto:'])('%j opens nothing', (address) => {
  expect(hrefOf(address)).toBeUndefined()
})

test.each([
  // label, address, the address shown next to it
  ['the minutes', 'https://example.org/minutes', undefined],
  ['example.org', 'https://example.org/minutes', undefined],
  ['https://www.example.org/x', 'https://example.org/x', undefined],
  ['example.org', 'https://evil.example/', 'evil.example'],
  ['https://bank.example/login', 'https://bank.example.evil.test/', 'bank.example.evil.test'],
  ['bank.example', 'https://bank.example@evil.test/', 'evil.test'],
  ['ann@example.org', 'mailto:eve@evil.test', 'eve@evil.test'],
  ['ann@example.org', 'mailto:ann@example.org', undefined],
  ['example.org', 'mailto:ann@example.org', undefined],
  ['https://раура1.com/', 'https://раура1.com/', 'xn--1-7sba6dbr.com'],
  ['https://аpple.com', 'https://аpple.com', 'xn--pple-43d.com'],
  ['https://müller.example', 'https://müller.example', undefined],
  ['https://пример.example', 'https://пример.example', undefined],
  ['https://例え.テスト', 'https://例え.テスト', undefined],
  ['harm\u202Egro.elpmaxe', 'https://evil.test/', 'evil.test'],
])('a link labelled %s to %s reveals %s', (words, address, shown) => {
  expect(addressToReveal(words, hrefOf(address) as string)).toBe(shown)
})
