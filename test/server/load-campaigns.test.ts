import { expect, test } from 'vitest'
import { runSoakCampaign } from '../../campaign/soak/campaign.ts'
import { trendOf } from '../../campaign/soak/slope.ts'
import { runStormCampaign } from '../../campaign/storm/campaign.ts'

/* Short runs of `npm run campaign -- soak` and `-- storm`, and proof that they find what they look for. */

const pace = { roundMs: 200, perSecond: 100 }

test('mixed traffic leaves nothing behind in the hub', { timeout: 120_000 }, async () => {
  const { problems, counts } = await runSoakCampaign({ rounds: 3, minutes: 2, seed: 1 }, pace)
  expect(problems).toEqual([])
  expect(counts['messages sent']).toBeGreaterThan(5)
})

test('finds a descriptor that each socket leaves open', { timeout: 120_000 }, async () => {
  const options = { rounds: 5, minutes: 2, seed: 1, fault: 'leaking-socket' }
  const { problems } = await runSoakCampaign(options, pace)
  expect(problems.join()).toMatch(/the hub gained \d+\.\d descriptors over 5 rounds/)
})

test(
  'a hundred clients that lose their hub come back, and get each message once',
  { timeout: 120_000 },
  async () => {
    const { problems, counts } = await runStormCampaign({ rounds: 2, minutes: 2, seed: 1, clients: 100 })
    expect(problems).toEqual([])
    expect(counts).toMatchObject({ clients: 100, messages: 42 })
  },
)

test('finds what clients that come back leave open', { timeout: 120_000 }, async () => {
  const options = { rounds: 3, minutes: 2, seed: 1, clients: 60, fault: 'leaking-socket' }
  const { problems } = await runStormCampaign(options)
  expect(problems.join()).toMatch(/the hub has \d+ more descriptors/)
})

test('a line through values has the growth from the first to the last, and fits no noise', () => {
  expect(trendOf([1, 3, 5, 7])).toEqual({ growth: 6, fit: 1 })
  expect(trendOf([5, 1, 5, 1, 5]).fit).toBe(0)
  expect(trendOf([4, 4, 4])).toEqual({ growth: 0, fit: 0 })
})
