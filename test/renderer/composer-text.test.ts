import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expandCommand } from '../../renderer/messages/slash-commands.ts'
import { autocompleteQueryAt, rankName } from '../../renderer/messages/autocomplete.ts'
import {
  isInCode,
  isInFence,
  insertLink,
  toggleLineFormat,
  continueList,
  toggleMark,
  toggleCode,
  type TextEdit,
  type EditorState,
} from '../../renderer/messages/markdown-editing.ts'
import { plainText } from '../../shared/text/markdown.ts'

/** `a‹b›c`: b is selected. `a‸b`: the caret is after a. */
function parseSelection(drawn: string): EditorState {
  const text = drawn.replace(/[‹›‸]/g, '')
  const from = drawn.search(/[‹‸]/)
  const to = drawn.includes('‸') ? from : drawn.indexOf('›') - 1
  return { text, from, to }
}
function applyChange(before: EditorState, change: TextEdit | undefined): string | undefined {
  if (!change) return undefined
  const text = before.text.slice(0, change.from) + change.insert + before.text.slice(change.to)
  const [from, to] = change.select
  return from === to
    ? `${text.slice(0, from)}‸${text.slice(from)}`
    : `${text.slice(0, from)}‹${text.slice(from, to)}›${text.slice(to)}`
}
const applyEdit = (act: (it: EditorState) => TextEdit | undefined, drawn: string) =>
  applyChange(parseSelection(drawn), act(parseSelection(drawn)))

describe('toggleMark wraps the selection in a mark and unwraps it', () => {
  test.each([
    ['**', 'a ‹b› c', 'a **‹b›** c'],
    ['**', 'a **‹b›** c', 'a ‹b› c'],
    ['**', 'a ‹**b**› c', 'a ‹b› c'],
    ['*', 'a **‹b›** c', 'a ***‹b›*** c'],
    ['*', 'a ***‹b›*** c', 'a **‹b›** c'],
    ['*', '‹ b › c', ' *‹b›*  c'],
    ['**', 'a ‸', 'a **‸**'],
    ['**', 'a **‸**', 'a ‸'],
    ['~~', '‹b›', '~~‹b›~~'],
    ['_', '‹two words›', '_‹two words›_'],
  ])('%s: %s', (mark, before, expected) => {
    expect(applyEdit((it) => toggleMark(it, mark), before)).toBe(expected)
  })

  test('wrapping and unwrapping restores the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.constantFrom('**', '~~', '`'),
        (text, mark) => {
          fc.pre(text.trim() === text && !/[*~`]/.test(text))
          const first = toggleMark({ text, from: 0, to: text.length }, mark)
          const marked = first.insert
          const [from, to] = first.select
          expect(toggleMark({ text: marked, from, to }, mark).insert).toBe(text)
        },
      ),
    )
  })

  test('toggleCode turns several lines into a code block', () => {
    expect(applyEdit(toggleCode, 'a ‹b\nc› d')).toBe('a \n```\n‹b\nc›\n```\n d')
  })
})

test('insertLink uses the selection as label or puts the caret into the address', () => {
  expect(applyEdit(insertLink, 'see ‹this› now')).toBe('see [this](‹https://›) now')
  expect(applyEdit((it) => insertLink(it, 'https://x.example'), 'see ‹this›')).toBe(
    'see [this](https://x.example)‸',
  )
})

describe('lists and quotes', () => {
  test.each([
    ['quote', 'a\n‹b\nc›', 'a\n‹> b\n> c›'],
    ['quote', '‹> b\n> c›', '‹b\nc›'],
    ['bullets', 'a‸', '- a‸'],
    ['bullets', '‹1. a\n2. b›', '‹- a\n- b›'],
    ['numbers', '‹a\nb›', '‹1. a\n2. b›'],
  ] as const)('%s: %s', (kind, before, expected) => {
    expect(applyEdit((it) => toggleLineFormat(it, kind), before)).toBe(expected)
  })

  test.each([
    ['- a‸', '- a\n- ‸'],
    ['  * a‸ b', '  * a\n  * ‸ b'],
    ['9. a‸', '9. a\n10. ‸'],
    ['> a‸', '> a\n> ‸'],
    ['- a\n- ‸', '- a\n‸'],
    ['plain‸', undefined],
    ['```\n- a‸', undefined],
  ])('continues the list or quote after %s', (before, expected) => {
    expect(applyEdit(continueList, before)).toBe(expected)
  })
})

test.each([
  ['```js\nlet a‸', true],
  ['```‸', true],
  ['```\na\n```‸', false],
  ['```\na```\n‸', false],
  ['~~~\n```\n‸', true],
  ['a ```‸', false],
])('isInFence at %s is %s', (drawn, expected) => {
  const { text, from } = parseSelection(drawn)
  expect(isInFence(text, from)).toBe(expected)
})

test('isInCode is true between backticks and false after them', () => {
  expect(isInCode('a `b', 4)).toBe(true)
  expect(isInCode('a `b` c', 7)).toBe(false)
})

describe('autocompleteQueryAt', () => {
  test.each([
    ['@‸', 'user', ''],
    ['hi @an‸', 'user', 'an'],
    ['(@Zoë‸', 'user', 'Zoë'],
    ['in #kit‸ now', 'group', 'kit'],
    ['so :tad‸', 'emoji', 'tad'],
    ['/shr‸', 'command', 'shr'],
  ])('%s', (drawn, kind, term) => {
    const { text, from } = parseSelection(drawn)
    expect(autocompleteQueryAt(text, from)).toMatchObject({ kind, term })
  })

  test.each([
    'ann@ex‸', 'a :t‸', '10:30‸', 'https://x‸', '`@an‸', '```\n@an‸', 'a /shr‸', 'x#kit‸', ':)‸', '@ann ‸', '::‸',
  ])('returns nothing at %s', (drawn) => {
    const { text, from } = parseSelection(drawn)
    expect(autocompleteQueryAt(text, from)).toBeUndefined()
  }) // prettier-ignore

  test('ranking ignores accents and case and prefers the beginning of a name', () => {
    expect(rankName('zoe', 'Zoë O’Neill')).toBe(3)
    expect(rankName('ONEILL', 'Zoë ONeill')).toBe(2)
    expect(rankName('eill', 'Zoë ONeill')).toBe(1)
    expect(rankName('ann', 'Zoë')).toBe(0)
  })
})

describe('expandCommand', () => {
  test.each([
    ['/me waves', '_waves_'],
    ['/shrug', '¯\\_(ツ)_/¯'],
    ['/shrug who knows', 'who knows ¯\\_(ツ)_/¯'],
    ['//shrug', '/shrug'],
    ['/etc/hosts is a file', '/etc/hosts is a file'],
    ['/nothing known', '/nothing known'],
    ['say /shrug', 'say /shrug'],
  ])('%s', (typed, sent) => {
    expect(expandCommand(typed)).toBe(sent)
  })

  test('the text of a command is not parsed as formatting', () => {
    for (const name of ['shrug', 'tableflip', 'unflip', 'lenny', 'disapprove']) {
      const face = expandCommand(`/${name} well`)
      expect(plainText(face)).toBe(face)
    }
  })
})
