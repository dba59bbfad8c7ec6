import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

/** Returns false if the folder is, or may be, the place of a hub: then only its owner may delete it. */
export function isCopyFolder(dataDir: string): boolean {
  try {
    const text = readFileSync(path.join(dataDir, 'continuity', 'state.json'), 'utf8')
    return (JSON.parse(text) as { role?: unknown }).role === 'standby'
  } catch (error) {
    // nothing of the hub has come yet
    return (error as { code?: unknown }).code === 'ENOENT'
  }
}

export function removeFolder(dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 })
}
