import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { renderIcons } from '../../scripts/icons.ts'

const projectRoot = fileURLToPath(new URL('../../', import.meta.url))

test('the packed icons match their sources', async () => {
  for (const [name, rendered] of await renderIcons()) {
    const committed = readFileSync(projectRoot + name)
    if (!name.endsWith('.png')) {
      expect(committed.length, name).toBe(rendered.length)
      continue
    }
    // pixels, not bytes: another version of the drawing library may encode them differently
    const pixels = (image: Buffer) => sharp(image).raw().toBuffer()
    expect((await pixels(committed)).equals(await pixels(rendered)), name).toBe(true)
  }
})
