import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { SimulateFault } from './faults.ts'
import type { Outcome } from './shrink.ts'

/** A history makes much garbage that does not live long. */
const newSpaceMegabytes = 64

/** Several processes, each of which runs one history at a time. */
export class ProcessPool {
  readonly #processes: ChildProcess[]

  constructor(count: number, fault?: SimulateFault) {
    const file = fileURLToPath(new URL('process.ts', import.meta.url))
    this.#processes = Array.from({ length: count }, () =>
      fork(file, fault ? [fault] : [], { execArgv: [`--max-semi-space-size=${newSpaceMegabytes}`] }),
    )
  }

  /** @param index of a process that runs no other history */
  async run(index: number, seed: number, isCompared: boolean): Promise<Outcome> {
    const child = this.#processes[index] as ChildProcess
    const ended = new AbortController()
    const { signal } = ended
    child.send({ seed, isCompared })
    try {
      return await Promise.race([
        once(child, 'message', { signal }).then(([outcome]) => outcome as Outcome),
        once(child, 'exit', { signal }).then(([code]) => {
          throw new Error(`the process of history ${seed} has ended with ${code as number}`)
        }),
      ])
    } finally {
      ended.abort()
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#processes.map(async (child) => {
        if (child.exitCode !== null) return
        const exit = once(child, 'exit')
        child.disconnect()
        await exit
      }),
    )
  }
}
