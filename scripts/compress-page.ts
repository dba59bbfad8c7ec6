// The compressed forms of the built page, made once at build time, so that the hub sends the smallest without any work.
// They are named by the hash of their content (server/page-assets.ts): what has not changed is not compressed again.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip, zstdCompress } from 'node:zlib'
import { minCompressedBytes } from '../server/content-encoding.ts'
import { assetCodings, compressedName, hashOfContent, isText } from '../server/page-assets.ts'
import { contentTypes } from '../shared/page-headers.ts'

/** The best that each can do. */
const compressors = {
  br: (body: Buffer) =>
    promisify(brotliCompress)(body, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
      },
    }),
  zstd: (body: Buffer) =>
    promisify(zstdCompress)(body, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }),
  gzip: (body: Buffer) => promisify(gzip)(body, { level: constants.Z_BEST_COMPRESSION }),
}

/** Makes `target` hold the compressed forms of the text files in `dir`, and nothing else. */
export async function compressPage(dir: string, target: string): Promise<void> {
  mkdirSync(target, { recursive: true })
  const found = new Set(readdirSync(target))
  const wanted = new Map<string, () => Promise<Buffer>>()
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const type = contentTypes[path.extname(entry.name)]
    if (!entry.isFile() || type === undefined || !isText(type)) continue
    const body = readFileSync(path.join(entry.parentPath, entry.name))
    if (body.length < minCompressedBytes) continue
    for (const coding of assetCodings)
      wanted.set(compressedName(hashOfContent(body), coding), () => compressors[coding](body))
  }
  for (const name of found) if (!wanted.has(name)) rmSync(path.join(target, name))
  const missing = [...wanted].filter(([name]) => !found.has(name))
  await Promise.all(
    missing.map(async ([name, compress]) => writeWhole(path.join(target, name), await compress())),
  )
}

/** A build that is stopped leaves no part of a file behind. */
function writeWhole(file: string, body: Buffer): void {
  writeFileSync(`${file}.new`, body)
  renameSync(`${file}.new`, file)
}
