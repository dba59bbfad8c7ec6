import { createPrivateKey } from 'node:crypto'
import { renameSync, statfsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { syncDirectory } from '../db/fsync.ts'
import { makeDirectory } from '../db/make-directory.ts'
import { keyFile, readIdentity } from '../identity.ts'
import { readHubFile } from './hub-file.ts'
import { type Power, readPower } from './power.ts'

/** Stores the key of the hub, by which this computer can be it. @throws Error if it is that of another hub */
export function storeHubKey(dataDir: string, pem: string): void {
  const file = keyFile(dataDir)
  createPrivateKey(pem)
  makeDirectory(path.dirname(file))
  writeFileSync(`${file}.new`, pem, { mode: 0o600, flush: true })
  if (readIdentity(`${file}.new`).hubId !== readHubFile(dataDir)?.hubId)
    throw new Error('the hub has sent the key of another hub')
  renameSync(`${file}.new`, file)
  syncDirectory(path.dirname(file))
}

/** A hub from a restored backup has met the one that the backup was made of, and has no address of it. */
export const knowsNobody =
  'Another computer is this hub now, and this computer does not know its address. In its administration, under Standby computers, add this computer with a new link.'

export interface ConditionOptions {
  dataDir: string
  /** What the desktop app knows; undefined: it does not say. */
  power?: (() => Power | undefined) | undefined
}

/** What the beats of a computer that is not the hub say of it. */
export function readCondition({ dataDir, power: ask }: ConditionOptions, problem?: string): object {
  const power = ask?.() ?? readPower()
  const known = { ...(power && { power }), ...(problem === undefined ? {} : { problem }) }
  try {
    const { bavail, bsize } = statfsSync(dataDir)
    return { ...known, free: bavail * bsize }
  } catch {
    return known
  }
}
