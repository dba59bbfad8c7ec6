import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Flushes the names in a directory, so that a rename survives a power cut. Windows has no such call and needs none. */
export function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(directory, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
