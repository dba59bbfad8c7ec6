import { expect, test } from 'vitest'
import { collectNotices, renderNotices } from '../../scripts/third-party-notices.ts'

test('lists the licence of everything that is packed, bundled or not', () => {
  const notices = collectNotices()
  const names = notices.map(({ name }) => name)
  const packed = [
    'lit',
    'highlight.js',
    'lucide-static',
    '@fontsource-variable/inter',
    'emojibase-data',
    'better-sqlite3',
  ]
  expect(names).toEqual(expect.arrayContaining([...packed, 'sharp', '@img/sharp-wasm32', 'fastify']))
  expect(names).not.toContain('vitest')
  const text = renderNotices(notices)
  expect(text).toContain('SIL OPEN FONT LICENSE')
  expect(text).toContain('sharp-libvips')
  // those of which nothing but the name of the licence is known are few
  expect(notices.filter((one) => one.text === '').length).toBeLessThan(15)
})
