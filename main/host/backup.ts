import { rename, rm } from 'node:fs/promises'
import type { BackupOptions, FromHubProcess } from '../../shared/hub-process-messages.ts'
import { ShellError } from '../shell-error.ts'
import type { HubSpawner } from './supervisor.ts'

/**
 * Writes a backup in a separate process, so that the hub does not wait for it. An existing file at `to`, which the user
 * agreed to replace, is replaced only by a complete backup. After `signal` nothing incomplete is left.
 * @throws ShellError with a text for the user
 */
export async function backUp(
  spawner: HubSpawner,
  { to, ...input }: BackupOptions,
  signal: AbortSignal,
): Promise<void> {
  const unfinished = `${to}.new`
  // the writer reports what is wrong with the folder in words for the user
  const removeUnfinished = () => rm(unfinished, { force: true }).catch(() => undefined)
  await removeUnfinished()
  try {
    await writeBackup(spawner, { ...input, to: unfinished }, signal)
    await rename(unfinished, to)
  } catch (error) {
    await removeUnfinished()
    throw error
  }
}

function writeBackup(spawner: HubSpawner, input: BackupOptions, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let lastMessage: FromHubProcess | undefined
    const writer = spawner.spawn({
      message: (message) => (lastMessage = message),
      exit: () => {
        signal.removeEventListener('abort', stop)
        if (lastMessage?.t === 'backed-up') return resolve()
        const sentence =
          lastMessage?.t === 'problem' ? lastMessage.sentence : 'The backup was not finished. Try again.'
        reject(new ShellError('conflict', sentence))
      },
    })
    const stop = () => writer.kill()
    signal.addEventListener('abort', stop)
    writer.send({ t: 'backup', ...input })
  })
}
