import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new directory for a test, removed after it. */
export function newDataDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'hubbub-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
