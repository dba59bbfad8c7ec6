import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { replaceEmojiNames, trimOutgoing } from '../../renderer/messages/outgoing-text.ts'
import { planPaste } from '../../renderer/messages/composer-paste.ts'
import { dateOfCommand, expandCommand, unknownCommand } from '../../renderer/messages/slash-commands.ts'
import { autocompleteQueryAt } from '../../renderer/messages/autocomplete.ts'
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
import { plainText } from '../../shared/text/plain-text.ts'

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

test('an address pasted over words makes a link only of words that can be one', () => {
  const paste = (text: string) =>
    planPaste({ text, from: 0, to: text.length }, { plain: 'https://x.example', rich: '', onlyWords: false })
  for (const text of ['words', 'two\nlines', 'a[0]', '`a]`', '**bold**', 'C:\\temp'])
    expect(paste(text)).toMatchObject({ edit: { insert: `[${text}](https://x.example)` } })
  for (const text of ['  ', 'a\n\nb', '- a\n- b', 'a]b', 'a[', 'C:\\temp\\', 'old@x.example'])
    expect(paste(text)).toMatchObject({ edit: { insert: 'https://x.example' } })
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
    'https://x/@an‸', 'GET /users/:id‸', 'https://x/:id‸', 'www.x.example/:id‸', 'C:\\:id‸', '\\@an‸',
    'ann@ex‸', 'a :t‸', '10:30‸', 'https://x‸', '`@an‸', '```\n@an‸', 'a /shr‸', 'x#kit‸', ':)‸', '@ann ‸', '::‸',
  ])('returns nothing at %s', (drawn) => {
    const { text, from } = parseSelection(drawn)
    expect(autocompleteQueryAt(text, from)).toBeUndefined()
  }) // prettier-ignore
})

describe('expandCommand', () => {
  test.each([
    ['/me waves', '_waves_'],
    ['/shrug', '¯\\_(ツ)_/¯'],
    ['/shrug who knows', 'who knows ¯\\_(ツ)_/¯'],
    ['/Shrug', '¯\\_(ツ)_/¯'],
    ['//shrug', '//shrug'],
    ['//nas/projects/boat', '//nas/projects/boat'],
    ['// TODO', '// TODO'],
    [' /shrug', ' /shrug'],
    ['/etc/hosts is a file', '/etc/hosts is a file'],
    ['/nothing known', '/nothing known'],
    ['say /shrug', 'say /shrug'],
  ])('%s', (typed, sent) => {
    expect(expandCommand(typed)).toBe(sent)
  })

  test.each(['/nothing known', '/shrugg', '/помощь'])('%s is an unknown command', (typed) => {
    expect(unknownCommand(typed)).toBe(typed.slice(1).split(' ')[0])
  })

  test.each(['/etc/hosts', '//x', '/ TODO', '/24', 'say /x', '/shrug', ' /x', '/', '/usr.txt'])(
    '%s is no unknown command',
    (typed) => {
      expect(unknownCommand(typed)).toBeUndefined()
    },
  )

  test('the text of a command is not parsed as formatting', () => {
    for (const name of ['shrug', 'tableflip', 'unflip', 'lenny', 'disapprove']) {
      const face = expandCommand(`/${name} well`)
      expect(plainText(face)).toBe(face)
    }
  })
})

describe('a text is stored as typed', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom(
        'a', 'Я', '字', 'é', '👩‍💻', ' ', '  ', '\n', '\t', '\u00A0', '\u200C', '\u2028', '*', '_', '`', '```', '~~', '\\', '/', '//', ':', ':tada:',
        '@bob', '#a', '> ', '- ', '1. ', '[', '](', ')', 'https://x.example/:id:/', '<b>', '&amp;',
      ),
      maxLength: 40,
    }),
  ) // prettier-ignore

  test('an edit without a change has the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const sent = trimOutgoing(text, text)
        expect(await replaceEmojiNames(sent, text)).toBe(text)
      }),
    )
  })

  test('only empty lines around it, commands and characters that the hub refuses are changed', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        fc.pre(!/^\s*\//.test(text) && text.isWellFormed())
        // eslint-disable-next-line no-control-regex -- the hub refuses them
        fc.pre(!/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/.test(text))
        expect(trimOutgoing(`\n \n${text} \n`, undefined)).toBe(
          text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd(),
        )
        expect(trimOutgoing(`x${text}x`, undefined)).toBe(`x${text}x`)
      }),
    )
  })

  test('an edit expands no command and leaves emoji names that were text', async () => {
    expect(trimOutgoing('/shrug it', '/shrug')).toBe('/shrug it')
    expect(await replaceEmojiNames('a :tada: b', 'a :tada:')).toBe('a :tada: b')
  })
})

test('/date leads to a day and is no text', () => {
  expect(['/date', '/date  last week ', '/DATE 2026-05-31'].map(dateOfCommand)).toEqual([
    '',
    'last week',
    '2026-05-31',
  ])
  expect(['/dates', 'on /date', '/me date', '//date'].map(dateOfCommand)).toEqual(Array(4).fill(undefined))
  expect(unknownCommand('/date')).toBeUndefined()
})
