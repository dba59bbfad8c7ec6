import { createHash } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import path from 'node:path'
import type { HubContext } from '../context.ts'
import type { KeptFile, KeptMessage } from '../continuity/set-aside-messages.ts'
import type { SetAsideSource } from '../continuity/set-aside.ts'
import { continuityFolder } from '../continuity/state-file.ts'
import { mapDiskFull } from '../file-storage/contents.ts'
import { type BroughtBack, bringBackMessage } from '../messages/bring-back.ts'
import { runOperation } from '../operation.ts'

/*
 * Brings messages back from a database that was set aside, with their files. It may end at any place, and be run again: each
 * message is an operation of its own, and one that is here already stays as it is.
 */

export type ReclaimCounts = Record<BroughtBack, number>

/** @param counts grow while it runs. @throws Error if the other computer leaves, or HubError `disk_full` */
export async function reclaim(
  hub: HubContext,
  source: SetAsideSource,
  folder: string,
  counts: ReclaimCounts,
): Promise<void> {
  await source.refresh(hub.rowLog.position?.lsn ?? 0)
  const scratch = path.join(continuityFolder(hub.dataDir), 'reclaimed-files')
  try {
    let after = 0
    for (;;) {
      const messages = await source.readMessages(folder, after)
      const last = messages.at(-1)
      if (!last) break
      for (const message of messages) counts[await bringBack(hub, source, { folder, scratch }, message)] += 1
      after = last.n
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  await source.refresh(hub.rowLog.position?.lsn ?? 0)
}

interface Folders {
  folder: string
  scratch: string
}

async function bringBack(
  hub: HubContext,
  source: SetAsideSource,
  folders: Folders,
  message: KeptMessage,
): Promise<BroughtBack> {
  const files: KeptFile[] = []
  try {
    for (const file of message.files) if (await bringContent(hub, source, folders, file)) files.push(file)
    const bytes = Buffer.byteLength(message.text) + 1024
    return await runOperation(hub, { locks: 'hub', bytes }, (op) => bringBackMessage(op, message, files))
  } finally {
    hub.files.settle(files.map(({ digest }) => digest))
  }
}

/** Makes sure that the content is here and stays until its row is written. Returns false if the folder lacks it too. */
async function bringContent(
  hub: HubContext,
  source: SetAsideSource,
  { folder, scratch }: Folders,
  { digest, size }: KeptFile,
): Promise<boolean> {
  if (await hub.files.keepStored(digest, size)) return true
  const file = path.join(scratch, digest)
  if (!(await receive(source, { folder, digest, size }, file))) return false
  await hub.files.writeFile(file, digest)
  await rm(file, { force: true })
  return true
}

async function receive(
  source: SetAsideSource,
  { folder, digest, size }: { folder: string; digest: string; size: number },
  file: string,
): Promise<boolean> {
  return mapDiskFull(async () => {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    const handle = await open(file, 'w', 0o600)
    const hash = createHash('sha256')
    try {
      for (let from = 0; ;) {
        const part = await source.readFile(folder, digest, from)
        if (!part) return false
        if (part.length === 0) break
        await handle.writeFile(part)
        hash.update(part)
        from += part.length
        // a file that is longer than its row says is another one
        if (from > size) return false
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    return hash.digest('hex') === digest
  })
}
