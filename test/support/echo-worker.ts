import { writeFileSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { serveTasks } from '../../server/workers/serve-tasks.ts'

/** The worker of worker-queue.test.ts: does what a task says. */
export type EchoTask =
  | { say: string }
  | { fail: string }
  | { write: string }
  | { hang: true }
  | { exit: true; unless?: string }
  | { count: true }

let count = 0

serveTasks(async (task: EchoTask): Promise<string> => {
  count += 1
  if ('say' in task) return `${String(workerData)} ${task.say}`
  if ('fail' in task) throw new Error(task.fail)
  if ('write' in task) writeFileSync(task.write, '')
  if ('exit' in task) {
    const { existsSync } = await import('node:fs')
    if (task.unless !== undefined && existsSync(task.unless)) return 'stayed'
    if (task.unless !== undefined) writeFileSync(task.unless, '')
    process.exit(1)
  }
  if ('hang' in task) await new Promise(() => setInterval(() => {}, 1000))
  return String(count)
})
