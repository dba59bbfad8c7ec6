import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { renderIcons } from '../../scripts/icons.ts'

const projectRoot = fileURLToPath(new URL('../../', import.meta.url))

test('the packed icons match their sources', async () => {
  for (const [name, drawn] of await renderIcons()) {
    const kept = readFileSync(projectRoot + name)
    if (!name.endsWith('.png')) {
      expect(kept.length, name).toBe(drawn.length)
      continue
    }
    // pixels, not bytes: another version of the drawing library may encode them differently
    const pixels = (image: Buffer) => sharp(image).raw().toBuffer()
    expect((await pixels(kept)).equals(await pixels(drawn)), name).toBe(true)
  }
})
