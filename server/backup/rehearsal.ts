import { fork } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { workerModule } from '../program-files.ts'
import type { RehearsalResult, RehearsalTask } from './rehearsal-worker.ts'

/** In the data directory, during a rehearsal. */
export const rehearsalFolder = '.rehearsal'

const defaultWay = 'electron' in process.versions ? 'thread' : 'process'
const timeoutMs = 10 * 60_000

/**
 * Rehearses a restore. A process of its own cannot harm the hub; the packaged app has none to start (its fuses forbid
 * it), so there it is a thread.
 */
export async function rehearse(
  { archive, messages, dataDir }: { archive: string; messages: number; dataDir: string },
  signal: AbortSignal,
  way: 'process' | 'thread' = defaultWay,
): Promise<RehearsalResult> {
  const scratch = path.join(dataDir, rehearsalFolder)
  rmSync(scratch, { recursive: true, force: true })
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const task: RehearsalTask = { archive, scratch, messages }
  try {
    return await (way === 'process' ? runProcess(task, limit) : runThread(task, limit))
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}

const module = workerModule('backup/rehearsal-worker')
const ended: RehearsalResult = { problem: 'The hub ended before it answered.' }

function runProcess(task: RehearsalTask, signal: AbortSignal): Promise<RehearsalResult> {
  const { promise, resolve } = Promise.withResolvers<RehearsalResult>()
  const child = fork(fileURLToPath(module), [], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  let result = ended
  child.once('message', (message) => (result = message as RehearsalResult))
  child.once('error', (error) => resolve({ problem: error.message }))
  child.once('exit', () => resolve(result))
  signal.addEventListener('abort', () => child.kill('SIGKILL'), { once: true })
  child.send(task)
  return promise
}

async function runThread(task: RehearsalTask, signal: AbortSignal): Promise<RehearsalResult> {
  const { promise, resolve } = Promise.withResolvers<RehearsalResult>()
  const worker = new Worker(module, { workerData: task, execArgv: [] })
  let result = ended
  worker.once('message', (message: RehearsalResult) => (result = message))
  worker.once('error', (error) => (result = { problem: String(error) }))
  worker.once('exit', () => resolve(result))
  signal.addEventListener('abort', () => void worker.terminate(), { once: true })
  return promise
}
