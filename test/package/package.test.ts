import { execFile } from 'node:child_process'
import { copyFileSync, cpSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { packedIn, problemsOf } from '../../scripts/check-package.ts'
import { newDataDir } from '../support/data-dir.ts'
import { makeStubElectron } from '../support/stub-electron.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const builder = path.join(root, 'node_modules', 'electron-builder', 'cli.js')

/*
 * The packer, its configuration, the archive, the natives beside it and the fuses are real; the Electron in it is a stub, so
 * that nothing is downloaded.
 */
test('what is packed has all it needs, one native module, nothing else, and its fuses set', async () => {
  const dir = newDataDir()
  const stub = await makeStubElectron(path.join(dir, 'electron'))
  const out = path.join(dir, 'out')
  const settings = [`-c.electronDist=${stub}`, `-c.directories.output=${out}`]
  await promisify(execFile)(
    process.execPath,
    [builder, '--linux', 'dir', `--${process.arch}`, '--publish', 'never', ...settings],
    { cwd: root, maxBuffer: 16 * 1024 * 1024 },
  )
  const [packed, ...others] = packedIn(out)
  expect(others).toEqual([])
  if (!packed) throw new Error('nothing was packed')
  expect(await problemsOf(packed)).toEqual([])

  // and that the check would notice: a second target, a fuse that is not as it should be
  const natives = path.join(packed.resources, 'app.asar.unpacked/node_modules/better-sqlite3/prebuilds')
  cpSync(path.join(natives, `linux-${process.arch}.node`), path.join(natives, 'win32-x64.node'))
  copyFileSync(path.join(stub, 'electron'), packed.executable)
  expect(await problemsOf(packed)).toEqual([
    expect.stringContaining('better-sqlite3 for 2 targets'),
    expect.stringContaining('RunAsNode is not off'),
    expect.stringContaining('EnableCookieEncryption is not on'),
    expect.stringContaining('EnableNodeOptionsEnvironmentVariable is not off'),
    expect.stringContaining('EnableNodeCliInspectArguments is not off'),
    expect.stringContaining('EnableEmbeddedAsarIntegrityValidation is not on'),
    expect.stringContaining('OnlyLoadAppFromAsar is not on'),
    expect.stringContaining('GrantFileProtocolExtraPrivileges is not off'),
  ])
}, 120_000)
