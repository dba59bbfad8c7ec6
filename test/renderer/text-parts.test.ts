import { describe, expect, test } from 'vitest'
import { cleanPaste, isLong, isOnlyEmoji, textParts } from '../../renderer/messages/text-parts.ts'

const links = (text: string) => textParts(text).flatMap((part) => ('href' in part ? [part.href] : []))
const whole = (text: string) =>
  textParts(text)
    .map((part) => part.text)
    .join('')

describe('links in a message', () => {
  test.each([
    ['see https://example.org/a?b=c#d.', ['https://example.org/a?b=c#d']],
    ['(https://example.org/a_(b))', ['https://example.org/a_(b)']],
    ['“http://example.org/”, he said', ['http://example.org/']],
    ['HTTPS://EXAMPLE.ORG!', ['https://example.org/']],
    ['mailto:ann@example.org and bo@example.org', ['mailto:ann@example.org', 'mailto:bo@example.org']],
    ['http://192.168.1.7:7788/chat/x', ['http://192.168.1.7:7788/chat/x']],
  ])('%s', (text, found) => {
    expect(links(text)).toEqual(found)
    expect(whole(text)).toBe(text)
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
  ])('%s has none', (text) => {
    expect(links(text)).toEqual([])
    expect(whole(text)).toBe(text)
  })

  test.each(['a'.repeat(16_000) + ' @', 'a@'.repeat(8_000), `https://a.example/${')'.repeat(16_000)}`])(
    'text made to be slow is not',
    (text) => {
      expect(links(text)).toEqual([])
      expect(whole(text)).toBe(text)
    },
  )
})

test.each(['👍', '👩‍👩‍👧', '🇩🇪', '1️⃣', '🎉 🎉 🎉', '❤️', '☝🏽', '❤️‍🔥'])('%s alone is shown larger', (text) => {
  expect(isOnlyEmoji(text)).toBe(true)
})
test.each(['ok 👍', '1', '#', '', '©', '👍👍👍👍', 'да', '明日'])('%j is text', (text) => {
  expect(isOnlyEmoji(text)).toBe(false)
})

test('many lines or very many characters are folded', () => {
  expect(isLong('line\n'.repeat(10))).toBe(false)
  expect(isLong('line\n'.repeat(30))).toBe(true)
  expect(isLong('x'.repeat(1000))).toBe(false)
  expect(isLong('x'.repeat(2000))).toBe(true)
})

test('what is pasted has one kind of line break, no controls and no halves of characters', () => {
  expect(cleanPaste('a\r\nb\rc\u2028d\u0000\u001b[31m\te\ud800')).toBe('a\nb\nc\nd[31m\te\ufffd')
})
