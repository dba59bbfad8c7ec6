import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { RowApplier } from '../../server/continuity/apply.ts'
import { Capture } from '../../server/continuity/capture.ts'
import { digestTables } from '../../server/continuity/digest-tables.ts'

/** Two equal databases: what the capture of the first notes is applied to the second. */
function openPair(schema: string) {
  const [here, there] = [new Database(':memory:'), new Database(':memory:')]
  onTestFinished(() => void [here, there].map((raw) => raw.close()))
  for (const raw of [here, there]) {
    raw.pragma('trusted_schema = off')
    raw.exec(schema)
  }
  here.pragma('foreign_keys = on')
  const capture = new Capture(here)
  capture.start()
  const applier = new RowApplier(there, capture.tables)
  return {
    here,
    there,
    capture,
    /** Returns what was noted, and requires both to be equal after it was applied. */
    replicate: () => {
      const changes = capture.take()
      applier.apply(changes)
      expect(digestTables(there)).toEqual(digestTables(here))
      return changes
    },
  }
}

const keyed = `create table pair (a text not null, b integer not null, c blob, d text collate nocase,
  primary key (a, b)) strict, without rowid`

test('follows rows of a table without rowid, through a change of its key', () => {
  const { here, replicate } = openPair(keyed)
  here.exec(`insert into pair values ('x', 1, x'00ff', 'one'), ('y', 2, null, null)`)
  expect(replicate()).toEqual([
    [0, 1, 'x', 1, { b: 'AP8=' }, 'one'],
    [0, 1, 'y', 2, null, null],
  ])
  here.exec(`update pair set a = 'z', c = null where a = 'x'`)
  expect(replicate()).toEqual([[0, 2, ['x', 1], 0, 'z', 2, null]])
  here.exec(`update pair set b = b + 10`)
  here.exec(`delete from pair where a = 'z'`)
  expect(replicate()).toEqual([
    [0, 2, ['y', 2], 1, 12],
    [0, 2, ['z', 1], 1, 11],
    [0, 3, 'z', 11],
  ])
})

test('notes a change that only a binary comparison sees', () => {
  const { here, replicate } = openPair(keyed)
  here.exec(`insert into pair values ('x', 1, null, 'Straße')`)
  replicate()
  here.exec(`update pair set d = 'STRAßE'`)
  expect(replicate()).toEqual([[0, 2, ['x', 1], 3, 'STRAßE']])
})

test.for([
  ['a text to its empty form', `update pair set d = ''`, [3, '']],
  ['a text to null', `update pair set d = null`, [3, null]],
  ['a text to a digit', `update pair set d = '0'`, [3, '0']],
  ['bytes to none', `update pair set c = x''`, [2, { b: '' }]],
  ['a number to zero', `update pair set b = 0`, [1, 0]],
] as const)('changes %s', ([, statement, change]) => {
  const { here, replicate } = openPair(keyed)
  here.exec(`insert into pair values ('x', 1, x'01', 'text')`)
  replicate()
  here.exec(statement)
  expect(replicate()).toEqual([[0, 2, ['x', 1], ...change]])
})

test('copies texts of all scripts, and bytes of every value, as they are', () => {
  const { here, replicate } = openPair(keyed)
  const texts = [
    '',
    'a\u0000b',
    '日本語',
    'مرحبا',
    '👩‍👩‍👧‍👦',
    'é',
    'e\u0301',
    '\u2028',
    '"\\',
    "'",
    '\ufeff',
    '\u{10ffff}',
  ]
  const insert = here.prepare('insert into pair values (?, ?, ?, ?)')
  for (const [at, text] of texts.entries()) insert.run(text, at, Buffer.from(text), text)
  insert.run('bytes', -1, Buffer.from(Array.from({ length: 256 }, (_, i) => i)), null)
  insert.run('large', Number.MAX_SAFE_INTEGER, Buffer.alloc(3_000_000, 7), 'ж'.repeat(500_000))
  insert.run('small', Number.MIN_SAFE_INTEGER, null, null)
  replicate()
  here.exec(`update pair set d = d || '\u{1f600}' where d is not null`)
  replicate()
})

