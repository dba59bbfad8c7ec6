import { describe, expect, test } from 'vitest'
import {
  findByName,
  foldName,
  forgivingRanker,
  initialsRank,
  nameRanker,
  typingErrorRank,
} from '../../shared/text/name-search.ts'

const rank = (query: string, ...names: string[]) => nameRanker(query)(...names)

describe('a query finds a name in any spelling of it', () => {
  test.each([
    ['mul', 'Anja Müller-Lüdenscheidt'],
    ['lud', 'Anja Müller-Lüdenscheidt'],
    ['mul lud', 'Anja Müller-Lüdenscheidt'],
    ['mueller', 'Anja Müller'],
    ['MÜLLER', 'Anja Mueller'],
    ['strasse', 'Straße'],
    ['STRAẞE', 'Strasse'],
    ['zoe', 'Zoë O’Neill'],
    ['oneill', 'Zoë O’Neill'],
    ["o'ne", 'Zoë O’Neill'],
    ['istanbul', 'İSTANBUL'],
    ['ISPARTA', 'ısparta'],
    ['dang', 'Đặng Thị Hương'],
    ['huong', 'Đặng Thị Hương'],
    ['soren', 'Søren Łukasz'],
    ['luk', 'Søren Łukasz'],
    ['ann', 'Ａｎｎ Ｂｅｃｋｅｒ'],
    ['ａｎｎ', 'Ann Becker'],
    ['ユーザー', 'ﾕｰｻﾞｰ'],
    ['ゆーざー', 'ユーザー'],
    ['ｶﾞ', 'がくせい'],
    ['田中', '田中 浩'],
    ['浩', '田中 浩'],
    ['中', '田中 浩'],
    ['미', '민준'],
    ['ㅁ', '민준'],
    ['민준', '김 민준'],
    ['احمد', 'أَحْمَد'],
    ['مصطفي', 'مصطفى'],
    ['فاطمه', 'فاطمة'],
    ['كريم', 'کریم'],
    ['محمد', 'مـــحـــمـــد'],
    ['שלום', 'שָׁלוֹם'],
    ['елка', 'Ёлка'],
    ['νικος', 'Νίκος'],
    ['@bo', 'bo'],
    ['＃web', 'website'],
    ['becker ann', 'Ann Becker'],
  ])('%s finds %s', (query, name) => {
    expect(rank(query, name)).toBeGreaterThan(0)
    expect(findByName([name], query, (one) => [one])).toEqual([name])
  })

  test.each([
    ['ann', 'Zoë'],
    ['が', 'かき'],
    ['ぱ', 'はな'],
    ['कि', 'कमल'],
    ['ป้า', 'ปา'],
    ['浩', '活'],
    ['민', '미나'],
    ['bo ann', 'Ann Becker'],
    ['-', 'Ann'],
  ])('%s does not find %s', (query, name) => {
    expect(rank(query, name)).toBe(0)
  })
})

test('a name that begins with the query comes before one with such a word, and that before one that contains it', () => {
  expect(rank('zoe', 'Zoë O’Neill')).toBe(3)
  expect(rank('ONEILL', 'Zoë ONeill')).toBe(2)
  expect(rank('eill', 'Zoë ONeill')).toBe(1)
  expect(findByName(['Rosa Blum', 'Umbrella', 'Ann Ulm', 'Ulm'], 'um', (one) => [one])).toEqual([
    'Umbrella',
    'Rosa Blum',
  ])
  expect(findByName(['b', 'a'], '  ', (one) => [one])).toEqual(['b', 'a'])
})

test('the fold of a long run of marks takes no quadratic time and does not throw', () => {
  expect(foldName(`a${'\u0301'.repeat(20_000)}`)).toBe('a')
  expect(foldName('\uD800')).toBe('\uD800')
})

describe('the forgiving ranker', () => {
  const forgiving = (query: string, ...names: string[]) => forgivingRanker(query)(...names)

  test.each([
    ['hd', 'Hans Dampf', initialsRank],
    ['MLÜ', 'Müller Lüdenscheidt Übersee', initialsRank],
    ['κα', 'Κώστας Αντωνίου', initialsRank],
    ['αβγ', 'Άννα Βασιλείου Γεωργίου', initialsRank],
    ['kithcen', 'Kitchen', typingErrorRank],
    ['kitchne', 'Kitchen', typingErrorRank],
    ['ktchen', 'Kitchen', typingErrorRank],
    ['kittchen', 'Kitchen', typingErrorRank],
    ['xitchen', 'Kitchen', typingErrorRank],
    ['muler', 'Jonas Müller', typingErrorRank],
    ['annuoncemints', 'Announcements', typingErrorRank],
    ['hans damfp', 'Hans Dampf', typingErrorRank],
    ['кухян', 'Кухня', typingErrorRank],
    ['kit', 'Kitchen', 3],
  ])('%s finds %s with the rank %d', (query, name, expected) => {
    expect(forgiving(query, name)).toBe(expected)
  })

  test.each([
    ['ktn', 'Kitchen'],
    ['dh', 'Hans Dampf'],
    ['h', 'Otto'],
    ['garden', 'Kitchen'],
    ['kitxxen', 'Kitchen'],
    ['hans xampfen', 'Hans Dampf'],
    ['!!!', 'Kitchen'],
  ])('%s does not find %s', (query, name) => {
    expect(forgiving(query, name)).toBe(0)
  })

  test('a long query and a long name are compared within a bounded time', () => {
    expect(forgiving('ab'.repeat(500), 'ba'.repeat(500))).toBe(typingErrorRank)
    expect(forgiving('x'.repeat(1000), 'y'.repeat(1000))).toBe(0)
  })
})

// Found by `npm run campaign -- fuzz --only names --seed 904`.
test('a mark belongs to its letter, whatever is left out between them', () => {
  expect(foldName("ﾊ'ﾞ")).toBe(foldName('ﾊﾞ'))
})
