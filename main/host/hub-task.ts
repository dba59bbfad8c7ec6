import type { FromHubProcess, ToHubProcess } from '../../shared/hub-process-messages.ts'
import { ShellError } from '../shell-error.ts'
import type { HubSpawner } from './supervisor.ts'

interface HubTask {
  message: Extract<ToHubProcess, { t: 'backup' | 'restore' }>
  /** What the process says when it has succeeded. */
  success: FromHubProcess['t']
  /** For the user, if the process says nothing. */
  failure: string
}

/**
 * Runs one task in a process of its own, so that the hub does not wait for it. `signal` ends it.
 * @throws ShellError with a text for the user
 */
export function runHubTask(
  spawner: HubSpawner,
  { message, success, failure }: HubTask,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let lastMessage: FromHubProcess | undefined
    const worker = spawner.spawn({
      message: (received) => (lastMessage = received),
      exit: () => {
        signal.removeEventListener('abort', stop)
        if (lastMessage?.t === success && !signal.aborted) return resolve()
        reject(new ShellError('conflict', lastMessage?.t === 'problem' ? lastMessage.sentence : failure))
      },
    })
    const stop = () => worker.kill()
    signal.addEventListener('abort', stop)
    worker.send(message)
  })
}
