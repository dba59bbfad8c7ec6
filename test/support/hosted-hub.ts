import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { HubProcess, HubSpawner } from '../../main/host/supervisor.ts'
import { systemClock, type Clock } from '../../main/ports.ts'
import type { FromHubProcess } from '../../shared/hub-process-messages.ts'

const hubProgram = join(import.meta.dirname, '..', '..', 'server', 'hub-process.ts')

/** The hub's process as the desktop starts it, by node's own fork instead of Electron's. `file`: another than the sources'. */
export function forkHub(file = hubProgram): HubSpawner & { processes: ChildProcess[] } {
  const processes: ChildProcess[] = []
  onTestFinished(() => {
    for (const child of processes) child.kill('SIGKILL')
  })
  return {
    processes,
    spawn: ({ message, exit }): HubProcess => {
      const child = fork(file, [], {
        serialization: 'advanced',
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      })
      processes.push(child)
      child.on('message', (said) => message(said as FromHubProcess))
      child.on('exit', (code) => exit(code ?? 1))
      return {
        send: (said) => {
          if (child.connected) child.send(said)
        },
        kill: () => void child.kill('SIGKILL'),
      }
    },
  }
}

/** The waiting between two starts is not what a test waits for; what gives up on a process keeps its time. */
export const acceleratedClock: Clock = {
  ...systemClock,
  setTimeout: (run, ms) => setTimeout(run, ms < 60_000 ? ms / 20 : ms),
}
