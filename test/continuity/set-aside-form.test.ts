import { expect, test } from 'vitest'
import { checkFolders, checkMessages } from '../../server/standby/set-aside-form.ts'

const file = {
  ...{ id: 'file-1', name: 'plan.png', type: 'image/png', size: 3, digest: 'a'.repeat(64) },
  ...{ width: 1, height: 1, duration: null, moves: 0, hasPreview: true },
}
const message = {
  ...{
    n: 5,
    id: 'm',
    chatId: 'c',
    author: 'u',
    cid: 'b6f1',
    text: 'hello',
    at: 1,
    editedAt: null,
    digest: 'ab12',
  },
  replyTo: { id: 'r', author: 'u', cid: '' },
  files: [file],
}
const folder = {
  folder: 'diverged-1',
  movedAt: 1,
  messages: 1,
  people: 1,
  files: 1,
  unreachable: 0,
  other: { pins: 2 },
}

test('what a standby has set aside is taken in its form', () => {
  expect(checkMessages([message, { ...message, n: 9, files: [] }], 4)).toHaveLength(2)
  expect(checkMessages([], 4)).toEqual([])
  expect(checkFolders([folder, { ...folder, problem: 'Its database cannot be read.' }])).toHaveLength(2)
})

test('a digest that is a path, rows that never end, and other forms are refused', () => {
  for (const wrong of [
    ...[
      undefined,
      {},
      [null],
      [{ ...message, text: 7 }],
      [{ ...message, n: -1 }],
      [{ ...message, at: 'now' }],
    ],
    [{ ...message, files: [{ ...file, digest: '../../../../root/.profile' }] }],
    [{ ...message, files: [{ ...file, digest: `../${'a'.repeat(61)}` }] }],
    [{ ...message, files: [{ ...file, size: -1 }] }],
    [{ ...message, digest: 'xyz' }],
    [{ ...message, text: 'x'.repeat(100_000) }],
  ])
    expect(() => checkMessages(wrong, 4), JSON.stringify(wrong)?.slice(0, 200)).toThrow('no messages')
  expect(() => checkMessages([message], 5)).toThrow('out of order')
  expect(() => checkMessages([message, message], 4)).toThrow('out of order')
  for (const wrong of [undefined, [{ ...folder, folder: '../x' }], [{ ...folder, messages: 1.5 }], [{}]])
    expect(() => checkFolders(wrong), JSON.stringify(wrong)).toThrow('no folders')
})
