import { expect, test } from 'vitest'
import { runBatch, StreamWriters } from '../../server/db/postgres/batch.ts'

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

interface Step {
  name: string
  order: string[]
  fails?: boolean
}

/** Runs operations that each take a turn of the loop, and returns what has happened, in order. */
async function happened(steps: Step[]): Promise<string[]> {
  const events: string[] = []
  await runBatch(steps, async ({ name, fails = false }) => {
    events.push(`${name} begins`)
    await nextTurn()
    events.push(`${name} ends`)
    if (fails) throw new Error(`${name} fails`)
  }).catch((error: unknown) => events.push((error as Error).message))
  return events
}

test('operations with a common name run one after the other, and the others at once', async () => {
  const steps = [
    { name: 'first', order: ['chat:1', 'user:1'] },
    { name: 'second', order: ['chat:1', 'user:2'] },
    { name: 'apart', order: ['chat:2', 'user:3'] },
  ]
  const events = await happened(steps)
  const at = (event: string): number => events.indexOf(event)
  expect(events).toHaveLength(6)
  expect(at('second begins')).toBeGreaterThan(at('first ends'))
  expect(at('apart begins')).toBeLessThan(at('first ends'))
})

test('a batch fails after all its operations have ended, and none begins after one that failed', async () => {
  const steps = [
    { name: 'first', order: ['chat:1'], fails: true },
    { name: 'second', order: ['chat:1'] },
    { name: 'apart', order: ['chat:2'] },
  ]
  expect(await happened(steps)).toEqual([
    'first begins',
    'apart begins',
    'first ends',
    'apart ends',
    'first fails',
  ])
})

test('two operations that write to one stream at once are found, whichever reports first', () => {
  const [one, other] = [{}, {}]
  const writers = new StreamWriters()
  writers.note(one, 'user:1', 1)
  expect(() => writers.note(other, 'user:1', 2)).toThrow('user:1')
  writers.end(one)
  writers.note(other, 'user:1', 3)
  writers.end(other)
  expect(() => writers.note(one, 'user:1', 2)).toThrow('user:1')
})