test('follows upserts, replaced rows and cascades', () => {
  const { here, replicate } = openPair(`
    create table parent (id text primary key, n integer not null unique) strict;
    create table child (id integer primary key, parent text not null references parent (id) on delete cascade) strict;
    create table grandchild (child integer not null references child (id) on delete cascade on update cascade,
      at integer not null, primary key (child, at)) strict, without rowid;
  `)
  here.exec(`
    insert into parent values ('a', 1), ('b', 2), ('c', 3);
    insert into child values (1, 'a'), (2, 'a'), (3, 'b');
    insert into grandchild values (1, 1), (1, 2), (2, 1), (3, 1);
  `)
  replicate()
  here.exec(`insert into parent values ('a', 9) on conflict (id) do update set n = excluded.n + 1`)
  here.exec(`insert into parent values ('a', 9) on conflict do nothing`)
  replicate()
  // takes the place of two rows
  here.exec(`insert or replace into parent values ('c', 2)`)
  const replaced = replicate()
  expect(replaced.filter(([, op]) => op === 3).length).toBeGreaterThanOrEqual(2)
  here.exec(`update child set id = id + 10 where parent = 'a'`)
  replicate()
  here.exec(`delete from parent`)
  replicate()
  expect(here.prepare('select count(*) from grandchild').pluck().get()).toBe(0)
})

test('leaves computed columns to the other side', () => {
  const { here, there, replicate, capture } = openPair(`
    create table line (id integer primary key, price integer not null, count integer not null,
      sum integer generated always as (price * count) stored, text text as ('n' || count) virtual) strict
  `)
  expect(capture.tables[0]?.columns).toEqual(['id', 'price', 'count'])
  here.exec('insert into line (id, price, count) values (1, 5, 2)')
  here.exec('update line set count = 3')
  expect(replicate()).toEqual([[1, 1, 5, 2].toSpliced(0, 1, 0, 1), [0, 2, [1], 2, 3]])
  expect(there.prepare('select sum, text from line').get()).toEqual({ sum: 15, text: 'n3' })
})

test('forgets what a rolled back savepoint had noted', () => {
  const { here, capture, replicate } = openPair(keyed)
  here.exec(`begin; insert into pair values ('x', 1, null, null)`)
  const mark = capture.mark()
  here.exec(`savepoint one; insert into pair values ('y', 1, null, null); delete from pair where a = 'x'`)
  here.exec('rollback to one; release one')
  capture.cutTo(mark)
  here.exec(`update pair set d = 'after'; commit`)
  expect(replicate()).toHaveLength(2)
})

test('notes nothing once it was stopped, and everything once it was started again', () => {
  const { here, there, capture, replicate } = openPair(keyed)
  capture.stop()
  for (const raw of [here, there]) raw.exec(`insert into pair values ('x', 1, null, null)`)
  expect(capture.take()).toEqual([])
  capture.start()
  here.exec('delete from pair')
  expect(replicate()).toHaveLength(1)
})

test.for([
  ['without a key', 'create table t (a text) strict', 'no key'],
  ['that checks no types', 'create table t (a text primary key)', 'does not check its types'],
  ['with a type that has no form in the log', 'create table t (a text primary key, b real) strict', 'REAL'],
] as const)('refuses a table %s', ([, schema, words]) => {
  const raw = new Database(':memory:')
  onTestFinished(() => void raw.close())
  raw.exec(schema)
  expect(() => new Capture(raw)).toThrow(words)
})

test.for([
  ['a row that is not there', `delete from pair`, `update pair set d = 'n'`],
  [
    'a row that is there already',
    `insert into pair values ('new', 1, null, null)`,
    `insert into pair values ('new', 1, x'01', 'n')`,
  ],
  ['a row to delete that is not there', `delete from pair`, `delete from pair`],
] as const)('refuses to apply %s', ([, elsewhere, statement]) => {
  const { here, there, replicate } = openPair(keyed)
  here.exec(`insert into pair values ('x', 1, null, 'one')`)
  replicate()
  there.exec(elsewhere)
  here.exec(statement)
  expect(replicate).toThrow()
})
