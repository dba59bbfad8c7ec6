// The gallery: every element of the page in every state. `npm run gallery` serves it, `npm run gallery -- --update` stores
// its pictures, which `test/e2e/gallery.test.ts` compares with.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { serveGallery } from '../test/gallery/serve.ts'

const { values } = parseArgs({
  options: { port: { type: 'string', default: '7799' }, update: { type: 'boolean', default: false } },
})

if (values.update) storePictures()
else {
  const gallery = await serveGallery(Number(values.port))
  process.stdout.write(`gallery at ${gallery.address}\n`)
  process.once('SIGINT', () => void gallery.close())
  process.once('SIGTERM', () => void gallery.close())
}

function storePictures(): void {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'browser', 'test/e2e/gallery.test.ts']
  const { status } = spawnSync(process.execPath, vitest, {
    stdio: 'inherit',
    env: { ...process.env, HUBBUB_GALLERY: 'update' },
  })
  process.exitCode = status ?? 1
}
