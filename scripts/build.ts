// Builds into dist/: the page, which the hub serves and the app brings along; the shell; its preload; the hub as the app
// starts it.
import { copyFileSync, globSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type InlineConfig, type Rolldown } from 'vite'

// also when a test runner asks, which says another: what is tested is what people get
process.env['NODE_ENV'] = 'production'

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Electron itself, what is optional, and what finds files of its own. */
const outside = ['electron', 'bufferutil', 'utf-8-validate', 'bonjour-service', 'electron-updater']

/** What the hub reads from beside its own files, package.json for its version. */
const besideTheHub = ['package.json', ...globSync('server/**/*.{txt,css,js}', { cwd: at('.') })]

/** Sandboxed, a preload has no modules: one CommonJS file. */
const preload: Rolldown.OutputOptions = { format: 'cjs', entryFileNames: 'preload.cjs' }

const configs: InlineConfig[] = [
  { configFile: at('vite.config.ts') },
  node('main/entry.ts', 'dist/main', { entryFileNames: 'entry.js' }, { emptyOutDir: true }),
  node('main/preload.ts', 'dist/main', preload),
  hub(),
]
for (const config of configs) await build({ ...config, logLevel: 'warn' })
for (const file of besideTheHub) copy(file, `dist/hub/${file}`)

function node(
  entry: string,
  outDir: string,
  output: Rolldown.OutputOptions,
  { emptyOutDir = false, packages = 'inside' } = {},
): InlineConfig {
  return {
    configFile: false,
    root: at('.'),
    build: {
      ssr: at(entry),
      outDir: at(outDir),
      emptyOutDir,
      target: 'node24',
      minify: false,
      reportCompressedSize: false,
      rollupOptions: { output },
    },
    // one file starts quicker than a hundred
    ssr: packages === 'inside' ? { noExternal: true, external: outside } : {},
  }
}

/** File by file in the same places, and packages stay packages: the hub, drivers and workers find their own files. */
function hub(): InlineConfig {
  const output: Rolldown.OutputOptions = {
    preserveModules: true,
    preserveModulesRoot: at('.'),
    entryFileNames: '[name].js',
  }
  const config = node('server/child.ts', 'dist/hub', output, { emptyOutDir: true, packages: 'outside' })
  const input = [
    'server/child.ts',
    ...globSync('server/**/{worker,*-worker,*-thread}.ts', { cwd: at('.') }),
  ].map(at)
  return { ...config, build: { ...config.build, ssr: true, rollupOptions: { input, output } } }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(at(to)), { recursive: true })
  copyFileSync(at(from), at(to))
}
