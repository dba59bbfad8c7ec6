// Compares what the browser draws with the stored pictures: lossless WebP, a third of the size of PNG.
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const stored = fileURLToPath(new URL('pictures/', import.meta.url))
/** For the eye, after a failure. */
const failed = fileURLToPath(new URL('../../dist/gallery/', import.meta.url))

/** By which a channel of 256 steps may differ: rounding of the same drawing. */
const maxChannelDifference = 10
/** Of the pixels that differ by more. */
const maxDifferentPixels = 4

export interface Comparison {
  /** Undefined if the sizes differ, or nothing is stored. */
  differentPixels: number | undefined
  isSame: boolean
  /** Where the drawn picture and the differences are, if they are not the same. */
  files: string
}

export async function storePicture(name: string, png: Buffer): Promise<void> {
  await mkdir(stored, { recursive: true })
  await writeFile(
    path.join(stored, `${name}.webp`),
    await sharp(png).webp({ lossless: true, effort: 6 }).toBuffer(),
  )
}

export async function comparePicture(name: string, png: Buffer): Promise<Comparison> {
  const file = path.join(stored, `${name}.webp`)
  const now = await decode(png)
  const before = existsSync(file) ? await decode(await readFile(file)) : undefined
  const isSameSize = before?.info.width === now.info.width && before.info.height === now.info.height
  const marks = before && isSameSize ? markDifferences(before.data, now.data) : undefined
  const isSame = marks !== undefined && marks.count <= maxDifferentPixels
  const names = [`${name}.png`, `${name}.differences.png`].map((each) => path.join(failed, each))
  if (!isSame) {
    await mkdir(failed, { recursive: true })
    await writeFile(names[0] ?? '', png)
    if (marks)
      await sharp(marks.picture, { raw: now.info })
        .png()
        .toFile(names[1] ?? '')
  }
  return { differentPixels: marks?.count, isSame, files: names.join(', ') }
}

function decode(picture: Buffer) {
  return sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true })
}

/** The picture is pale where both are the same, and red where they differ. */
function markDifferences(before: Buffer, now: Buffer): { count: number; picture: Buffer } {
  const picture = Buffer.alloc(now.length)
  let count = 0
  for (let at = 0; at < now.length; at += 3) {
    let difference = 0
    for (let channel = at; channel < at + 3; channel += 1) {
      difference = Math.max(difference, Math.abs((before[channel] ?? 0) - (now[channel] ?? 0)))
      picture[channel] = 190 + (now[channel] ?? 0) / 4
    }
    if (difference <= maxChannelDifference) continue
    count += 1
    picture.set([220, 0, 0], at)
  }
  return { count, picture }
}
