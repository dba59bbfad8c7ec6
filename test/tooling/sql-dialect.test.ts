import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { trackedFiles } from '../../scripts/structure.ts'

const root = path.resolve(import.meta.dirname, '../..')
/** SQL that only SQLite understands. */
const sqliteOnly =
  /\b(json_\w+|unixepoch|strftime|randomblob|rowid|last_insert_rowid|changes)\s*\(|\browid\b|\binsert or \w+|\bpragma \w+|\bcollate nocase\b|\bglob '/i
/** Places whose subject is SQLite itself: its adapter, and the tools that open its files. */
const aboutSqlite = ['server/db/', 'server/backup/', 'server/continuity/', 'server/ops/doctor']

test('SQL that differs between databases is in server/db, behind dialect.ts', () => {
  const found = trackedFiles(root)
    .filter((file) => file.startsWith('server/') && file.endsWith('.ts'))
    .filter((file) => !aboutSqlite.some((folder) => file.startsWith(folder)))
    .flatMap((file) =>
      readFileSync(path.join(root, file), 'utf8')
        .split('\n')
        .filter((line) => sqliteOnly.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    )
  expect(found).toEqual([])
})
