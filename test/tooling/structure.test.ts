import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { measureStructure } from '../../scripts/structure.ts'

const maxFileLines = 450
const maxFunctionLines = 80
/** Retired words of docs/glossary.md that are left. Lower a number when you rewrite a text; nothing raises one. */
const maxRetiredWords: Record<string, number> = {
  anew: 73,
  whoever: 131,
  beside: 106,
  stands: 177,
  'is told': 77,
  'are told': 16,
}
/** Folders of the hub's core may import each other: a message is all of these. */
const corePairs = [
  'chats messages',
  'chats search',
  'files messages',
  'messages reactions',
  'messages search',
  'messages threads',
]
/** Each migration is a frozen list of statements. */
const isMigration = (file: string): boolean => file.startsWith('server/db/migrations/')

const structure = measureStructure(path.resolve(import.meta.dirname, '../..'))

describe('the structure of the code', () => {
  test('has no circle of imports, types included', () => {
    expect(structure.circles).toEqual([])
  })

  test.for(['shared', 'renderer', 'main'])('has no two folders of %s that import each other', (process) => {
    expect(structure.twoWayPairs[process]).toEqual([])
  })

  test('has no two folders of server that import each other, except in its core', () => {
    expect(structure.twoWayPairs['server']?.filter((pair) => !corePairs.includes(pair))).toEqual([])
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

  test.for(Object.entries(maxRetiredWords))('uses “%s” at most %i times', ([word, most]) => {
    expect(structure.words[word]).toBeLessThanOrEqual(most)
  })
})
