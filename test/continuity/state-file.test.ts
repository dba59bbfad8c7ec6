import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { isSignedBy, loadNodeKey, nodeIdOf, signText } from '../../server/continuity/node-key.ts'
import {
  continuityFolder,
  readState,
  type StateRecord,
  writeState,
} from '../../server/continuity/state-file.ts'
import { newDataDir } from '../support/data-dir.ts'

const chain = '0'.repeat(32)
const term = { n: 3, node: 'ann', epoch: 'e', lsn: 0, chain, prev: null, at: 5, sig: 'sig' }
const state: StateRecord = { v: 1, node: 'ann', role: 'hub', term, alone: true, markV: 4, out: false }

test('knows no role before a standby was added', () => {
  expect(readState(newDataDir())).toBeUndefined()
})

test('reads each state back as it was written, and replaces the one before', () => {
  const dataDir = newDataDir()
  const states: StateRecord[] = [
    state,
    { ...state, role: 'sealed', alone: false, sealed: { lsn: 9, chain, to: 'ben' } },
    { ...state, role: 'standby', out: true, mustCopy: true },
    { ...state, role: 'standby', mustCopy: true, mustKeep: true },
  ]
  for (const one of states) {
    writeState(dataDir, one)
    expect(readState(dataDir)).toEqual(one)
  }
  const folder = continuityFolder(dataDir)
  expect(readdirSync(folder)).toEqual(['state.json'])
  expect(statSync(path.join(folder, 'state.json')).mode & 0o077).toBe(0)
})

test('ignores a file that a crash left unfinished', () => {
  const dataDir = newDataDir()
  writeState(dataDir, state)
  writeFileSync(path.join(continuityFolder(dataDir), 'state.json.new'), '{ "v": 1, "no')
  expect(readState(dataDir)).toEqual(state)
})

test.for([
  ['an empty file', ''],
  ['half a file', JSON.stringify(state).slice(0, 80)],
  ['another version', JSON.stringify({ ...state, v: 2 })],
  ['an unknown role', JSON.stringify({ ...state, role: 'king' })],
  ['a role that is sealed without a seal', JSON.stringify({ ...state, role: 'sealed' })],
  ['a term without a number', JSON.stringify({ ...state, term: { ...term, n: null } })],
  ['no object', 'null'],
] as const)('refuses to guess a role from %s', ([, text]) => {
  const dataDir = newDataDir()
  mkdirSync(continuityFolder(dataDir), { recursive: true })
  writeFileSync(path.join(continuityFolder(dataDir), 'state.json'), text)
  expect(() => readState(dataDir)).toThrow(/is damaged, so this computer cannot know if it may be the hub/)
})

test('creates the key of a computer once, readable by this account only', () => {
  const dataDir = newDataDir()
  const made = loadNodeKey(dataDir)
  const read = loadNodeKey(dataDir)
  expect(read.id).toBe(made.id)
  expect(nodeIdOf(read.spki)).toBe(made.id)
  const file = path.join(continuityFolder(dataDir), 'node-key.pem')
  expect(statSync(file).mode & 0o077).toBe(0)
  expect(loadNodeKey(newDataDir()).id).not.toBe(made.id)

  const signature = signText(made.key, 'text')
  expect(isSignedBy(read.spki, 'text', signature)).toBe(true)
  expect(isSignedBy(read.spki, 'another text', signature)).toBe(false)
  expect(isSignedBy(read.spki, 'text', 'no signature')).toBe(false)
  expect(isSignedBy(Buffer.from('no key'), 'text', signature)).toBe(false)

  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 60))
  expect(() => loadNodeKey(dataDir)).toThrow(/key of this computer .* is damaged/)
})
