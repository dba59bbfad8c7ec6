// Checks the packed app before it is installed: `node scripts/check-package.ts out`. Everything the app needs is in it,
// and nothing else. Native code is outside the archive, for one target only, and the fuses match electron-builder.yml.
// Prints sizes against the recorded ones; `--record` records them.
import { readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import {
  compareSizes,
  inMegabytes,
  readRecordedSizes,
  recordSizes,
  type PackageSizes,
} from './package-sizes.ts'
import { findPackageImportProblems, listPackages } from './packed-packages.ts'

const { listPackage, statFile } = createRequire(import.meta.url)('@electron/asar') as {
  listPackage: (archive: string, options: { isPack: boolean }) => string[]
  statFile: (archive: string, file: string) => { size: number; unpacked?: boolean } | { files: object }
}

/** Files that must be in the archive. */
const requiredFiles = [
  'package.json',
  'dist/main/entry.js',
  'dist/main/preload.cjs',
  'dist/hub/package.json',
  'dist/hub/server/hub-process.js',
  // worker threads, which no import names
  'dist/hub/server/search-index/search-worker.js',
  'dist/hub/server/file-storage/hash-worker.js',
  'dist/hub/server/file-storage/image-worker.js',
  'dist/renderer/index.html',
  // for browsers at a hub in the app
  'dist/renderer/service-worker.js',
  'dist/THIRD-PARTY-NOTICES.txt',
  'node_modules/better-sqlite3/package.json',
  'main/icons/hubbubTemplate.png',
]
/** Files that would be dead weight or a security hole. */
const forbiddenFiles = [
  /^node_modules\/(vite|vitest|typescript|electron|electron-builder|eslint|prettier|playwright-core|rolldown)\//,
  /^node_modules\/better-sqlite3\/(deps|src|build)\//,
  /^node_modules\/(.+\/node_modules\/)?bare-[^/]+\//,
  /^(test|bench|docs|scripts|\.github|\.ci)\//,
  // the hub in the app makes them in memory
  /^dist\/compressed\//,
  /\.map$/,
  /^\.env|\.pem$|\.db$/,
]

export const expectedFuses: ReadonlyMap<FuseV1Options, boolean> = new Map([
  [FuseV1Options.RunAsNode, false],
  [FuseV1Options.EnableCookieEncryption, false],
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable, false],
  [FuseV1Options.EnableNodeCliInspectArguments, false],
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation, true],
  [FuseV1Options.OnlyLoadAppFromAsar, true],
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot, false],
  [FuseV1Options.GrantFileProtocolExtraPrivileges, false],
])

/** One unpacked app below `out`. */
export interface PackedApp {
  /** System and processor, such as `linux-x64`. */
  target: string
  resources: string
  isLinux: boolean
  executable: string
  /** The files for users that were made of it, if any. */
  installers: string[]
}

/** Returns the problems as sentences; empty if there are none. */
export async function findPackageProblems(packed: PackedApp): Promise<string[]> {
  return [...contentProblems(packed), ...(await fuseProblems(packed))]
}

function contentProblems({ resources, isLinux }: PackedApp): string[] {
  const packedFiles = listArchive(resources)
  const all = new Set(packedFiles)
  const unpackedFiles = listFiles(path.join(resources, 'app.asar.unpacked'))
  const natives = unpackedFiles.filter((name) => name.endsWith('.node'))
  const sqlite = natives.filter((name) => name.includes('better-sqlite3/'))
  return [
    ...requiredFiles.filter((name) => !all.has(name)).map((name) => `${name} is missing`),
    ...findPackageImportProblems(path.join(resources, 'app.asar'), all),
    ...packedFiles
      .filter((name) => forbiddenFiles.some((forbidden) => forbidden.test(name)))
      .map((name) => `${name} does not belong in the package`),
    ...(sqlite.length === 1 ? [] : [`better-sqlite3 for ${sqlite.length} targets: ${sqlite.join(', ')}`]),
    ...decoderProblems(unpackedFiles, isLinux),
    ...packedFiles
      .filter((name) => name.endsWith('.node') && !natives.includes(name))
      .map((name) => `${name} cannot be loaded from inside the archive`),
  ]
}

