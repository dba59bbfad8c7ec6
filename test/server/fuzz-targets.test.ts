import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runTarget } from '../../campaign/fuzz/target.ts'
import { targetFaults, targetNames, openTarget } from '../../campaign/fuzz/targets.ts'

/** A few inputs for each target of `npm run campaign -- fuzz`, and proofs that each finds its fault. */

/** Of a target whose inputs take milliseconds, a part of a round. */
const inputsOf = ({ inputsPerRound }: { inputsPerRound: number }): number => Math.min(150, inputsPerRound / 5)
const maxInputsToFault = 20_000
const timeout = 60_000
const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-fuzz-targets-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test.for(targetNames)('%s takes made-up inputs as it should', { timeout }, async (name) => {
  const target = await openTarget(name, mkdtempSync(path.join(dir, name)))
  const inputs = inputsOf(target)
  expect(await runTarget(name, target, 3, inputs)).toEqual({ inputs, problem: undefined })
  target.close?.()
})

test.for(Object.entries(targetFaults))('%s is found', { timeout }, async ([fault, name]) => {
  const target = await openTarget(name, mkdtempSync(path.join(dir, name)))
  target.faults[fault]?.()
  const { problem } = await runTarget(name, target, 1, maxInputsToFault)
  expect(problem).toContain(`${name}, input `)
  target.close?.()
})

test('makes the same input from the same seed, whatever ran before', async () => {
  const target = await openTarget('links', dir)
  target.faults['any-scheme']?.()
  const first = await runTarget('links', target, 1)
  expect(await runTarget('links', target, 1)).toEqual(first)
  expect(await runTarget('links', target, 2)).not.toEqual(first)
})
