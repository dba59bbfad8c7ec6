import { execFile } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findPackedApps, type PackedApp } from '../../scripts/check-package.ts'
import { newDataDir } from './data-dir.ts'
import { makeStubElectron } from './stub-electron.ts'

const projectRoot = fileURLToPath(new URL('../..', import.meta.url))
const builderCli = path.join(projectRoot, 'node_modules', 'electron-builder', 'cli.js')

/** Packs the built app, with a stub in place of Electron. `kinds`: what electron-builder makes of it. */
export async function packWithStub(
  kinds: readonly ('dir' | 'deb' | 'rpm')[] = ['dir'],
  env: NodeJS.ProcessEnv = {},
): Promise<{ packed: PackedApp; stub: string }> {
  const dir = newDataDir()
  const stub = await makeStubElectron(path.join(dir, 'electron'))
  const out = path.join(dir, 'out')
  const settings = [`-c.electronDist=${stub}`, `-c.directories.output=${out}`]
  await promisify(execFile)(
    process.execPath,
    [builderCli, '--linux', ...kinds, `--${process.arch}`, '--publish', 'never', ...settings],
    { cwd: projectRoot, maxBuffer: 16 * 1024 * 1024, env: { ...process.env, ...env } },
  )
  const [packed, ...others] = findPackedApps(out)
  if (!packed || others.length > 0) throw new Error(`${others.length + (packed ? 1 : 0)} apps were packed`)
  return { packed, stub }
}
