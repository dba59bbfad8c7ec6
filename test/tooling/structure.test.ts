import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { measureStructure } from '../../scripts/structure.ts'

const maxFileLines = 450
const maxFunctionLines = 80
/** Folders of the hub's core may import each other: a message is all of these. */
const corePairs = [
  'chats messages',
  'chats search',
  'files messages',
  'messages reactions',
  'messages search',
  'messages threads',
]
/**
 * The context of a hub names the types of its parts, and the parts take the context. The others are one step from the core.
 * Take an entry out when it is gone; nothing is added.
 */
const leftovers = [
  'access files',
  'accounts context.ts',
  'chat-preferences chats',
  'chats live',
  'context.ts files',
  'context.ts live',
  'context.ts search',
]
/** Each migration is a frozen list of statements. */
const isMigration = (file: string): boolean => file.startsWith('server/db/migrations/')

const structure = measureStructure(path.resolve(import.meta.dirname, '../..'))

describe('the structure of the code', () => {
  test('has no circle of imports, types included', () => {
    const circles = structure.circles.map((files) => files.join(' '))
    expect(circles).toEqual([])
  })

  test.for(['shared', 'renderer', 'main'])('has no two folders of %s that import each other', (process) => {
    expect(structure.twoWayPairs[process]).toEqual([])
  })

  test('has no two folders of server that import each other, except in its core', () => {
    const allowed = [...corePairs, ...leftovers]
    expect(structure.twoWayPairs['server']?.filter((pair) => !allowed.includes(pair))).toEqual([])
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
