import { expect, test } from 'vitest'
import { cleanPaste, isLong, isOnlyEmoji } from '../../renderer/messages/text-utils.ts'

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
