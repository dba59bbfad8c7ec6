import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { autocompleteQueryAt } from '../../renderer/messages/autocomplete.ts'
import { resolveMentions } from '../../renderer/state/chat-summary.ts'
import { plainText } from '../../shared/text/plain-text.ts'
import { mentionKey, mentionReadings } from '../../shared/text/mentions.ts'

const members = ['bob', 'bob.smith', 'ann', "o'neill", '山田', 'иван', '김철수'].map(mentionKey)
const called = (text: string) => [...resolveMentions(text, (key) => members.includes(key))]

describe('a mention calls the member with the longest name that it can stand for', () => {
  test.each([
    ["@bob's plan", ['bob']],
    ['@bob’s plan', ['bob']],
    ['@o’neill and @O’NEILL’s', ["o'neill"]],
    ['请@bob看一下', ['bob']],
    ['请@bob.smith看一下', ['bob.smith']],
    ['@bobさん', ['bob']],
    ['@山田さん', ['山田']],
    ['안녕 @김철수! 안녕@bob야', ['김철수', 'bob']],
    ['@иван, @иванbob', ['иван']],
    ['＠bob', ['bob']],
    ['（＠bob）', ['bob']],
    ['@bob.smith, @bob.jones', ['bob.smith', 'bob']],
    ["'@bob'", ['bob']],
    ['❤️@bob❤️', ['bob']],
    ['@bob、@ann！', ['bob', 'ann']],
    ['@bob- @ann_', ['bob', 'ann']],
    ['ユーザー@bob, ｻｰﾊﾞｰ@ann、〆@иван', ['bob', 'ann', 'иван']],
    ['@bob\u02BCs plan, @иван\u02BCом', ['bob', 'иван']],
    ["@everyone's 请@here看", ['everyone', 'here']],
    [`@bob${'请看'.repeat(60)}`, ['bob']],
  ])('%s', (text, names) => {
    expect(called(text).sort()).toEqual([...names].sort())
    expect(plainText(text)).toBe(text)
  })

  test.each([
    'mail@bob.example',
    'x@bob',
    'привет@bob',
    '@bobby',
    '@bob2',
    '@山田太',
    '@@bob',
    '`@bob`',
    '\\@bob',
  ])('%s calls nobody', (text) => {
    expect(called(text)).toEqual([])
  })
})

test('autocomplete opens wherever a mention can begin', () => {
  for (const before of [
    '请',
    'かな',
    'カナ',
    'ユーザー',
    'ﾕｰｻﾞｰ',
    'ｶﾞ',
    '안녕',
    'ครับ',
    '(',
    '（',
    "'",
    ' ',
    '❤️',
    '',
  ]) {
    for (const sign of ['@', '＠'])
      expect(autocompleteQueryAt(`${before}${sign}bo`, before.length + 3)).toMatchObject({
        kind: 'user',
        term: 'bo',
        from: before.length,
      })
  }
  expect(autocompleteQueryAt('看#ki', 4)).toMatchObject({ kind: 'group', term: 'ki' })
  for (const text of ['mail@bo', 'привет@bo', '@@bo'])
    expect(autocompleteQueryAt(text, text.length)).toBeUndefined()
})

test('each reading is a beginning of the text, the longest first', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('a', 'B', '7', 'я', '看', 'さ', '김', '.', "'", '’', '-', '_', '\u0301'),
      }),
      (run) => {
        const readings = mentionReadings(run)
        expect(readings.every((reading) => run.startsWith(reading))).toBe(true)
        expect(readings.map(({ length }) => length)).toEqual(
          [...readings.map(({ length }) => length)].sort((a, b) => b - a),
        )
      },
    ),
  )
})
