import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { chatOf, seedCompany, userIdOf } from '../../bench/many-clients-seed.ts'
import { tokenOf } from '../../bench/seed.ts'
import { setupCode, startTestHub } from '../support/hub.ts'
import { databaseFor } from '../support/test-database.ts'
import { TestUser } from '../support/test-user.ts'

/* PostgreSQL chooses how it reads by averages. In a company most chats have few members, and some have all. */

const userCount = 3_000
/** More than a page of 100 with all that belongs to it; less than the members of one large group. */
const rowsRead = 1_000

interface Statement {
  text: string
  values: unknown[]
}

interface Plan {
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  'Rows Removed by Join Filter'?: number
  Plans?: Plan[]
}

/** The rows that each part of a plan looked at, together. */
function countRows(plan: Plan): number {
  const own =
    plan['Actual Rows'] +
    (plan['Rows Removed by Filter'] ?? 0) +
    (plan['Rows Removed by Index Recheck'] ?? 0) +
    (plan['Rows Removed by Join Filter'] ?? 0)
  return own * plan['Actual Loops'] + (plan.Plans ?? []).reduce((sum, part) => sum + countRows(part), 0)
}

test('what a user of large groups asks for is read without looking at all members', async () => {
  const hub = await startTestHub()
  await TestUser.setUp(hub.url, {
    code: setupCode,
    username: 'olga',
    teamGroup: 'Everyone',
    teamGroupPosting: 'all',
  })
  const database = (await databaseFor(hub.dataDir)) ?? ''
  await hub.close()
  const everyoneId = await seedCompany(database, userCount)
  const { url } = await startTestHub({ dataDir: hub.dataDir })
  const client = new pg.Client(database)
  await client.connect()
  onTestFinished(() => client.end())

  const statements: Statement[] = []
  const query = vi.spyOn(pg.Client.prototype, 'query')
  onTestFinished(() => query.mockRestore())
  const user = new TestUser(url, tokenOf(7), { id: userIdOf(7), username: userIdOf(7) } as TestUser['user'])
  const group2000 = chatOf('group2000', 7, everyoneId)
  const live = await user.connect()
  for (const chatId of [everyoneId, group2000, chatOf('direct', 7, everyoneId)]) {
    await user.request('messages.list', { chatId })
    await user.sendMessage(chatId, `@${userIdOf(8)} Soup`)
    await user.request('chats.read', { chatId, no: 2 })
  }
  await user.request('chats.list', {})
  await user.request('activity.list', {})
  await user.request('threads.list', {})
  await user.request('drafts.list', {})
  await user.request('search.messages', { q: 'soup' })
  await live.close()
  for (const [sent] of query.mock.calls as unknown[][]) {
    const { text, values } = sent as Partial<Statement>
    if (typeof text === 'string' && /^(select|with)\b/.test(text))
      statements.push({ text, values: values ?? [] })
  }
  query.mockRestore()

  expect(statements.length).toBeGreaterThan(50)
  const costly: Record<string, number> = {}
  for (const { text, values } of statements) {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>({
      text: `explain (analyze, format json) ${text}`,
      values,
    })
    const count = countRows((rows[0] as (typeof rows)[0])['QUERY PLAN'][0].Plan)
    if (count > rowsRead) costly[text] = count
  }
  expect(costly).toEqual({})
})
