import { expect, test } from 'vitest'
import { handlers } from '../../server/handlers.ts'
import type { RequestName } from '../../shared/contract.ts'
import { runFuzzCampaign } from '../../campaign/fuzz/campaign.ts'
import { type RequestFault, requestFaults } from '../../campaign/fuzz/request-faults.ts'

/** A short run of `npm run campaign -- fuzz` and proofs that it finds what it looks for. */

test(
  'takes or refuses made-up inputs without a fault, a leak or a broken invariant',
  { timeout: 120_000 },
  async () => {
    const result = await runFuzzCampaign({ rounds: 1, minutes: 5, seed: 11, only: 'requests' })
    expect(result).toMatchObject({ campaign: 'fuzz', rounds: 1, problems: [], counts: { inputs: 300 } })
    expect(result.counts['taken']).toBeGreaterThan(30)
    expect(result.counts['refused']).toBeGreaterThan(30)
  },
)

const expected: Record<RequestFault, [only: RequestName, problem: string]> = {
  'throwing-rule': ['chats.list', 'a fault of the hub: chats.list'],
  'undocumented-field': ['chats.list', 'status 500: chats.list'],
  'forgotten-check': ['messages.list', 'a private chat was read: messages.list'],
}

test.for(requestFaults)('finds the fault %s', { timeout: 120_000 }, async (fault) => {
  const [only, problem] = expected[fault]
  const real = handlers[only]
  const { problems } = await runFuzzCampaign({ rounds: 5, minutes: 5, seed: 1, fault, only })
  expect(problems.join('\n')).toContain(problem)
  expect(handlers[only]).toBe(real)
})

test('refuses a fault or a request that it does not know', async () => {
  const options = { rounds: 1, minutes: 1, seed: 1 }
  await expect(runFuzzCampaign({ ...options, fault: 'bad-luck' })).rejects.toThrow('choose one of')
  await expect(runFuzzCampaign({ ...options, only: 'chat.' })).rejects.toThrow(
    'No request that is sent begins with chat.',
  )
})
