import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forwardedText } from '../../renderer/messages/forwarded-text.ts'
import '../../renderer/text/shell-text.ts'
import { mentionedNames } from '../../shared/text/message.ts'
import { plainText } from '../../shared/text/plain-text.ts'

test.each([
  ['ann', 'Soup at noon', 'ann wrote:\nSoup at noon'],
  ['ann', 'Ask @bo, @everyone or ＠here', 'ann wrote:\nAsk @bo, @everyone or ＠here'],
  ['ann', '**@bo** and (@cy)', 'ann wrote:\n@bo and (@cy)'],
  ['ann', '```\n@Override\n```\n@bo', 'ann wrote:\n@Override\n@bo'],
  ['ann', 'the `@Override` of @bo', 'ann wrote:\nthe @Override of @bo'],
  ['ann', '`\n`@bo`', 'ann wrote:\n\n@bo`'],
  ['ann', 'mail bo@example.org', 'ann wrote:\nmail bo@example.org'],
  ['@everyone', 'hi', '@everyone wrote:\nhi'],
  ['*ann* _b_ ~~c~~ `d`', 'hi', '*ann* _b_ ~~c~~ `d` wrote:\nhi'],
  ['[ann](https://x.example)', 'hi', '[ann](https://x.example) wrote:\nhi'],
  ['# ann', 'hi', '# ann wrote:\nhi'],
  ['snake_case_name', '', 'From snake_case_name'],
])('a message of %j with the text %j is forwarded as its words, and mentions nobody', (name, text, shown) => {
  const forwarded = forwardedText(name, text)
  expect(plainText(forwarded)).toBe(shown)
  expect(mentionedNames(forwarded)).toEqual([])
})

test('no forwarded text mentions anybody', () => {
  const pieces = fc.constantFrom(
    ...[
      '@ann',
      '@',
      '＠bo',
      ' ',
      '\n',
      '> ',
      '- ',
      '`',
      '```\n',
      '**',
      '_',
      '\\',
      'x',
      '@everyone',
      '(',
      '# ',
      '請',
    ],
  )
  const texts = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(texts, (text) => {
      expect(mentionedNames(forwardedText('ann', text))).toEqual([])
    }),
    { numRuns: 2_000 },
  )
})
