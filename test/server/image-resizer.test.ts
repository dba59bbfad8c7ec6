import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { ImageResizer, type ResizeRequest } from '../../server/file-storage/image-resizer.ts'
import { newDataDir } from '../support/data-dir.ts'
import { png } from '../support/images.ts'

function createResizer(): ImageResizer {
  const pictures = new ImageResizer()
  onTestFinished(() => pictures.close())
  return pictures
}

const resizeRequest = (
  source: ResizeRequest['source'],
  changes: Partial<ResizeRequest> = {},
): ResizeRequest => ({
  source,
  width: 64,
  height: 64,
  fit: 'inside',
  maxPixels: 1_000_000,
  ...changes,
})

test('resizes or crops an image from bytes or a file, and never enlarges it', async () => {
  const pictures = createResizer()
  const wide = png(400, 100)
  const file = join(newDataDir(), 'wide')
  writeFileSync(file, wide)
  const source = { width: 400, height: 100 }
  expect(await pictures.resize(resizeRequest(wide))).toMatchObject({
    type: 'image/webp',
    width: 64,
    height: 16,
    source,
  })
  expect(await pictures.resize(resizeRequest(file, { fit: 'cover' }))).toMatchObject({
    width: 64,
    height: 64,
    source,
  })
  expect(await pictures.resize(resizeRequest(png(8, 4)))).toMatchObject({ width: 8, height: 4 })
})

test('returns the first frame of an animated image', async () => {
  const frames = await sharp(Buffer.alloc(20 * 40 * 3, 200), { raw: { width: 20, height: 40, channels: 3 } })
    .gif()
    .toBuffer()
  expect(await createResizer().resize(resizeRequest(frames))).toMatchObject({ width: 20, height: 40 })
})

test('rejects a damaged, oversized or unsupported image and handles the next one', async () => {
  const pictures = createResizer()
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="/etc/passwd"/></svg>'
  const tiff = await sharp(png(9, 9)).tiff().toBuffer()
  const rejected = [
    resizeRequest(Buffer.from('no picture')),
    resizeRequest(png(90, 90).subarray(0, 60)),
    resizeRequest(Buffer.from(svg)),
    resizeRequest(tiff),
    resizeRequest(png(300, 300), { maxPixels: 300 * 299 }),
    resizeRequest('/nowhere/at/all'),
    resizeRequest(new Uint8Array()),
  ]
  for (const [i, one] of rejected.entries()) {
    await expect(pictures.resize(one), `picture ${i}`).rejects.toMatchObject({ code: 'invalid' })
  }
  expect(await pictures.resize(resizeRequest(png(9, 9)))).toMatchObject({ width: 9 })
})

test('handles concurrent requests one by one and throws busy when the queue is full', async () => {
  const pictures = createResizer()
  const outcomes = await Promise.allSettled(
    Array.from({ length: 60 }, () => pictures.resize(resizeRequest(png(50, 50)))),
  )
  const made = outcomes.filter(({ status }) => status === 'fulfilled')
  expect(made.length).toBeGreaterThanOrEqual(32)
  const reasons = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  expect(reasons.length).toBeGreaterThan(0)
  for (const reason of reasons) expect(reason).toMatchObject({ code: 'busy', retryAfter: 2 })
})

test('a request pending at close is settled, and later ones are rejected', async () => {
  const pictures = createResizer()
  const requested = [pictures.resize(resizeRequest(png(50, 50))), pictures.resize(resizeRequest(png(50, 50)))]
  const answered = Promise.allSettled(requested)
  await pictures.close()
  expect((await answered).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(pictures.resize(resizeRequest(png(9, 9)))).rejects.toMatchObject({ code: 'busy' })
})
