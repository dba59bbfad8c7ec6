// Builds the service worker of the page, with the list of the files that it keeps.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { InlineConfig } from 'vite'

/** The desktop app has its parts on the disk. Large fonts are kept when a text needs them. */
const leftOut = /^(hb-desktop|desktop)-|\.woff2$/
const alwaysKept = /^inter-latin-wght-normal-/

/** `dir`: the built page, into which the worker goes. */
export function serviceWorkerConfig(root: string, dir: string): InlineConfig {
  const names = readdirSync(path.join(dir, 'assets')).sort()
  const files = names
    .filter((name) => alwaysKept.test(name) || !leftOut.test(name))
    .map((name) => `/assets/${name}`)
  const pageHash = createHash('sha256')
    .update(readFileSync(path.join(dir, 'index.html')))
    .digest('hex')
  const version = createHash('sha256')
    .update([pageHash, ...files].join())
    .digest('hex')
    .slice(0, 16)
  return {
    configFile: false,
    root,
    publicDir: false,
    define: {
      __PAGE_VERSION__: JSON.stringify(version),
      __PAGE_FILES__: JSON.stringify(files),
      __PAGE_HASH__: JSON.stringify(pageHash),
    },
    build: {
      lib: {
        entry: path.join(root, 'renderer/offline/service-worker.ts'),
        formats: ['iife'],
        name: 'worker',
        fileName: () => 'service-worker.js',
      },
      outDir: dir,
      emptyOutDir: false,
      target: 'es2022',
      reportCompressedSize: false,
    },
  }
}
