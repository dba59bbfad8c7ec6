import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'

/** A disk of its own for each computer, in a file, so that it can be full. Only root may mount it, on Linux. */

const diskSize = '400M'

const run = (program: string, ...args: string[]): void =>
  void execFileSync(program, args, { stdio: ['ignore', 'ignore', 'ignore'] })

/** Mounts the disk at this folder. Returns false where that is impossible: the folder is then one of the usual disk. */
export function mountDisk(folder: string): boolean {
  mkdirSync(folder, { recursive: true })
  const image = `${folder}.img`
  try {
    if (!existsSync(image)) {
      run('truncate', '-s', diskSize, image)
      run('mkfs.ext4', '-q', '-F', '-m', '0', image)
    }
    run('mount', '-o', 'loop', image, folder)
    return true
  } catch {
    return false
  }
}

export function unmountDisk(folder: string): void {
  try {
    run('umount', path.resolve(folder))
  } catch {
    run('umount', '-l', path.resolve(folder))
  }
}
