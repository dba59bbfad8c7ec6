import { expect, test } from 'vitest'
import { runRaceCampaign } from '../../campaign/races/campaign.ts'
import { moves } from '../../campaign/races/moves.ts'
import { handlers } from '../../server/handlers.ts'
import { makeClusterWorld } from '../support/cluster.ts'
import { newDataDir } from '../support/data-dir.ts'
import { databaseFor } from '../support/test-database.ts'
import { RequestError, TestUser } from '../support/test-user.ts'

/* Requests that meet over two processes, and a short run of `npm run campaign -- races`. */

test('pairs of write requests on the same objects break nothing, and none ends with a fault', async () => {
  const { problems, counts } = await runRaceCampaign(
    { rounds: 1, minutes: 2, seed: 7 },
    { pairs: 6, database: (await databaseFor(newDataDir())) ?? '' },
  )
  expect(problems).toEqual([])
  expect(counts['taken']).toBeGreaterThan(5)
})

test('every write request takes part in the race matrix', () => {
  const taking = new Set<string>(moves.map(({ request }) => request))
  const writes = Object.entries(handlers).filter(([, { kind }]) => kind === 'write' || kind === 'gathered')
  expect(writes.map(([name]) => name).filter((name) => !taking.has(name))).toEqual([])
})

const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'ok',
    (error: unknown) => (error instanceof RequestError ? error.code : String(error)),
  )
const inTurn = <T>(count: number, urls: readonly string[], run: (url: string, at: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, at) => run(urls[at % urls.length] ?? '', at)))

test('fifty users register with an invite for three at two processes: three of them are taken', async () => {
  const { one, other, olga } = await makeClusterWorld({ loadTest: true })
  const { invite } = await olga.request('admin.invites.create', { uses: 3 })
  const codes = await inTurn(50, [one.url, other.url], (url, at) =>
    codeOf(TestUser.register(url, { username: `user${at}`, invite })),
  )
  expect(codes.filter((code) => code === 'ok')).toHaveLength(3)
  expect(new Set(codes)).toEqual(new Set(['ok', 'forbidden']))
})

test('a hundred guesses of a password at two processes have no more free attempts than at one', async () => {
  const { one, other, ann } = await makeClusterWorld()
  const { username } = ann.user
  const codes = await inTurn(100, [one.url, other.url], (url) =>
    codeOf(TestUser.login(url, username, 'not the password')),
  )
  const checked = codes.filter((code) => code !== 'rate_limited')
  expect(checked.length).toBeGreaterThan(0)
  expect(checked.length).toBeLessThanOrEqual(10)
  expect(new Set(checked)).toEqual(new Set(['unauthenticated']))
})
