import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { powerFaults, runPowerCampaign } from '../../campaign/power/campaign.ts'
import { DiskModel } from '../../campaign/power/disk-model.ts'
import type { RecordedChange } from '../../campaign/power/record.ts'
import { Random } from '../simulation/random.ts'
import { newDataDir } from '../support/data-dir.ts'

/** A short run of `npm run campaign -- power` and proofs that it finds what it looks for. */

// the recorder is a library of C
const canRecord = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0

test.runIf(canRecord)(
  'starts with every acknowledged change after a power cut',
  { timeout: 180_000 },
  async () => {
    const result = await runPowerCampaign({ rounds: 1, minutes: 5, seed: 1, cuts: 6 })
    // six of the hub, six of its standby, and three of that right after its first confirmations
    expect(result).toMatchObject({ campaign: 'power', rounds: 1, problems: [], counts: { cuts: 15 } })
    expect(result.counts['acknowledged']).toBeGreaterThan(50)
    expect(result.counts['frames confirmed by a standby']).toBeGreaterThan(50)
  },
)

test.runIf(canRecord).for(powerFaults)('finds the fault %s', { timeout: 180_000 }, async (fault) => {
  const only = fault === 'no-journal-sync' ? 'standby' : 'hub'
  const { problems } = await runPowerCampaign({ rounds: 2, minutes: 5, seed: 1, fault, only })
  expect(problems[0]).toMatch(
    /^power cut (?:of the standby )?after \d+ of \d+ changes, with \w+ of what was not synced: /,
  )
})

test('a disk keeps what was synced, and a name only after the sync of its folder', () => {
  const root = newDataDir()
  const disk = new DiskModel('/disk')
  const change = (op: string, handle: number, bytes = '', at = 0): RecordedChange => ({
    ...{ op, handle, at, end: 0 },
    bytes: Buffer.from(bytes),
  })
  const leave = (name: string): string => {
    disk.writeTo(join(root, name), 'nothing', new Random(1))
    return join(root, name, 'a')
  }
  for (const one of [change('C', 1, '/disk/a'), change('W', 1, 'one'), change('F', 1)]) disk.apply(one)
  expect(() => readFileSync(leave('unnamed'))).toThrow('ENOENT')
  for (const one of [change('O', 2, '/disk'), change('F', 2), change('W', 1, 'two', 3)]) disk.apply(one)
  expect(readFileSync(leave('named'), 'utf8')).toBe('one')
  disk.apply(change('F', 1))
  expect(readFileSync(leave('synced'), 'utf8')).toBe('onetwo')
  disk.apply(change('R', 0, '/disk/a\0/disk/b'))
  expect(readFileSync(leave('renamed'), 'utf8')).toBe('onetwo')
})

test('refuses a fault that it does not know', async () => {
  const options = { rounds: 1, minutes: 1, seed: 1, fault: 'bad-luck' }
  await expect(runPowerCampaign(options)).rejects.toThrow('choose one of no-log-sync, no-directory-sync')
})
