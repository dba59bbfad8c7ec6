// Draws every icon of the app from the SVG sources in build/: `node scripts/icons.ts`. The output is committed, so that
// packaging needs no drawing program. A test compares the files with their sources.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Renders an SVG as a PNG of this many pixels. */
async function renderPng(svg: string, size: number): Promise<Buffer> {
  const [, width = '48'] = /viewBox="0 0 (\d+)/.exec(svg) ?? []
  return sharp(Buffer.from(svg), { density: Math.max(1, (72 * size) / Number(width)) })
    .resize(size, size)
    .png({ compressionLevel: 9 })
    .toBuffer()
}

/** Builds an ICO whose entries are PNGs, which every Windows since Vista reads. */
export function toIco(images: readonly { size: number; png: Buffer }[]): Buffer {
  const head = Buffer.alloc(6 + 16 * images.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(images.length, 4)
  let at = head.length
  images.forEach(({ size, png }, index) => {
    const entry = 6 + 16 * index
    head.writeUInt8(size >= 256 ? 0 : size, entry)
    head.writeUInt8(size >= 256 ? 0 : size, entry + 1)
    head.writeUInt16LE(1, entry + 4)
    head.writeUInt16LE(32, entry + 6)
    head.writeUInt32LE(png.length, entry + 8)
    head.writeUInt32LE(at, entry + 12)
    at += png.length
  })
  return Buffer.concat([head, ...images.map(({ png }) => png)])
}

/** Builds an ICNS whose entries are PNGs. The types say size and density (Apple's "Icon Services" names). */
export function toIcns(images: ReadonlyMap<string, Buffer>): Buffer {
  const entries = [...images].map(([type, png]) => {
    const head = Buffer.alloc(8)
    head.write(type, 0, 'ascii')
    head.writeUInt32BE(png.length + 8, 4)
    return Buffer.concat([head, png])
  })
  const body = Buffer.concat(entries)
  const head = Buffer.alloc(8)
  head.write('icns', 0, 'ascii')
  head.writeUInt32BE(body.length + 8, 4)
  return Buffer.concat([head, body])
}

/** ICNS type → pixels. */
const icnsSizes: Readonly<Record<string, number>> = {
  icp4: 16,
  icp5: 32,
  ic11: 32,
  ic12: 64,
  ic07: 128,
  ic13: 256,
  ic08: 256,
  ic14: 512,
  ic09: 512,
  ic10: 1024,
}

export const linuxSizes = [16, 24, 32, 48, 64, 128, 256, 512] as const
/** For browsers that ask for it by its name, at documents without a link to an icon. */
const faviconSizes = [16, 32, 48]
/** Of the page as an installed app: renderer/public/manifest.webmanifest. */
const installedSizes = [192, 512]
/** On the home screen of an iPhone. */
const appleSize = 180
const windowsSizes = [16, 20, 24, 32, 40, 48, 64, 128, 256] as const

/** Returns every drawn file by its path in the project. */
export async function renderIcons(): Promise<Map<string, Buffer>> {
  const [icon, mac, tray] = await Promise.all(
    ['icon.svg', 'icon-mac.svg', 'tray.svg'].map((name) => readFile(`${root}build/${name}`, 'utf8')),
  )
  if (!icon || !mac || !tray) throw new Error('the icon sources in build/ are missing')
  const files = new Map<string, Buffer>()
  for (const size of linuxSizes) files.set(`build/icons/${size}x${size}.png`, await renderPng(icon, size))
  files.set('main/icons/hubbub.png', await renderPng(icon, 256))
  const forWindows = await Promise.all(
    windowsSizes.map(async (size) => ({ size, png: await renderPng(icon, size) })),
  )
  files.set('build/icon.ico', toIco(forWindows))
  const forBrowsers = forWindows.filter(({ size }) => faviconSizes.includes(size))
  files.set('renderer/public/favicon.ico', toIco(forBrowsers))
  for (const size of installedSizes)
    files.set(`renderer/public/icon-${size}.png`, await renderPng(icon, size))
  for (const size of installedSizes)
    files.set(`renderer/public/icon-maskable-${size}.png`, await renderPng(maskable(icon), size))
  files.set('renderer/public/apple-touch-icon.png', await renderPng(maskable(icon), appleSize))
  const forMac = new Map<string, Buffer>()
  for (const [type, size] of Object.entries(icnsSizes)) forMac.set(type, await renderPng(mac, size))
  files.set('build/icon.icns', toIcns(forMac))
  for (const [name, svg] of traySources(tray)) {
    files.set(`main/icons/${name}.png`, await renderPng(svg, 16))
    files.set(`main/icons/${name}@2x.png`, await renderPng(svg, 32))
  }
  files.set('main/icons/overlay.png', await renderPng(dotOnly, 16))
  files.set('main/icons/overlay@2x.png', await renderPng(dotOnly, 32))
  return files
}

/** Phones cut their own shape out of it: the plate fills all of it, and the mark stays in the inner 80 per cent. */
function maskable(svg: string): string {
  return svg
    .replace(/<rect x="32".*\/>/, '<rect width="1024" height="1024" fill="url(#paper)" />')
    .replace(/<rect x="36".*\/>/, '')
    .replace('translate(512 536) scale(18.4)', 'translate(512 530) scale(15)')
}

/** A gap separates the dot from the mark, or the two merge at 16 px. */
const gap =
  '<mask id="gap"><rect width="48" height="48" fill="#fff"/><circle cx="38" cy="10" r="12" fill="#000"/></mask>'
const dotOnly = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><circle cx="24" cy="24" r="18" fill="#e8743b"/></svg>`

/**
 * macOS wants black and alpha ("Template" in the name) and colours the image by itself. Elsewhere the bar may be dark
 * or light.
 */
function traySources(svg: string): [string, string][] {
  const light = svg.replace('fill="#000"', 'fill="#f6efe8"')
  const dark = svg.replace('fill="#000"', 'fill="#3a2a20"')
  const unread = (from: string, color = '#e8743b') =>
    from
      .replace('<g ', `${gap}<g mask="url(#gap)"><g `)
      .replace('</svg>', `</g><circle cx="38" cy="10" r="9" fill="${color}"/></svg>`)
  return [
    ['hubbubTemplate', svg],
    ['hubbub-unreadTemplate', unread(svg, '#000')],
    ['hubbub-light', light],
    ['hubbub-light-unread', unread(light)],
    ['hubbub-dark', dark],
    ['hubbub-dark-unread', unread(dark)],
  ]
}

if (import.meta.main) {
  for (const [name, bytes] of await renderIcons()) {
    await mkdir(new URL('.', `file://${root}${name}`), { recursive: true })
    await writeFile(root + name, bytes)
  }
}
