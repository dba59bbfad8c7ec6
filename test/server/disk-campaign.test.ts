import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { runDiskCampaign } from '../../campaign/disk/campaign.ts'

/** A short run of `npm run campaign -- disk` and a proof that it finds what it looks for. */

// the calls to the disk fail by a library of C
const canFail = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0

test.runIf(canFail)('has every acknowledged change after a full disk', { timeout: 90_000 }, async () => {
  const result = await runDiskCampaign({ rounds: 1, minutes: 5, seed: 2, only: 'full' })
  expect(result).toMatchObject({ campaign: 'disk', rounds: 1, problems: [] })
  expect(result.counts['acknowledged']).toBeGreaterThan(39)
  expect(result.counts['calls that failed or waited']).toBeGreaterThan(0)
})

test.runIf(canFail)('finds a hub that acknowledges before its commit', { timeout: 90_000 }, async () => {
  const options = { rounds: 4, minutes: 5, seed: 1, only: 'write-error', fault: 'early-ack' }
  const { problems } = await runDiskCampaign(options)
  expect(problems[0]).toMatch(/^write-error after \d+ calls, .*: .* is ".*", expected "/)
})

test('refuses a fault or a mode that it does not know', async () => {
  const options = { rounds: 1, minutes: 1, seed: 1 }
  await expect(runDiskCampaign({ ...options, fault: 'bad-luck' })).rejects.toThrow('choose early-ack')
  await expect(runDiskCampaign({ ...options, only: 'wet' })).rejects.toThrow('full, read-only, slow')
})
