import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { WorkerQueue, type WorkerQueueOptions } from '../../server/workers/worker-queue.ts'
import { newDataDir } from '../support/data-dir.ts'
import type { EchoTask } from '../support/echo-worker.ts'

function createQueue(options: Partial<WorkerQueueOptions> = {}): WorkerQueue<EchoTask, string> {
  const queue = new WorkerQueue<EchoTask, string>({
    module: new URL('../support/echo-worker.ts', import.meta.url),
    workerData: 'echo',
    execArgv: [],
    idleTimeoutMs: 60_000,
    ...options,
  })
  onTestFinished(() => queue.close())
  return queue
}

test('the worker starts with the first task, answers each in its order, and fails only the task that throws', async () => {
  const queue = createQueue()
  expect(queue.isRunning).toBe(false)
  const order: number[] = []
  const outcomes = await Promise.allSettled(
    [{ say: 'a' }, { fail: 'broken' }, { say: 'b' }].map((task, i) =>
      queue.run(task).finally(() => order.push(i)),
    ),
  )
  expect(queue.isRunning).toBe(true)
  expect(order).toEqual([0, 1, 2])
  expect(outcomes).toMatchObject([
    { value: 'echo a' },
    { reason: { name: 'WorkerQueueError', reason: 'failed' } },
    { value: 'echo b' },
  ])
})

test('an idle worker ends, and the next task starts another', async () => {
  const queue = createQueue({ idleTimeoutMs: 20 })
  expect(await queue.run({ count: true })).toBe('1')
  await expect.poll(() => queue.isRunning).toBe(false)
  expect(await queue.run({ count: true })).toBe('1')
})

test('a task that takes too long fails, and the ones that wait go to a new worker', async () => {
  const queue = createQueue({ taskTimeoutMs: 100 })
  const hanging = queue.run({ hang: true })
  const waiting = queue.run({ count: true })
  await expect(hanging).rejects.toMatchObject({ reason: 'timeout' })
  expect(await waiting).toBe('1')
})

test('waiting does not count towards the timeout of a task', async () => {
  const queue = createQueue({ taskTimeoutMs: 300 })
  const outcomes = Promise.allSettled([queue.run({ hang: true }), queue.run({ hang: true })])
  const last = queue.run({ say: 'late' })
  expect(await outcomes).toMatchObject([{ reason: { reason: 'timeout' } }, { reason: { reason: 'timeout' } }])
  expect(await last).toBe('echo late')
})

test('a task whose worker ends is tried as often as the queue says', async () => {
  const once = createQueue()
  await expect(once.run({ exit: true })).rejects.toMatchObject({ reason: 'ended' })
  const twice = createQueue({ attempts: 2 })
  expect(await twice.run({ exit: true, unless: join(newDataDir(), 'tried') })).toBe('stayed')
  const again = twice.run({ count: true })
  twice.restart()
  expect(await again).toBe('1')
})

test('tasks beyond the limit are refused, and an aborted task leaves the queue with its reason', async () => {
  const queue = createQueue({ maxQueued: 2 })
  const running = queue.run({ say: 'first' })
  const controller = new AbortController()
  const aborted = queue.run({ say: 'second' }, { signal: controller.signal })
  const kept = queue.run({ say: 'third' })
  await expect(queue.run({ say: 'fourth' })).rejects.toMatchObject({ reason: 'full' })
  controller.abort(new Error('superseded'))
  await expect(aborted).rejects.toThrow('superseded')
  expect(await Promise.all([running, kept])).toEqual(['echo first', 'echo third'])
})

test('a task can refuse its turn, which is when the tasks before it are done', async () => {
  const queue = createQueue()
  const seen: string[] = []
  const first = queue.run({ say: 'first' }, { onTurn: () => void seen.push('first') })
  const refused = queue.run(
    { say: 'second' },
    {
      onTurn: () => {
        seen.push('second')
        throw new Error('no longer wanted')
      },
    },
  )
  const third = queue.run({ count: true })
  expect(seen).toEqual(['first'])
  expect(await first).toBe('echo first')
  await expect(refused).rejects.toThrow('no longer wanted')
  expect(seen).toEqual(['first', 'second'])
  expect(await third).toBe('2')
})

test('a notification reaches the worker without a result', async () => {
  const queue = createQueue()
  const file = join(newDataDir(), 'notified')
  queue.notify({ write: file })
  await expect.poll(() => existsSync(file)).toBe(true)
  expect(await queue.run({ count: true })).toBe('2')
})

test('a closed queue fails what runs and what waits, and takes nothing more', async () => {
  const queue = createQueue()
  const tasks = Promise.allSettled([queue.run({ hang: true }), queue.run({ say: 'waiting' })])
  await queue.close()
  expect(await tasks).toMatchObject([{ reason: { reason: 'closed' } }, { reason: { reason: 'closed' } }])
  await expect(queue.run({ say: 'late' })).rejects.toMatchObject({ reason: 'closed' })
})

test('users take turns: forty tasks of one delay the task of another by one, and only the own are refused', async () => {
  const queue = createQueue({ maxQueuedPerUser: 39 })
  const order: string[] = []
  const run = (user: string, i: number) =>
    queue.run({ say: String(i) }, { user }).then(() => void order.push(`${user}${i}`))
  const flood = Array.from({ length: 40 }, (_, i) => run('ann', i))
  await expect(run('ann', 40)).rejects.toMatchObject({ reason: 'full' })
  const other = run('bo', 0)
  await Promise.all([...flood, other])
  expect(order.indexOf('bo0')).toBeLessThanOrEqual(2)
  expect(order.filter((one) => one.startsWith('ann'))).toEqual(
    Array.from({ length: 40 }, (_, i) => `ann${i}`),
  )
})
