// Checks the packed app before it is installed: `node scripts/check-package.ts out`. Everything the app needs is in it,
// and nothing else. Native code is outside the archive, for one target only, and the fuses match electron-builder.yml.
import { readdirSync, statSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import path from 'node:path'
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { parseSync } from 'vite'

const { extractFile, listPackage, statFile } = createRequire(import.meta.url)('@electron/asar') as {
  extractFile: (archive: string, file: string) => Buffer
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
  resources: string
  isLinux: boolean
  executable: string
}

/** Returns the problems as sentences; empty if there are none. */
export async function findPackageProblems(packed: PackedApp): Promise<string[]> {
  return [...contentProblems(packed), ...(await fuseProblems(packed))]
}

function contentProblems({ resources, isLinux }: PackedApp): string[] {
  const packedFiles = listPackage(path.join(resources, 'app.asar'), { isPack: false }).map((name) =>
    name.replaceAll('\\', '/').replace(/^\//, ''),
  )
  const all = new Set(packedFiles)
  const unpackedFiles = listFiles(path.join(resources, 'app.asar.unpacked'))
  const natives = unpackedFiles.filter((name) => name.endsWith('.node'))
  const sqlite = natives.filter((name) => name.includes('better-sqlite3/'))
  return [
    ...requiredFiles.filter((name) => !all.has(name)).map((name) => `${name} is missing`),
    ...missingImports(path.join(resources, 'app.asar'), all),
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

/** The archive holds the hub's own files one by one: what each of them imports has to be in it too. */
function missingImports(archive: string, all: ReadonlySet<string>): string[] {
  return [...all]
    .filter((name) => /^dist\/hub\/.+\.js$/.test(name))
    .flatMap((name) =>
      importsOf(name, extractFile(archive, name).toString())
        .filter((specifier) => !isResolvable(all, name, specifier))
        .map((specifier) => `${name} imports ${specifier}, which is missing`),
    )
}

/** The specifiers of static imports, re-exports and dynamic imports with a literal. */
function importsOf(name: string, text: string): string[] {
  const { staticImports, staticExports, dynamicImports } = parseSync(name, text).module
  return [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
      const literal = /^["'](.+)["']$/.exec(text.slice(start, end))
      return literal?.[1] ?? []
    }),
  ]
}

function isResolvable(all: ReadonlySet<string>, from: string, specifier: string): boolean {
  if (isBuiltin(specifier)) return true
  if (specifier.startsWith('.')) return all.has(path.posix.join(path.posix.dirname(from), specifier))
  const [scope = '', name = ''] = specifier.split('/')
  return all.has(`node_modules/${scope.startsWith('@') ? `${scope}/${name}` : scope}/package.json`)
}

async function fuseProblems({ executable }: PackedApp): Promise<string[]> {
  const wire = await getCurrentFuseWire(executable)
  return [...expectedFuses].flatMap(([fuse, on]) =>
    wire[fuse] === (on ? FuseState.ENABLE : FuseState.DISABLE)
      ? []
      : [`the fuse ${FuseV1Options[fuse]} is not ${on ? 'on' : 'off'}`],
  )
}

/** The size of what was packed, and its largest parts. */
export function describeSizes({ resources }: PackedApp): string[] {
  const archive = path.join(resources, 'app.asar')
  const unpacked = listFiles(`${archive}.unpacked`)
  const unpackedBytes = unpacked.reduce(
    (sum, name) => sum + statSync(path.join(`${archive}.unpacked`, name)).size,
    0,
  )
  const parts = new Map<string, number>()
  for (const name of listPackage(archive, { isPack: false })) {
    const stat = statFile(archive, name.replace(/^[\\/]/, ''))
    if (!('size' in stat) || stat.unpacked) continue
    const part = partOf(name.replaceAll('\\', '/').replace(/^\//, ''))
    parts.set(part, (parts.get(part) ?? 0) + stat.size)
  }
  const largest = [...parts].toSorted(([, a], [, b]) => b - a).slice(0, 12)
  return [
    `${resources}: archive ${inMegabytes(statSync(archive).size)}, next to it ${inMegabytes(unpackedBytes)} in ${unpacked.length} files`,
    ...largest.map(([part, bytes]) => `  ${inMegabytes(bytes)}  ${part}`),
  ]
}

/** A package, or a folder of the build. */
function partOf(file: string): string {
  return /^node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? /^dist\/[^/]+|^[^/]+/.exec(file)?.[0] ?? file
}

const inMegabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
}

/** Returns every unpacked app that electron-builder left below `out`. */
export function findPackedApps(out: string): PackedApp[] {
  return readdirSync(out).flatMap((name): PackedApp[] => {
    const folder = path.join(out, name)
    if (!statSync(folder).isDirectory()) return []
    if (/^linux(-.+)?-unpacked$/.test(name)) {
      return [
        { resources: path.join(folder, 'resources'), executable: path.join(folder, 'hubbub'), isLinux: true },
      ]
    }
    if (/^win(-.+)?-unpacked$/.test(name)) {
      return [
        {
          resources: path.join(folder, 'resources'),
          executable: path.join(folder, 'Hubbub.exe'),
          isLinux: false,
        },
      ]
    }
    if (/^mac(-.+)?$/.test(name)) {
      const app = path.join(folder, 'Hubbub.app')
      return [{ resources: path.join(app, 'Contents', 'Resources'), executable: app, isLinux: false }]
    }
    return []
  })
}

if (import.meta.main) {
  const out = process.argv[2]
  if (out === undefined) throw new Error('usage: node scripts/check-package.ts OUT')
  const packed = findPackedApps(out)
  if (packed.length === 0) throw new Error(`${out} contains no packed app`)
  for (const app of packed) {
    for (const line of describeSizes(app)) process.stdout.write(`${line}\n`)
    for (const problem of await findPackageProblems(app)) {
      process.stderr.write(`${app.resources}: ${problem}\n`)
      process.exitCode = 1
    }
  }
}
