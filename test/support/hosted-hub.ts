import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { HubProcess, HubSpawner } from '../../main/host/supervisor.ts'
import { systemClock, type Clock } from '../../main/ports.ts'
import type { FromHubProcess } from '../../shared/hub-process-messages.ts'

const hubProgram = join(import.meta.dirname, '..', '..', 'server', 'hub-process.ts')

/** Starts the hub’s process as the desktop app does, with Node’s own fork. `file`: another program than the sources. */
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

/** Skips the delay between two starts, which is not under test. The timeouts for a process that hangs stay. */
export const acceleratedClock: Clock = {
  ...systemClock,
  setTimeout: (run, ms) => setTimeout(run, ms < 10_000 ? ms / 20 : ms),
}
