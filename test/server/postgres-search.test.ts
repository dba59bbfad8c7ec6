import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makeWorld } from '../support/world.ts'
import { waitFor } from '../support/wait-for.ts'

/* Searches in PostgreSQL look at windows of messages, and end a page early rather than take long. */

/** More than the first window has. */
const newerCount = 2_000

test('a page that takes too long ends with what was found, and the next pages miss nothing', async () => {
  const { hub, ann, kitchen } = await makeWorld({ loadTest: true })
  const send = (text: string) => ann.sendMessage(kitchen.id, text)
  const sunny: string[] = []
  for (let n = 0; n < 30; n += 1) sunny.unshift((await send(`Sun ${n}`)).id)
  for (let n = 0; n < newerCount; n += 50)
    await Promise.all(Array.from({ length: 50 }, (_, each) => send(`Rain ${n + each}`)))
  await waitFor(async () => {
    expect((await ann.request('search.messages', { q: 'rain' })).building).toBeUndefined()
  })

  let windows = 0
  let slow = false
  const query = Reflect.get(pg.Client.prototype, 'query') as (this: pg.Client, ...given: unknown[]) => unknown
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...given: unknown[]
  ) {
    const [sent] = given as [{ text?: string }]
    if (slow && sent.text?.includes('order by "m"."n" desc limit') && sent.text.includes('"m"."rev"')) {
      windows += 1
      if (windows === 2) return query.call(this, 'select pg_sleep(10)')
    }
    return query.apply(this, given)
  })
  onTestFinished(() => spy.mockRestore())

  const found: string[] = []
  let before: string | undefined
  slow = true
  for (let page = 0; page === 0 || before !== undefined; page += 1) {
    const { hits, next } = await ann.request('search.messages', {
      q: 'sun',
      ...(before !== undefined && { before }),
    })
    if (page === 0) expect(hits).toHaveLength(1)
    found.push(...hits.map(({ message }) => message.id))
    before = next
  }
  expect(windows).toBeGreaterThan(2)
  expect(found).toEqual(sunny)
  await hub.close()
})
