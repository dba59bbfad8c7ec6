import { expect, test } from 'vitest'
import { EmojiSet, hasShortcode, withTone } from '../../renderer/emoji/emoji.ts'
import { emojiTable } from '../../scripts/emoji-table.ts'
import { isOnlyEmoji } from '../../renderer/messages/text-utils.ts'

const set = new EmojiSet(emojiTable('en'))

test('the table has every emoji of the standard once, with a name', () => {
  expect(set.all.length).toBeGreaterThan(1800)
  expect(new Set(set.all.map(({ emoji }) => emoji)).size).toBe(set.all.length)
  expect(set.all.every(({ emoji, name }) => emoji !== '' && name !== '')).toBe(true)
  expect(set.all.filter(({ tones }) => tones.length === 5).length).toBeGreaterThan(250)
})

test.each([
  ['tada', '🎉'],
  ['thumbs up', '👍'],
  ['+1', '👍'],
  ['joy', '😂'],
  ['PIZZA', '🍕'],
  ['germany', '🇩🇪'],
  ['red heart', '❤️'],
])('searching for %s finds %s first', (query, emoji) => {
  expect(set.search(query)[0]?.emoji).toBe(emoji)
})

test('a search finds synonyms and returns nothing for nonsense', () => {
  expect(set.search('celebrate').map(({ emoji }) => emoji)).toContain('🎉')
  expect(set.search('qqxx')).toEqual([])
  expect(set.search('  ')).toEqual([])
})

test.each([
  [':tada:', '🎉'],
  ['well :+1: and :Heart:', 'well 👍 and ❤️'],
  [':nothing_like_it: 10:30:45 ::', ':nothing_like_it: 10:30:45 ::'],
  ['`:tada:` :tada:', '`:tada:` 🎉'],
  ['```\n:tada:\n```\n:tada:', '```\n:tada:\n```\n🎉'],
  ['**:tada:** (:tada:) “:tada:” :tada:! 好:tada:。', '**🎉** (🎉) “🎉” 🎉! 好🎉。'],
  [
    '> :tada:\n- :tada: [:tada: day](https://x.example/:tada:)',
    '> 🎉\n- 🎉 [🎉 day](https://x.example/:tada:)',
  ],
])('replaceShortcodes turns %j into %j', (typed, sent) => {
  expect(set.replaceShortcodes(typed)).toBe(sent)
})

test.each([
  'https://x.example/:tada:',
  'https://example.com/users/:id:/posts and www.x.example/:id:',
  'GET /users/:id:/posts, ../:id: and C:\\:id:\\x and ~/:heart:',
  'example.com/:id: ?a=:id: #:id: @:id: :id:=1 :id:/x',
  'std::heart::x ::heart: a:heart:b 10:100:5 [[:x:]]',
  '```\n:tada:\n``` ',
  '~~~\n:tada:\n~~~',
  '> ```\n> :tada:\n> ```',
  '``a ` :tada:``',
  '#[:tada:]',
])('replaceShortcodes leaves %j as typed', (typed) => {
  expect(set.replaceShortcodes(typed)).toBe(typed)
})

test('a skin tone applies only to emoji that have tones', () => {
  const wave = set.byCode('wave')
  expect(wave && withTone(wave, 3)).toBe('👋🏽')
  expect(set.replaceShortcodes(':wave: :tada:', 5)).toBe('👋🏿 🎉')
  expect(set.byEmoji('👋🏿')).toBe(wave)
})

test('every emoji on its own is shown large', () => {
  const small = set.all.filter(({ emoji }) => !isOnlyEmoji(emoji)).map(({ emoji }) => emoji)
  expect(small).toEqual([])
})

test('hasShortcode recognises a shortcode before the table is loaded', () => {
  expect(hasShortcode('so :tada: !')).toBe(true)
  expect(hasShortcode('10:30:45')).toBe(false)
  expect(hasShortcode('well, so :tada:')).toBe(true)
  expect(set.replaceShortcodes(':tada: x')).toBe('🎉 x')
})
