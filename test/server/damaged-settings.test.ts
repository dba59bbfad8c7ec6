import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { readBackupRecord, saveBackupRecord } from '../../server/backup/backup-settings.ts'
import { readState } from '../../server/continuity/state-file.ts'
import { ReplicaFiles, type ReplicaFilesOptions } from '../../server/standby/replica-files.ts'
import { newDataDir } from '../support/data-dir.ts'

/* Small files of a computer that are damaged in one place: see the fuzz target `states`. */

const settings = {
  ...{ format: 1, writer: 'w', isOn: true, time: '03:30', keep: { days: 90, weeks: 4, months: 12 } },
  places: [{ path: '/mnt/disk', isKnown: true, at: 5, problem: { kind: 'full', message: 'It is full.' } }],
}

test('takes the settings of backups as they were saved', () => {
  const dataDir = newDataDir()
  writeFileSync(path.join(dataDir, 'backups.json'), JSON.stringify({ ...settings, later: true }))
  const record = readBackupRecord(dataDir, () => expect.unreachable())
  expect(record).toMatchObject(settings)
  saveBackupRecord(dataDir, record)
  expect(readBackupRecord(dataDir, () => expect.unreachable())).toEqual(record)
})

test.for([
  ['no JSON', undefined],
  ['a rule that keeps nothing', { keep: { days: 0, weeks: 0, months: 0 } }],
  ['a rule of words', { keep: { days: 'x', weeks: 4, months: 12 } }],
  ['no rule', { keep: null }],
  ['no time', { time: '25:00' }],
  ['a place that is none', { places: [null] }],
  ['a place without a path', { places: [{ path: 7, isKnown: true }] }],
  ['no word if they are on', { isOn: 'yes' }],
] as const)('sets damaged settings of backups aside, says so, and takes the defaults: %s', ([, damage]) => {
  const dataDir = newDataDir()
  const file = path.join(dataDir, 'backups.json')
  const text = damage ? JSON.stringify({ ...settings, ...damage }) : '{"format":1,'
  writeFileSync(file, text)
  const said: string[] = []
  const record = readBackupRecord(dataDir, (name) => said.push(name))
  expect(said).toEqual([`${file}.damaged`])
  expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(text)
  expect(record).toMatchObject({ isOn: true, keep: { days: 7, weeks: 4, months: 6 } })
  expect(record.writer).not.toBe(settings.writer)
  expect(record.places).toMatchObject([{ problem: { kind: 'failed', message: /damaged/ } }])
  // the owner still reads it after the next start
  expect(readBackupRecord(dataDir, () => expect.unreachable())).toEqual(record)
})

test('a computer whose seal is at no position cannot know its role', () => {
  const dataDir = newDataDir()
  mkdirSync(path.join(dataDir, 'continuity'))
  const term = {
    n: 1,
    node: 'a',
    epoch: 'e',
    lsn: 1,
    chain: '0'.repeat(32),
    prev: null,
    at: 1,
    sig: 'x'.repeat(86),
  }
  const state = { v: 1, node: 'a', role: 'sealed', term, alone: false, markV: 0, out: false }
  const write = (sealed: object): void =>
    writeFileSync(path.join(dataDir, 'continuity', 'state.json'), JSON.stringify({ ...state, sealed }))
  write({ lsn: 1, chain: '0'.repeat(32), to: 'b' })
  expect(readState(dataDir)?.sealed).toEqual({ lsn: 1, chain: '0'.repeat(32), to: 'b' })
  for (const bent of [{ lsn: -1 }, { chain: 'x' }, { chain: '0'.repeat(30) }]) {
    write({ lsn: 1, chain: '0'.repeat(32), to: 'b', ...bent })
    expect(() => readState(dataDir)).toThrow('is damaged')
  }
})

test('a standby removes no file that its damaged list of released files does not name', () => {
  const dataDir = newDataDir()
  const folder = path.join(dataDir, 'continuity')
  mkdirSync(folder)
  const released = { own: 1, hub: 1 }
  const digest = 'ab'.repeat(32)
  const lines = [
    null,
    7,
    [],
    [digest],
    [digest, null],
    ['../../hub.db', released],
    [7, released],
    [digest, { own: null }],
  ]
  writeFileSync(
    path.join(folder, 'released-files.json'),
    JSON.stringify([...lines, ['cd'.repeat(32), released]]),
  )
  const removed: string[] = []
  const pathOf = (name: string): string => {
    removed.push(name)
    return path.join(dataDir, 'none')
  }
  const files = new ReplicaFiles({
    ...{
      dataDir,
      files: { pathOf } as unknown as ReplicaFilesOptions['files'],
      log: pino({ level: 'silent' }),
    },
    ...{ fetch: () => Promise.resolve(undefined), onComplete: () => undefined },
  })
  files.removeDue(Date.now(), () => new Set())
  files.close()
  expect(removed).toEqual(['cd'.repeat(32)])
  expect(existsSync(folder)).toBe(true)
})
