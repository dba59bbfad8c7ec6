import { mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { syncDirectory } from './fsync.ts'

/**
 * Creates a directory and those above it. Node's own `recursive` never returns where a directory cannot exist, as below
 * /proc. Returns false if a file is in the way. @throws the error of the system
 */
export function makeDirectory(directory: string, mode = 0o700): boolean {
  const missing: string[] = []
  let at = path.resolve(directory)
  for (; !isThere(at); at = path.dirname(at)) missing.push(at)
  for (const one of missing.reverse()) {
    try {
      mkdirSync(one, { mode })
      syncName(one)
    } catch (error) {
      // another process was faster
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  return statSync(directory).isDirectory()
}

/** The name of a new directory survives a power cut only after this. */
function syncName(directory: string): void {
  try {
    syncDirectory(path.dirname(directory))
  } catch (error) {
    // a directory above may be one to pass through only
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error
  }
}

function isThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    // below a file
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false
    throw error
  }
}
