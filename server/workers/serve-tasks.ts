import { parentPort } from 'node:worker_threads'
import type { WorkerAnswer, WorkerMessage } from './worker-queue.ts'

/** Runs the tasks of a WorkerQueue in the worker thread. Call it last, once everything is loaded. */
export function serveTasks<Task, Result>(run: (task: Task) => Result | Promise<Result>): void {
  const post = (answer: WorkerAnswer<Result>): void => parentPort?.postMessage(answer)
  parentPort?.on('message', ({ id, task }: WorkerMessage<Task>) => {
    void Promise.resolve()
      .then(() => run(task))
      .then(
        (result) => id !== undefined && post({ id, result }),
        (error: unknown) => id !== undefined && post({ id, error: describeError(error) }),
      )
  })
  post({ ready: true })
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
