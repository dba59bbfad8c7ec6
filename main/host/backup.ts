import { rename, rm } from 'node:fs/promises'
import type { BackupOptions, RestoreOptions } from '../../shared/hub-process-messages.ts'
import { removeFolder } from './copy-folder.ts'
import { runHubTask } from './hub-task.ts'
import type { HubSpawner } from './supervisor.ts'

/**
 * Writes a backup. An existing file at `to`, which the user agreed to replace, is replaced only by a complete backup. After
 * `signal` nothing incomplete is left.
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
    await runHubTask(
      spawner,
      {
        message: { t: 'backup', ...input, to: unfinished },
        success: 'backed-up',
        failure: 'The backup was not finished. Try again.',
      },
      signal,
    )
    await rename(unfinished, to)
  } catch (error) {
    await removeUnfinished()
    throw error
  }
}

/**
 * Checks a backup and unpacks it into a folder that does not exist yet. After a failure or `signal` there is no folder.
 * @throws ShellError with a text for the user
 */
export async function restoreBackup(
  spawner: HubSpawner,
  options: RestoreOptions,
  signal: AbortSignal,
): Promise<void> {
  try {
    await runHubTask(
      spawner,
      {
        message: { t: 'restore', ...options },
        success: 'restored',
        failure: 'The backup was not restored. Try again.',
      },
      signal,
    )
  } catch (error) {
    removeFolder(options.dataDir)
    throw error
  }
}
