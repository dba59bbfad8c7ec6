import { execFile } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import type { FromHubProcess } from '../../shared/hub-process-messages.ts'
import { findPackedApps, findPackageProblems, type PackedApp } from '../../scripts/check-package.ts'
import { newDataDir } from '../support/data-dir.ts'
import { TestUser } from '../support/test-user.ts'
import { png } from '../support/images.ts'
import { uploadFile } from '../support/tus.ts'
import { forkHub } from '../support/hosted-hub.ts'
import { makeStubElectron } from '../support/stub-electron.ts'

const { extractAll } = createRequire(import.meta.url)('@electron/asar') as {
  extractAll: (archive: string, to: string) => void
}
const projectRoot = fileURLToPath(new URL('../..', import.meta.url))
const builderCli = path.join(projectRoot, 'node_modules', 'electron-builder', 'cli.js')

/*
 * The packer, its configuration, the archive, the native modules next to it and the fuses are real. Only Electron is a
 * stub, so that nothing is downloaded.
 */
test('packs everything the app needs, one native module, nothing else, and sets the fuses', async () => {
  const dir = newDataDir()
  const stub = await makeStubElectron(path.join(dir, 'electron'))
  const out = path.join(dir, 'out')
  const settings = [`-c.electronDist=${stub}`, `-c.directories.output=${out}`]
  await promisify(execFile)(
    process.execPath,
    [builderCli, '--linux', 'dir', `--${process.arch}`, '--publish', 'never', ...settings],
    { cwd: projectRoot, maxBuffer: 16 * 1024 * 1024 },
  )
  const [packed, ...others] = findPackedApps(out)
  expect(others).toEqual([])
  if (!packed) throw new Error('nothing was packed')
  expect(await findPackageProblems(packed)).toEqual([])

  await expectHubRuns(packed)

  // the check finds a second target and wrong fuses
  const natives = path.join(packed.resources, 'app.asar.unpacked/node_modules/better-sqlite3/prebuilds')
  cpSync(path.join(natives, `linux-${process.arch}.node`), path.join(natives, 'win32-x64.node'))
  const decoders = path.join(packed.resources, 'app.asar.unpacked/node_modules/@img')
  mkdirSync(path.join(decoders, 'sharp-linux-x64/lib'), { recursive: true })
  writeFileSync(path.join(decoders, 'sharp-linux-x64/lib/sharp.node'), '')
  copyFileSync(path.join(stub, 'electron'), packed.executable)
  expect(await findPackageProblems(packed)).toEqual([
    expect.stringContaining('better-sqlite3 for 2 targets'),
    expect.stringContaining('not sharp-linux-x64, sharp-wasm32'),
    expect.stringContaining('RunAsNode is not off'),
    expect.stringContaining('EnableNodeOptionsEnvironmentVariable is not off'),
    expect.stringContaining('EnableNodeCliInspectArguments is not off'),
    expect.stringContaining('EnableEmbeddedAsarIntegrityValidation is not on'),
    expect.stringContaining('OnlyLoadAppFromAsar is not on'),
    expect.stringContaining('GrantFileProtocolExtraPrivileges is not off'),
  ])
}, 120_000)

/** Starts the hub from the packed files alone: it registers its owner and serves its page. */
async function expectHubRuns({ resources }: PackedApp): Promise<void> {
  const dir = newDataDir()
  const unpacked = path.join(dir, 'app')
  extractAll(path.join(resources, 'app.asar'), unpacked)
  const received: FromHubProcess[] = []
  const ended = Promise.withResolvers<number>()
  const hub = forkHub(path.join(unpacked, 'dist', 'hub', 'server', 'hub-process.js')).spawn({
    message: (message) => received.push(message),
    exit: (code) => ended.resolve(code),
  })
  hub.send({
    ...{ t: 'start', dataDir: path.join(dir, 'hub'), port: 0, lan: false, interfaces: [], browsers: true },
    ...{ logFile: path.join(dir, 'hub.log'), pagesDir: path.join(unpacked, 'dist', 'renderer') },
  })
  const listening = await vi.waitFor(
    () => {
      const found = received.find((message) => message.t === 'listening')
      if (!found) throw new Error(`not yet: ${JSON.stringify(received)}`)
      return found
    },
    { timeout: 30_000 },
  )
  const url = `http://127.0.0.1:${listening.port}`
  const olga = await TestUser.setUp(url, { code: listening.setupCode, username: 'olga' })
  const chat = await olga.createGroup('packed')
  await olga.sendMessage(chat.id, 'hello from the package')
  // each worker thread: the search, the digest of a file, a picture
  await vi.waitFor(
    async () => {
      const { hits } = await olga.request('search.messages', { q: 'package' })
      expect(hits).toHaveLength(1)
    },
    { timeout: 20_000 },
  )
  const picture = await uploadFile(url, olga.token, { name: 'pier.png', bytes: png(300, 200) })
  const { message } = await olga.request('messages.send', {
    ...{ chatId: chat.id, cid: crypto.randomUUID(), text: '', attachments: [picture] },
  })
  // a width is known only of a picture that was decoded
  expect(message).toMatchObject({ attachments: [{ name: 'pier.png', width: 300, height: 200 }] })
  expect(await (await fetch(url)).text()).toContain('<script')
  expect((await fetch(`${url}/api/docs`)).status).toBe(200)
  hub.send({ t: 'stop', graceMs: 5_000 })
  expect(await ended.promise).toBe(0)
}
