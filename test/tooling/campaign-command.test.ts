import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'

const command = path.resolve(import.meta.dirname, '../../campaign/run.ts')

test.for([
  ['1 if a campaign finds something wrong', ['fuzz', '--fault', 'any-scheme', '--rounds', '1', '--quiet'], 1],
  ['2 if it is called wrongly', ['kill', '--fault', 'unknown'], 2],
] as const)('the command of the campaigns ends with %s', { timeout: 60_000 }, ([, args, code]) => {
  const { status, stderr } = spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' })
  expect(status, stderr).toBe(code)
})
