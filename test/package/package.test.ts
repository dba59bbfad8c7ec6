import { copyFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import type { FromHubProcess } from '../../shared/hub-process-messages.ts'
import {
  findPackageProblems,
  listPackedPackages,
  measurePackage,
  type PackedApp,
} from '../../scripts/check-package.ts'
import { compareSizes, readRecordedSizes } from '../../scripts/package-sizes.ts'
import { newDataDir } from '../support/data-dir.ts'
import { TestUser } from '../support/test-user.ts'
import { png } from '../support/images.ts'
import { uploadFile } from '../support/tus.ts'
import { forkHub } from '../support/hosted-hub.ts'
import { packWithStub } from '../support/packed-app.ts'

const { extractAll, createPackageWithOptions, uncache } = createRequire(import.meta.url)(
  '@electron/asar',
) as {
  extractAll: (archive: string, to: string) => void
  createPackageWithOptions: (from: string, to: string, options: { unpack: string }) => Promise<void>
  uncache: (archive: string) => void
}

/** Everything else is bundled in dist/. `files` of electron-builder.yml names them too. */
const packedPackages = [
  ...['@emnapi/runtime', '@img/colour', '@img/sharp-wasm32', '@leichtgewicht/ip-codec', '@pinojs/redact'],
  ...[
    'argparse',
    'atomic-sleep',
    'better-sqlite3',
    'builder-util-runtime',
    'debug',
    'detect-libc',
    'dns-packet',
  ],
  ...[
    'electron-updater',
    'electron-updater/node_modules/semver',
    'fs-extra',
    'graceful-fs',
    'js-yaml',
    'jsonfile',
  ],
  ...['lazy-val', 'lodash.escaperegexp', 'lodash.isequal', 'ms', 'on-exit-leak-free', 'pino'],
  ...[
    'pino-abstract-transport',
    'pino-std-serializers',
    'process-warning',
    'quick-format-unescaped',
    'real-require',
  ],
  ...['safe-stable-stringify', 'sax', 'semver', 'sharp', 'sonic-boom', 'split2', 'thread-stream'],
  ...['tiny-typed-emitter', 'tslib', 'universalify'],
]

/*
 * The packer, its configuration, the archive, the native modules next to it and the fuses are real. Only Electron is a
 * stub, so that nothing is downloaded.
 */
test('packs everything the app needs, one native module, nothing else, and sets the fuses', async () => {
  const { packed, stub } = await packWithStub()
  expect(await findPackageProblems(packed)).toEqual([])
  expect(listPackedPackages(packed).map((folder) => folder.replace('node_modules/', ''))).toEqual(
    packedPackages,
  )
  const recorded = readRecordedSizes()[packed.target]
  expect(compareSizes(packed.target, measurePackage(packed), recorded).problems).toEqual([])

  await expectHubRuns(packed)

  // the check finds a second target and wrong fuses
  const natives = path.join(packed.resources, 'app.asar.unpacked/node_modules/better-sqlite3/prebuilds')
  cpSync(path.join(natives, `linux-${process.arch}.node`), path.join(natives, 'win32-x64.node'))
  const decoders = path.join(packed.resources, 'app.asar.unpacked/node_modules/@img')
  mkdirSync(path.join(decoders, 'sharp-linux-x64/lib'), { recursive: true })
  writeFileSync(path.join(decoders, 'sharp-linux-x64/lib/sharp.node'), '')
  copyFileSync(path.join(stub, 'electron'), packed.executable)
  await repackArchive(packed, (folder) => {
    rmSync(path.join(folder, 'node_modules', 'sonic-boom'), { recursive: true })
    mkdirSync(path.join(folder, 'node_modules', 'lit'))
    writeFileSync(path.join(folder, 'node_modules', 'lit', 'package.json'), '{}')
  })
  expect(await findPackageProblems(packed)).toEqual([
    'node_modules/pino needs sonic-boom, which is missing',
    'node_modules/lit is not used by the app',
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

async function repackArchive({ resources }: PackedApp, change: (folder: string) => void): Promise<void> {
  const archive = path.join(resources, 'app.asar')
  const folder = path.join(newDataDir(), 'changed')
  extractAll(archive, folder)
  change(folder)
  await createPackageWithOptions(folder, archive, { unpack: '{**/*.node,**/node_modules/@img/**}' })
  // it keeps the list of the files it has read
  uncache(archive)
}

test('fails for a size that grew by more than a twentieth, and says so for a target without a record', () => {
  const sizes = { archive: 10_600_000, unpacked: 9_000_000, deb: 1 }
  expect(compareSizes('linux-x64', sizes, { archive: 10_000_000, unpacked: 10_000_000 })).toEqual({
    lines: [
      'linux-x64: archive 10.60 MB, last 10.00 MB (+6.0 %)',
      'linux-x64: unpacked 9.00 MB, last 10.00 MB (-10.0 %)',
      'linux-x64: deb 0.00 MB, no earlier size is recorded',
    ],
    problems: [
      'linux-x64: archive grew from 10.00 MB to 10.60 MB. If that is meant, run check-package with --record.',
    ],
  })
})

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
  hub.send({ t: 'stop', graceMs: 5_000, isRestart: false })
  expect(await ended.promise).toBe(0)
}
