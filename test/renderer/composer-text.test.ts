import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withCommand } from '../../renderer/messages/commands.ts'
import { askedAt, nameRank } from '../../renderer/messages/completion.ts'
import {
  isInCode,
  isInFence,
  makeLink,
  markLines,
  newLine,
  wrap,
  wrapCode,
  type Change,
  type Written,
} from '../../renderer/messages/editing.ts'
import { plainText } from '../../shared/text/markdown.ts'

/** `a‹b›c`: b is selected; `a‸b`: the caret. */
function written(drawn: string): Written {
  const text = drawn.replace(/[‹›‸]/g, '')
  const from = drawn.search(/[‹‸]/)
  const to = drawn.includes('‸') ? from : drawn.indexOf('›') - 1
  return { text, from, to }
}
function after(before: Written, change: Change | undefined): string | undefined {
  if (!change) return undefined
  const text = before.text.slice(0, change.from) + change.insert + before.text.slice(change.to)
  const [from, to] = change.select
  return from === to
    ? `${text.slice(0, from)}‸${text.slice(from)}`
    : `${text.slice(0, from)}‹${text.slice(from, to)}›${text.slice(to)}`
}
const does = (act: (it: Written) => Change | undefined, drawn: string) =>
  after(written(drawn), act(written(drawn)))

describe('marks go around what is selected, and away again', () => {
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
    expect(does((it) => wrap(it, mark), before)).toBe(expected)
  })

  test('what was wrapped and unwrapped is as it was', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.constantFrom('**', '~~', '`'),
        (text, mark) => {
          fc.pre(text.trim() === text && !/[*~`]/.test(text))
          const first = wrap({ text, from: 0, to: text.length }, mark)
          const marked = first.insert
          const [from, to] = first.select
          expect(wrap({ text: marked, from, to }, mark).insert).toBe(text)
        },
      ),
    )
  })

  test('several lines of code become a block', () => {
    expect(does(wrapCode, 'a ‹b\nc› d')).toBe('a \n```\n‹b\nc›\n```\n d')
  })
})

test('a selection becomes the words of a link', () => {
  expect(does(makeLink, 'see ‹this› now')).toBe('see [this](‹https://›) now')
  expect(does((it) => makeLink(it, 'https://x.example'), 'see ‹this›')).toBe('see [this](https://x.example)‸')
})

describe('lines', () => {
  test.each([
    ['quote', 'a\n‹b\nc›', 'a\n‹> b\n> c›'],
    ['quote', '‹> b\n> c›', '‹b\nc›'],
    ['bullets', 'a‸', '- a‸'],
    ['bullets', '‹1. a\n2. b›', '‹- a\n- b›'],
    ['numbers', '‹a\nb›', '‹1. a\n2. b›'],
  ] as const)('%s: %s', (kind, before, expected) => {
    expect(does((it) => markLines(it, kind), before)).toBe(expected)
  })

  test.each([
    ['- a‸', '- a\n- ‸'],
    ['  * a‸ b', '  * a\n  * ‸ b'],
    ['9. a‸', '9. a\n10. ‸'],
    ['> a‸', '> a\n> ‸'],
    ['- a\n- ‸', '- a\n‸'],
    ['plain‸', undefined],
    ['```\n- a‸', undefined],
  ])('a new line after %s', (before, expected) => {
    expect(does(newLine, before)).toBe(expected)
  })
})

test.each([
  ['```js\nlet a‸', true],
  ['```‸', true],
  ['```\na\n```‸', false],
  ['```\na```\n‸', false],
  ['~~~\n```\n‸', true],
  ['a ```‸', false],
])('code is being written at %s: %s', (drawn, expected) => {
  const { text, from } = written(drawn)
  expect(isInFence(text, from)).toBe(expected)
})

test('between backticks is code as well', () => {
  expect(isInCode('a `b', 4)).toBe(true)
  expect(isInCode('a `b` c', 7)).toBe(false)
})

describe('what is asked for while typing', () => {
  test.each([
    ['@‸', 'person', ''],
    ['hi @an‸', 'person', 'an'],
    ['(@Zoë‸', 'person', 'Zoë'],
    ['in #kit‸ now', 'group', 'kit'],
    ['so :tad‸', 'emoji', 'tad'],
    ['/shr‸', 'command', 'shr'],
  ])('%s', (drawn, kind, query) => {
    const { text, from } = written(drawn)
    expect(askedAt(text, from)).toMatchObject({ kind, query })
  })

  test.each([
    'ann@ex‸', 'a :t‸', '10:30‸', 'https://x‸', '`@an‸', '```\n@an‸', 'a /shr‸', 'x#kit‸', ':)‸', '@ann ‸', '::‸',
  ])('%s is nothing', (drawn) => {
    const { text, from } = written(drawn)
    expect(askedAt(text, from)).toBeUndefined()
  }) // prettier-ignore

  test('accents and case do not count, and the beginning counts most', () => {
    expect(nameRank('zoe', 'Zoë O’Neill')).toBe(3)
    expect(nameRank('ONEILL', 'Zoë ONeill')).toBe(2)
    expect(nameRank('eill', 'Zoë ONeill')).toBe(1)
    expect(nameRank('ann', 'Zoë')).toBe(0)
  })
})

describe('commands', () => {
  test.each([
    ['/me waves', '_waves_'],
    ['/shrug', '¯\\_(ツ)_/¯'],
    ['/shrug who knows', 'who knows ¯\\_(ツ)_/¯'],
    ['//shrug', '/shrug'],
    ['/etc/hosts is a file', '/etc/hosts is a file'],
    ['/nothing known', '/nothing known'],
    ['say /shrug', 'say /shrug'],
  ])('%s', (typed, sent) => {
    expect(withCommand(typed)).toBe(sent)
  })

  test('no face is taken for marks', () => {
    for (const name of ['shrug', 'tableflip', 'unflip', 'lenny', 'disapprove']) {
      const face = withCommand(`/${name} well`)
      expect(plainText(face)).toBe(face)
    }
  })
})
