import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runDoor } from '../../campaign/fuzz/door.ts'
import { doorFaults, doorNames, openDoor } from '../../campaign/fuzz/doors.ts'

/** A few inputs for each door of `npm run campaign -- fuzz`, and proofs that each finds its fault. */

const inputs = 150
const maxInputsToFault = 20_000
const timeout = 60_000
const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-fuzz-doors-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test.for(doorNames)('%s takes made-up inputs as it should', { timeout }, async (name) => {
  const door = await openDoor(name, mkdtempSync(path.join(dir, name)))
  expect(await runDoor(name, door, 3, inputs)).toEqual({ inputs, problem: undefined })
  door.close?.()
})

test.for(Object.entries(doorFaults))('%s is found', { timeout }, async ([fault, name]) => {
  const door = await openDoor(name, mkdtempSync(path.join(dir, name)))
  door.faults[fault]?.()
  const { problem } = await runDoor(name, door, 1, maxInputsToFault)
  expect(problem).toContain(`${name}, input `)
  door.close?.()
})

test('makes the same input from the same seed, whatever ran before', async () => {
  const door = await openDoor('links', dir)
  door.faults['any-scheme']?.()
  const first = await runDoor('links', door, 1)
  expect(await runDoor('links', door, 1)).toEqual(first)
  expect(await runDoor('links', door, 2)).not.toEqual(first)
})