/** One decoder of pictures: on Linux the WebAssembly build, since native sharp crashes inside Electron there. */
function decoderProblems(unpackedFiles: readonly string[], isLinux: boolean): string[] {
  const sharps = new Set(unpackedFiles.flatMap((name) => /@img\/(sharp-[^/]+)\//.exec(name)?.[1] ?? []))
  const decoders = [...sharps].filter((name) => !name.startsWith('sharp-libvips-'))
  const isRight = decoders.length === 1 && (decoders[0] === 'sharp-wasm32') === isLinux
  const wanted = isLinux ? 'only the WebAssembly build of sharp' : 'only the native build of sharp'
  return isRight
    ? []
    : [`${wanted} must be next to the archive, not ${[...sharps].toSorted().join(', ') || 'none'}`]
}

async function fuseProblems({ executable }: PackedApp): Promise<string[]> {
  const wire = await getCurrentFuseWire(executable)
  return [...expectedFuses].flatMap(([fuse, on]) =>
    wire[fuse] === (on ? FuseState.ENABLE : FuseState.DISABLE)
      ? []
      : [`the fuse ${FuseV1Options[fuse]} is not ${on ? 'on' : 'off'}`],
  )
}

/** Returns the folders of the packages in the archive. */
export function listPackedPackages({ resources }: PackedApp): string[] {
  return listPackages(new Set(listArchive(resources)))
}

/** What we add to Electron, and the installers next to it. */
export function measurePackage({ resources, installers }: PackedApp): PackageSizes {
  const archive = path.join(resources, 'app.asar')
  const sizeOf = (file: string): number => statSync(file).size
  return {
    archive: sizeOf(archive),
    unpacked: listFiles(`${archive}.unpacked`).reduce(
      (sum, name) => sum + sizeOf(path.join(`${archive}.unpacked`, name)),
      0,
    ),
    ...Object.fromEntries(installers.map((file) => [path.extname(file).slice(1), sizeOf(file)])),
  }
}

/** The largest parts of the archive. */
function describeParts({ resources }: PackedApp): string[] {
  const archive = path.join(resources, 'app.asar')
  const parts = new Map<string, number>()
  for (const name of listArchive(resources)) {
    const stat = statFile(archive, name.replaceAll('/', path.sep))
    if (!('size' in stat) || stat.unpacked) continue
    const part = partOf(name)
    parts.set(part, (parts.get(part) ?? 0) + stat.size)
  }
  const largest = [...parts].toSorted(([, a], [, b]) => b - a).slice(0, 8)
  return largest.map(([part, bytes]) => `  ${inMegabytes(bytes)}  ${part}`)
}

/** A package, or a folder of the build. */
function partOf(file: string): string {
  return /^node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? /^dist\/[^/]+|^[^/]+/.exec(file)?.[0] ?? file
}

/** The files in the archive, with slashes on every system. */
function listArchive(resources: string): string[] {
  return listPackage(path.join(resources, 'app.asar'), { isPack: false }).map((name) =>
    name.replaceAll('\\', '/').replace(/^\//, ''),
  )
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
}

/** Returns every unpacked app that electron-builder left below `out`. */
export function findPackedApps(out: string): PackedApp[] {
  return readdirSync(out).flatMap((name): PackedApp[] => {
    const [, system, arch = 'x64'] = /^(linux|win|mac)(?:-(x64|arm64))?(?:-unpacked)?$/.exec(name) ?? []
    const folder = path.join(out, name)
    if (system === undefined || !statSync(folder).isDirectory()) return []
    const app = path.join(folder, 'Hubbub.app')
    const [executable, resources] = {
      linux: [path.join(folder, 'hubbub'), path.join(folder, 'resources')],
      win: [path.join(folder, 'Hubbub.exe'), path.join(folder, 'resources')],
      mac: [app, path.join(app, 'Contents', 'Resources')],
    }[system as 'linux' | 'win' | 'mac'] as [string, string]
    const target = `${system}-${arch}`
    return [
      { target, resources, executable, isLinux: system === 'linux', installers: findInstallers(out, arch) },
    ]
  })
}

/** The names of electron-builder: `${os}-${arch}`, where each kind of package writes the processor in its own way. */
function findInstallers(out: string, arch: string): string[] {
  const archNames = arch === 'x64' ? '(x64|amd64|x86_64)' : '(arm64|aarch64)'
  const name = new RegExp(`^Hubbub-.*${archNames}\\.(AppImage|deb|rpm|exe|dmg|zip)$`)
  return readdirSync(out)
    .filter((file) => name.test(file))
    .map((file) => path.join(out, file))
}

async function checkApp(app: PackedApp, isRecording: boolean): Promise<void> {
  const sizes = measurePackage(app)
  if (isRecording) recordSizes(app.target, sizes)
  const { lines, problems } = compareSizes(app.target, sizes, readRecordedSizes()[app.target])
  const packages = `packages in the archive: ${listPackedPackages(app).join(', ').replaceAll('node_modules/', '')}`
  for (const line of [...lines, ...describeParts(app), packages]) process.stdout.write(`${line}\n`)
  for (const problem of [...problems, ...(await findPackageProblems(app))]) {
    process.stderr.write(`${app.resources}: ${problem}\n`)
    process.exitCode = 1
  }
}

if (import.meta.main) {
  const [out, option] = process.argv.slice(2)
  if (out === undefined || (option !== undefined && option !== '--record')) {
    throw new Error('usage: node scripts/check-package.ts OUT [--record]')
  }
  const packed = findPackedApps(out)
  if (packed.length === 0) throw new Error(`${out} contains no packed app`)
  for (const app of packed) await checkApp(app, option === '--record')
}
