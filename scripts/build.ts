// Builds into dist/: the page, which the hub serves and the app brings along; the shell; its preload; the hub as the app
// starts it.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, type InlineConfig, type Rolldown } from 'vite'

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Electron itself, what is optional, and what finds files of its own. */
const outside = ['electron', 'bufferutil', 'utf-8-validate', 'bonjour-service', 'electron-updater']

/** Sandboxed, a preload has no modules: one CommonJS file. */
const preload: Rolldown.OutputOptions = { format: 'cjs', entryFileNames: 'preload.cjs' }

const configs: InlineConfig[] = [
  { configFile: at('vite.config.ts') },
  node('main/entry.ts', 'dist/main', { entryFileNames: 'entry.js' }, { emptyOutDir: true }),
  node('main/preload.ts', 'dist/main', preload),
]
if (existsSync(at('server/child.ts'))) {
  // its packages stay packages: drivers and workers find their own files
  configs.push(node('server/child.ts', 'dist/hub', { entryFileNames: 'child.js' }, { packages: 'outside' }))
}
for (const config of configs) await build({ ...config, logLevel: 'warn' })

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
