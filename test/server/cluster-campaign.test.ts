import { expect, test } from 'vitest'
import { runClusterCampaign } from '../../campaign/cluster/campaign.ts'
import { newDataDir } from '../support/data-dir.ts'
import { databaseFor } from '../support/test-database.ts'

/* A short run of `npm run campaign -- cluster`, and proof that it finds what it looks for. */

test('a kill of a process and a cut of the bus lose, double and move no acknowledged message', async () => {
  const { problems, counts } = await runClusterCampaign(
    { rounds: 2, minutes: 2, seed: 1 },
    { database: await databaseFor(newDataDir()), kinds: ['kill', 'cut'] },
  )
  expect(problems).toEqual([])
  expect(counts).toMatchObject({ kills: 1, cuts: 1 })
  expect(counts['acknowledged']).toBeGreaterThan(20)
})

test('finds messages that count as acknowledged before they are stored', async () => {
  const { problems } = await runClusterCampaign(
    { rounds: 5, minutes: 2, seed: 1, fault: 'early-ack' },
    { database: await databaseFor(newDataDir()), kinds: ['kill'] },
  )
  expect(problems.join()).toMatch(/was acknowledged and is lost/)
})
