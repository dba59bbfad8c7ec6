import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { binaryType, detectFileType, isInlineType } from '../../../server/file-storage/file-type.ts'
import { readImageSize } from '../../../server/file-storage/image-size.ts'
import type { Random } from '../../../test/simulation/random.ts'
import { bendBytes, pick } from '../bend.ts'
import { type Target, firstProblem } from '../target.ts'

/*
 * The heads of files: a size is two whole numbers above 0 or none, and a type is one that is shown inline, or bytes.
 */

const jpeg = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 0x22]),
  Buffer.from('Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0', 'latin1'),
  Buffer.from([0xff, 0xff, 0xff, 0xc0, 0, 0x11, 8, 1, 0, 2, 0, 3, 1, 0x22, 0]),
])
const examples = [
  Buffer.from('89504e470d0a1a0a0000000d494844520000010000000200080600000000000000', 'hex'),
  Buffer.from('GIF89a\x10\0\x20\0\0\0\0', 'latin1'),
  Buffer.from('RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x0f\0\0\x1f\0\0', 'latin1'),
  Buffer.from('RIFF\x40\0\0\0WEBPVP8L\x0a\0\0\0\x2f\x0f\xc0\x07\0\0\0\0', 'latin1'),
  Buffer.from('RIFF\x40\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\x10\0\x20\0', 'latin1'),
  jpeg,
  Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'),
  Buffer.from('\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41', 'latin1'),
  Buffer.from('OggS\0\x02\0\0\0\0\0\0\0\0OpusHead', 'latin1'),
  Buffer.from('<html><script>alert(1)</script>'),
  Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
  Buffer.from('%PDF-1.7'),
]
const types = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']
const maxBends = 5

/** @param dir for the file that is read */
export function openPicturesTarget(dir: string): Target<Buffer> {
  const subject = { size: readImageSize }
  const file = path.join(dir, 'picture')
  return {
    inputsPerRound: 500,
    make: makeHead,
    check: async (bytes) => {
      writeFileSync(file, bytes)
      const type = await detectFileType(file)
      for (const one of types) {
        const size = await subject.size(file, one)
        if (size && !(isCount(size.width) && isCount(size.height)))
          return `a size of ${size.width} to ${size.height}`
      }
      const isMarkup = /^<(?:html|svg)/.test(bytes.toString('latin1', 0, 5))
      return firstProblem(
        [type === binaryType || isInlineType(type), `the type ${type}`],
        [!isMarkup || type === binaryType, 'markup is shown inline'],
      )
    },
    faults: {
      'empty-picture': () => {
        subject.size = async (from, type) => (await readImageSize(from, type)) ?? { width: 0, height: 0 }
      },
    },
  }
}

function makeHead(random: Random): Buffer {
  let bytes: Buffer = pick(random, examples)
  for (let times = random.below(maxBends); times > 0; times -= 1) bytes = bendBytes(random, bytes)
  return bytes
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0
}
