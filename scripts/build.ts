// Builds the page into dist/renderer, which the hub serves.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../renderer/', import.meta.url))

// Until the page exists, `npm ci` must still succeed. Goes away with the first renderer/index.html.
if (existsSync(`${root}index.html`)) {
  const { build } = await import('vite')
  await build({ configFile: fileURLToPath(new URL('../vite.config.ts', import.meta.url)), logLevel: 'warn' })
} else {
  process.stdout.write('renderer/index.html is not there yet: no page built\n')
}
