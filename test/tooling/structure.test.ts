import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { measureStructure } from '../../scripts/structure.ts'

const maxFileLines = 450
const maxFunctionLines = 80
/** Each migration is a frozen list of statements. */
const isMigration = (file: string): boolean => file.startsWith('server/db/migrations/')

const structure = measureStructure(path.resolve(import.meta.dirname, '../..'))

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
})
