import { pino } from 'pino'
import { expect, test } from 'vitest'
import { HubError } from '../../shared/errors.ts'
import { Jobs } from '../../server/jobs.ts'
import { manualClock } from '../support/manual-clock.ts'

/** Jobs on a manual clock; `work` counts its runs, and each run lasts until `finish` is called. */
function createJobs() {
  const lines: { job: string; err: { message: string } }[] = []
  const log = pino({ level: 'warn' }, { write: (line) => void lines.push(JSON.parse(line) as never) })
  const clock = manualClock()
  const jobs = new Jobs(log, clock)
  const started: { finish: () => void; fail: (error: Error) => void }[] = []
  let running = 0
  let mostAtOnce = 0
  const work = async () => {
    running += 1
    mostAtOnce = Math.max(mostAtOnce, running)
    await new Promise<void>((resolve, reject) => started.push({ finish: resolve, fail: reject })).finally(
      () => (running -= 1),
    )
  }
  return { jobs, clock, lines, started, work, mostAtOnce: () => mostAtOnce }
}

test('a periodic job runs at each period, and skips the ones during which it still runs', async () => {
  const { jobs, clock, started, work } = createJobs()
  jobs.add('messages.expire', { everyMs: 1000, run: work })
  clock.pass(999)
  expect(started).toHaveLength(0)
  clock.pass(1)
  clock.pass(1000)
  clock.pass(1000)
  expect(started).toHaveLength(1)
  started[0]?.finish()
  await jobs.idle('messages.expire')
  clock.pass(1000)
  expect(started).toHaveLength(2)
})

test('a job requested several times while it runs runs once more, afterwards', async () => {
  const { jobs, started, work, mostAtOnce } = createJobs()
  jobs.add('messages.purge', { run: work })
  const first = jobs.run('messages.purge')
  const later = [jobs.run('messages.purge'), jobs.run('messages.purge')]
  expect(started).toHaveLength(1)
  started[0]?.finish()
  await first
  await expect.poll(() => started.length).toBe(2)
  started[1]?.finish()
  await Promise.all(later)
  expect(started).toHaveLength(2)
  expect(mostAtOnce()).toBe(1)
})

test('of several delays the earliest counts', async () => {
  const { jobs, clock, started, work } = createJobs()
  jobs.add('messages.purge', { run: work })
  jobs.runSoon('messages.purge', 1000)
  clock.pass(900)
  jobs.runSoon('messages.purge', 500)
  clock.pass(100)
  expect(started).toHaveLength(1)
  started[0]?.finish()
  await jobs.idle('messages.purge')
  jobs.runSoon('messages.purge', 1000)
  jobs.runSoon('messages.purge')
  clock.pass(0)
  expect(started).toHaveLength(2)
  started[1]?.finish()
  await jobs.idle('messages.purge')
  clock.pass(2000)
  expect(started).toHaveLength(2)
})

test('a failure is logged with the name of the job and thrown to its caller, and the job runs again', async () => {
  const { jobs, clock, lines, started, work } = createJobs()
  jobs.add('uploads.expire', { everyMs: 1000, run: work })
  clock.pass(1000)
  started[0]?.fail(new Error('no disk'))
  await jobs.idle('uploads.expire')
  expect(lines).toMatchObject([{ job: 'uploads.expire', err: { message: 'no disk' } }])
  clock.pass(1000)
  expect(started).toHaveLength(2)
  started[1]?.finish()
  await jobs.idle('uploads.expire')
  const failing = jobs.run('uploads.expire')
  started[2]?.fail(new Error('still no disk'))
  await expect(failing).rejects.toThrow('still no disk')
})

test('a job that the closing hub refuses is not logged', async () => {
  const { jobs, lines, started, work } = createJobs()
  jobs.add('search.index', { run: work })
  const refused = jobs.run('search.index')
  started[0]?.fail(new HubError('busy', 'The hub is closing.'))
  await expect(refused).rejects.toThrow('closing')
  expect(lines).toEqual([])
})

test('close awaits what runs, and nothing starts afterwards', async () => {
  const { jobs, clock, started, work } = createJobs()
  jobs.add('groups.purge', { everyMs: 1000, run: work })
  jobs.add('search.build', { run: work })
  void jobs.run('groups.purge')
  const following = jobs.run('groups.purge')
  jobs.runSoon('search.build', 10)
  let isClosed = false
  const closing = jobs.close().then(() => (isClosed = true))
  clock.pass(5000)
  await Promise.resolve()
  expect(isClosed).toBe(false)
  started[0]?.finish()
  await closing
  await following
  jobs.runSoon('search.build')
  clock.pass(5000)
  await jobs.run('search.build')
  expect(started).toHaveLength(1)
})
