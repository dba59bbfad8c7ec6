import { expect, test } from 'vitest'
import { runStandbyCampaign } from '../../campaign/standby/campaign.ts'
import { newDataDir } from '../support/data-dir.ts'

/*
 * A short run of `npm run campaign -- standby`, and proof that it finds what it looks for. The long runs use all faults:
 * campaign/README.md has them.
 */

test(
  'no acknowledged change is lost, doubled or moved when hub, standby or both are killed',
  { timeout: 240_000 },
  async () => {
    const dir = newDataDir()
    const run = (only: string): ReturnType<typeof runStandbyCampaign> =>
      runStandbyCampaign({ rounds: 1, minutes: 4, seed: 1, only, dir })
    expect((await run('unanswered-frame')).problems).toEqual([])
    // it goes on where it ended, with a standby that takes over by itself
    const last = await run('take-over')
    expect(last).toMatchObject({ campaign: 'standby', rounds: 2, problems: [] })
    expect(last.counts['acknowledged']).toBeGreaterThan(40)
    expect(last.counts['messages that others saw']).toBeGreaterThan(20)
  },
)

test('finds a hub that acknowledges what the standby does not have yet', { timeout: 240_000 }, async () => {
  const { problems } = await runStandbyCampaign({
    ...{ rounds: 8, minutes: 4, seed: 1, only: 'promote', fault: 'no-wait' },
  })
  expect(problems.join('\n')).toMatch(/ is ".*", expected "|which is gone|the file \S+ is missing/)
})

test('refuses a fault and a selection that it does not know', async () => {
  const options = { rounds: 1, minutes: 1, seed: 1 }
  await expect(runStandbyCampaign({ ...options, fault: 'bad-luck' })).rejects.toThrow('choose one of no-wait')
  await expect(runStandbyCampaign({ ...options, only: 'bad-luck' })).rejects.toThrow('kill-hub, kill-standby')
  // nobody would be killed
  await expect(runStandbyCampaign({ ...options, only: 'third-kill' })).rejects.toThrow('--only begins')
})
