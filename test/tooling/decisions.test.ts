import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { decisionIndex, indexFile } from '../../scripts/decision-index.ts'

const records = readdirSync(path.dirname(indexFile)).filter((file) => /^\d{4}-/.test(file))

test('docs/decisions/README.md lists every record (run npm run docs after a change)', () => {
  expect(readFileSync(indexFile, 'utf8').replaceAll('\r\n', '\n')).toBe(decisionIndex())
})

test('decision records have a number each, without a gap', () => {
  expect(records.map((file) => Number(file.slice(0, 4))).sort((a, b) => a - b)).toEqual(
    records.map((_, index) => index + 1),
  )
})

test('a decision record is changed only by other records that exist', () => {
  const lines = decisionIndex().split('\n')
  for (const line of lines.filter((one) => one.startsWith('- [') && one.includes('Changed by'))) {
    const [own, ...others] = [...line.matchAll(/\((\d{4}-[^)]+\.md)\)/g)].map(([, file = '']) => file)
    expect(others, line).not.toEqual([])
    for (const file of others) {
      expect(records, line).toContain(file)
      expect(file, line).not.toBe(own)
    }
  }
})
