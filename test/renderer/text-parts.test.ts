import { expect, test } from 'vitest'
import { cleanPaste, isLong, isOnlyEmoji } from '../../renderer/messages/text-utils.ts'

test.each(['👍', '👩‍👩‍👧', '🇩🇪', '1️⃣', '🎉 🎉 🎉', '❤️', '☝🏽', '❤️‍🔥'])('%s alone is shown large', (text) => {
  expect(isOnlyEmoji(text)).toBe(true)
})
test.each(['ok 👍', '1', '#', '', '©', '👍👍👍👍', 'да', '明日'])('%j is shown as text', (text) => {
  expect(isOnlyEmoji(text)).toBe(false)
})

test('long messages are folded by lines or characters', () => {
  expect(isLong('line\n'.repeat(10))).toBe(false)
  expect(isLong('line\n'.repeat(30))).toBe(true)
  expect(isLong('x'.repeat(1000))).toBe(false)
  expect(isLong('x'.repeat(2000))).toBe(true)
})

test('pasted text gets one kind of line break and loses control characters and lone surrogates', () => {
  expect(cleanPaste('a\r\nb\rc\u2028d\u0000\u001b[31m\te\ud800')).toBe('a\nb\nc\nd[31m\te\ufffd')
})
