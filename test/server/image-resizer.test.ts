import { execFile } from 'node:child_process'
import { readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { DecodeMarks } from '../../server/file-storage/decode-marks.ts'
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

/** Runs in a process of its own that passes for Electron. Prints the results, and whether native libvips is loaded. */
const electronScript = `
  import { readFileSync } from 'node:fs'
  Object.defineProperty(process.versions, 'electron', { value: '45.4.1', enumerable: true })
  const { ImageResizer } = await import(process.argv[1])
  const pictures = new ImageResizer()
  const results = []
  for (const source of process.argv.slice(2)) {
    const request = { source, width: 64, height: 64, fit: 'inside', maxPixels: 1_000_000 }
    results.push(await pictures.resize(request).then(
      ({ width, height, bytes }) => [width, height, bytes.length > 30],
      ({ code }) => code,
    ))
  }
  const isNative = readFileSync('/proc/self/maps', 'utf8').includes('libvips-cpp')
  await pictures.close()
  console.log(JSON.stringify({ results, isNative }))
`

test.runIf(process.platform === 'linux')(
  'decodes every format under Electron on Linux without loading native libvips',
  async () => {
    const dir = newDataDir()
    const picture = sharp(png(400, 100))
    const files = {
      'a.jpg': await picture.clone().jpeg().toBuffer(),
      'a.png': png(400, 100),
      'a.webp': await picture.clone().webp().toBuffer(),
      'a.gif': await picture.clone().gif().toBuffer(),
      'a.avif': await picture.clone().avif().toBuffer(),
      'a.svg': Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      'cut.jpg': (await picture.clone().jpeg().toBuffer()).subarray(0, 200),
    }
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(dir, name), bytes)
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...['--input-type=module', '--eval', electronScript],
      new URL('../../server/file-storage/image-resizer.ts', import.meta.url).href,
      ...Object.keys(files).map((name) => join(dir, name)),
    ])
    expect(JSON.parse(stdout)).toEqual({
      results: [...Array.from({ length: 5 }, () => [64, 16, true]), 'invalid', 'invalid'],
      isNative: false,
    })
  },
)

test('refuses a picture whose decode ended the process twice, until the mark expires', async () => {
  const dir = newDataDir()
  const picture = png(30, 30)
  const start = () => {
    const pictures = new ImageResizer(new DecodeMarks(dir))
    onTestFinished(() => pictures.close())
    return pictures
  }
  await start().resize(resizeRequest(picture))
  // a decode that ends leaves nothing, well or not
  await expect(start().resize(resizeRequest(Buffer.from('no picture')))).rejects.toMatchObject({
    code: 'invalid',
  })
  expect(readdirSync(dir)).toEqual([])

  const digest = '12b3'
  const file = join(dir, 'picture')
  writeFileSync(file, picture)
  const marks = new DecodeMarks(dir)
  marks.add(digest)
  await start().resize(resizeRequest(file, { digest }))
  for (let crashes = 0; crashes < 2; crashes += 1) marks.add(digest)
  await expect(start().resize(resizeRequest(file, { digest }))).rejects.toMatchObject({ code: 'invalid' })
  await start().resize(resizeRequest(file, { digest: '99' }))
  const eightDaysAgo = Date.now() / 1000 - 8 * 24 * 60 * 60
  utimesSync(join(dir, digest), eightDaysAgo, eightDaysAgo)
  await start().resize(resizeRequest(file, { digest }))
})
