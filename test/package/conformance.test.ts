import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { judge, judgePacked, renderTable } from '../../scripts/conformance.ts'
import { promises } from '../desktop/promises.ts'

const list = [
  { group: 'Start', promise: 'It starts', specs: ['start > window', 'start > page'] },
  { group: 'Start', promise: 'It is in a sandbox', specs: ['start > sandbox'], isRealOnly: true as const },
  { group: 'Ends', promise: 'It ends', specs: ['ends'] },
  { group: 'Packed', promise: 'The packed app ends', packed: 'it ended in order', unseen: 'not looked at' },
  { group: 'By hand', promise: 'It sleeps', byHand: 'close the lid' },
]
const passed = (name: string) => ({ name, status: 'passed' })

test('says of each promise if it was kept, broken or not shown', () => {
  const specs = [passed('start > window'), passed('start > page'), { name: 'ends', status: 'failed' }]
  expect(judge(specs, 'stand-in', list)).toEqual({ 'It starts': 'kept', 'It ends': 'broken' })
  const skipped = { name: 'start > page', status: 'skipped' }
  expect(
    judge([passed('start > window'), skipped, passed('ends'), passed('start > sandbox')], 'real', list),
  ).toEqual({
    'It starts': '-',
    'It is in a sandbox': 'kept',
    'It ends': 'kept',
  })
  // one file of two with the same name
  expect(judge([passed('ends'), ...specs], 'stand-in', list)['It ends']).toBe('broken')
})

test('fails for a promise that names a spec which does not exist', () => {
  expect(() => judge([passed('start > window')], 'stand-in', list)).toThrow('start > page')
})

test('says that a packed app broke what was not reached, and knows nothing of what could not be seen', () => {
  expect(judgePacked(['it ended in order'], list)).toEqual({ 'The packed app ends': 'kept' })
  expect(judgePacked(['how it ends was not looked at'], list)).toEqual({ 'The packed app ends': '-' })
  expect(judgePacked(['the hub reached its port'], list)).toEqual({ 'The packed app ends': 'broken' })
})

test('prints the promises of both drivers, and those for the eye', () => {
  const real = { 'It starts': 'kept' as const, ...judgePacked(['it ended in order'], list) }
  expect(renderTable({ 'stand-in': { 'It starts': 'broken' }, real }, list).split('\n')).toEqual([
    '         promise                   stand-in  real',
    'Start    It starts                 broken    kept',
    'Start    It is in a sandbox        -         -',
    'Ends     It ends                   -         -',
    'Packed   The packed app ends       -         kept',
    'By hand  It sleeps: close the lid  by hand   by hand',
  ])
})

test('names only specs that exist', () => {
  const folder = path.join(import.meta.dirname, '..', 'desktop')
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('\n')
  const titles = promises.flatMap(({ specs }) => specs ?? []).flatMap((name) => name.split(' > '))
  // the names of signals are filled in
  const missing = titles.filter((title) => !sources.includes(`'${title.replace(/SIG(TERM|HUP)/, '%s')}'`))
  expect(missing).toEqual([])
})

test('has each promise once, with something that shows it', () => {
  expect(new Set(promises.map(({ promise }) => promise)).size).toBe(promises.length)
  for (const { specs, packed, byHand } of promises) {
    expect([specs, packed, byHand].filter((one) => one !== undefined)).toHaveLength(1)
  }
})
