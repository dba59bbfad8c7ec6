import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'
import { emojiFontFaces } from './scripts/emoji-font.ts'
import { emojiTable } from './scripts/emoji-table.ts'

const renderer = fileURLToPath(new URL('renderer', import.meta.url))

/** What boot.ts imports. The file itself runs when it is loaded, so it must not be in a chunk that others import. */
const bootImports = new Set(
  [...readFileSync(path.join(renderer, 'boot.ts'), 'utf8').matchAll(/^import .*'(\..+\.ts)'$/gm)].map(
    ([, file = '']) => path.join(renderer, file),
  ),
)

/**
 * Few requests for each of the two first screens: a hundred small chunks would each be one. A module goes into the first chunk
 * of this list that needs it. The other lazy parts are chunks of their own, and share the last one.
 */
const chunks = [
  { name: 'core', test: (id: string) => bootImports.has(path.normalize(id)), priority: 4 },
  { name: 'sign-in', test: /renderer[\\/]accounts[\\/]auth-screens\.ts$/, priority: 3 },
  { name: 'shell', test: /renderer[\\/](app[\\/]hb-shell|state[\\/]account)\.ts$/, priority: 2 },
  { name: 'parts', test: /\.[mc]?[jt]s$/, minShareCount: 2, priority: 1 },
]

export default defineConfig({
  root: renderer,
  plugins: [icons(), emoji(), emojiFont()],
  build: {
    outDir: fileURLToPath(new URL('dist/renderer', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // The first browsers with light-dark(); the page tells older ones.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The page's CSP knows no data: fonts, and preloading works natively in every browser we support.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The weight that counts is measured: test/e2e/page-weight.test.ts.
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      output: { codeSplitting: { groups: chunks } },
      // The page takes a few numbers from the contract; the schemas around them, and typebox, must not come along.
      treeshake: {
        manualPureFunctions: ['Type', 'defineRequest', 'entry'],
        moduleSideEffects: (id) => !/node_modules\/typebox\/|\/shared\//.test(id),
      },
      input: ['index.html', '404.html'].map((page) =>
        fileURLToPath(new URL(`renderer/${page}`, import.meta.url)),
      ),
    },
  },
})

/** `import { icon } from 'x.svg?icon'`: the shapes of one SVG as a Lit template, so that no HTML is parsed in the page. */
function icons(): Plugin {
  const query = '.svg?icon'
  return {
    name: 'hubbub-icons',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith(query)) return undefined
      const source = await readFile(id.slice(0, -'?icon'.length), 'utf8')
      const shapes = source
        .replace(/^[\s\S]*?<svg[^>]*>/, '')
        .replace(/<\/svg>\s*$/, '')
        .replace(/\s*\n\s*/g, '')
      if (/[`$\\<]script|\$\{|`/.test(shapes)) throw new Error(`${id} is more than shapes`)
      return `import { svg } from 'lit'\nexport const icon = svg\`${shapes}\`\n`
    },
  }
}

/** `import { table } from 'emoji:en'`: see scripts/emoji-table.ts. */
function emoji(): Plugin {
  const id = 'emoji:en'
  return {
    name: 'hubbub-emoji',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load: (source) =>
      source === `\0${id}` ? `export const table = ${JSON.stringify(emojiTable('en'))}` : undefined,
  }
}

/** The faces of the bundled emoji font: see scripts/emoji-font.ts. */
function emojiFont(): Plugin {
  return {
    name: 'hubbub-emoji-font',
    enforce: 'pre',
    transform: (code, id) =>
      id.endsWith('noto-color-emoji/index.css') ? { code: emojiFontFaces(code), map: null } : undefined,
  }
}
