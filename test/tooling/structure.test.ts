import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { measureStructure } from '../../scripts/structure.ts'

const maxFileLines = 450
const maxFunctionLines = 80
/** Each migration is a frozen list of statements. */
const isMigration = (file: string): boolean => file.startsWith('server/db/migrations/')

const root = path.resolve(import.meta.dirname, '../..')
const structure = measureStructure(root)

describe('the structure of the code', () => {
  test('has no circle of imports, types included', () => {
    const circles = structure.circles.map((files) => files.join(' '))
    expect(circles).toEqual([])
  })

  // the order of floors in scripts/lint/import-boundaries.js proves this for server, main and renderer
  test('has no two folders of shared that import each other', () => {
    expect(structure.twoWayPairs['shared']).toEqual([])
  })

  test(`has no file with more than ${maxFileLines} lines`, () => {
    const tooLong = structure.files.filter(
      ({ path: file, lines }) => lines > maxFileLines && !isMigration(file),
    )
    expect(tooLong).toEqual([])
  })

  test(`has no function with more than ${maxFunctionLines} lines`, () => {
    const tooLong = structure.functions.filter(
      ({ path: file, lines }) => lines > maxFunctionLines && !isMigration(file),
    )
    expect(tooLong).toEqual([])
  })

  // The second definition throws when its module loads, which may be in a part of the page that is seldom opened.
  test('defines each element of the page once', () => {
    const names = readdirSync(path.join(root, 'renderer'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(path.join(root, 'renderer', file), 'utf8'))
      .flatMap((source) =>
        [...source.matchAll(/customElements\.define\('([^']+)'/g)].map((match) => match[1]),
      )
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  })
})
