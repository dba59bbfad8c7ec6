import { rename, rm } from 'node:fs/promises'
import type { BackupOptions, FromHubProcess } from '../../shared/hub-process-messages.ts'
import { ShellError } from '../shell-error.ts'
import type { HubSpawner } from './supervisor.ts'

/**
 * A backup by a process of its own, so that nobody in the hub waits for it. What is at `to` already, and the person has agreed
 * to lose, goes only when the new one is whole.
 * @throws ShellError in words for a person
 */
export async function backUp(spawner: HubSpawner, { to, ...order }: BackupOptions): Promise<void> {
  const unfinished = `${to}.new`
  // what is wrong with the place, the writer says in words
  await rm(unfinished, { force: true }).catch(() => undefined)
  await writeBackup(spawner, { ...order, to: unfinished })
  await rename(unfinished, to)
}

function writeBackup(spawner: HubSpawner, order: BackupOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let last: FromHubProcess | undefined
    const writer = spawner.spawn({
      message: (message) => (last = message),
      exit: () => {
        if (last?.t === 'backed-up') return resolve()
        const sentence = last?.t === 'problem' ? last.sentence : 'The backup was not finished. Try again.'
        reject(new ShellError('conflict', sentence))
      },
    })
    writer.send({ t: 'backup', ...order })
  })
}
