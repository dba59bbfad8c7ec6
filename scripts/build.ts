// Builds into dist/: the page, which the hub serves and the app ships; the shell; its preload; the hub as the app
// starts it.
import { copyFileSync, globSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type InlineConfig, type Rolldown } from 'vite'
import { listMigratedSchema } from '../server/db/schema-check.ts'
import { schemaFile } from '../server/program-files.ts'
import { compressPage } from './compress-page.ts'
import { serviceWorkerConfig } from './service-worker.ts'
import { collectNotices, renderNotices } from './third-party-notices.ts'

// also when a test runner calls this with another value: the tests run the build that users get
process.env['NODE_ENV'] = 'production'

const resolvePath = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Electron itself, optional packages, and packages that find files of their own or are native. */
const externalPackages = [
  'electron',
  'bufferutil',
  'utf-8-validate',
  'dns-packet',
  'electron-updater',
  'better-sqlite3',
  // pg loads it only if it is there
  'pg-native',
  'sharp',
  'pino',
]

/** Files that the hub reads next to its own modules, and package.json for its version. */
const hubAssets = ['package.json', ...globSync('server/**/*.{txt,css,js}', { cwd: resolvePath('.') })]

/** A sandboxed preload has no modules: one CommonJS file. */
const preloadOutput: Rolldown.OutputOptions = { format: 'cjs', entryFileNames: 'preload.cjs' }

const configs: InlineConfig[] = [
  { configFile: resolvePath('vite.config.ts') },
  nodeConfig('main/entry.ts', 'dist/main', { entryFileNames: 'entry.js' }, { emptyOutDir: true }),
  nodeConfig('main/preload.ts', 'dist/main', preloadOutput),
  hubConfig(),
]
for (const config of configs) await build({ ...config, logLevel: 'warn' })
await build({ ...serviceWorkerConfig(resolvePath('.'), resolvePath('dist/renderer')), logLevel: 'warn' })
await compressPage(resolvePath('dist/renderer'), resolvePath('dist/compressed'))
for (const file of hubAssets) copy(file, `dist/hub/${file}`)
writeFileSync(resolvePath(`dist/hub/server/${schemaFile}`), JSON.stringify(await listMigratedSchema()))
writeFileSync(resolvePath('dist/THIRD-PARTY-NOTICES.txt'), renderNotices(collectNotices()))

function nodeConfig(
  entry: string,
  outDir: string,
  output: Rolldown.OutputOptions,
  { emptyOutDir = false } = {},
): InlineConfig {
  return {
    configFile: false,
    root: resolvePath('.'),
    build: {
      ssr: resolvePath(entry),
      outDir: resolvePath(outDir),
      emptyOutDir,
      target: 'node24',
      minify: false,
      reportCompressedSize: false,
      rollupOptions: { output },
    },
    // one file starts faster than a hundred
    ssr: { noExternal: true, external: externalPackages },
  }
}

/**
 * The hub as one program with its packages inside: it starts in half the time of its source (docs/decisions/0027).
 * All its files but the workers are in dist/hub/server/, where `server/program-files.ts` expects to be.
 */
function hubConfig(): InlineConfig {
  const programs = [
    'server/cli.ts',
    'server/hub-process.ts',
    ...globSync('server/**/*-worker.ts', { cwd: resolvePath('.') }),
  ]
  const input = Object.fromEntries(programs.map((file) => [file.replace(/\.ts$/, ''), resolvePath(file)]))
  const output: Rolldown.OutputOptions = {
    entryFileNames: '[name].js',
    chunkFileNames: ({ moduleIds }) => `server/${folderOfChunk(moduleIds)}[name]-[hash].js`,
  }
  const config = nodeConfig('server/cli.ts', 'dist/hub', output, { emptyOutDir: true })
  return { ...config, build: { ...config.build, ssr: true, rollupOptions: { input, output } } }
}

/** A hub in the app has no bus and no bucket, so electron-builder.yml leaves these folders out. */
function folderOfChunk(moduleIds: readonly string[]): string {
  if (moduleIds.some((id) => /node_modules\/@(redis|nats-io)\//.test(id))) return 'bus/'
  return moduleIds.some((id) => /\/file-storage\/s3\//.test(id)) ? 's3/' : ''
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(resolvePath(to)), { recursive: true })
  copyFileSync(resolvePath(from), resolvePath(to))
}
