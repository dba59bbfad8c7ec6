/*
 * The files that browsers load: those of the built page, and the few that the hub has of its own.
 *
 * - Text is sent compressed to clients that accept it. `scripts/compress-page.ts` makes the compressed forms at build
 *   time, named by the hash of their content, so a form of an earlier build is never sent for a later file.
 * - A form that is missing is made once, in memory: the desktop app ships none, since its own window reads the files as they
 *   are, and few of its hubs serve browsers.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { contentTypes } from '../shared/page-headers.ts'
import { chooseCoding, compressOnce, minCompressedBytes, type ContentCoding } from './content-encoding.ts'

/** By size, the smallest first; what the ends of their file names are. */
export const assetCodings = ['br', 'zstd', 'gzip'] as const satisfies readonly ContentCoding[]

export interface Asset {
  readonly body: Buffer
  readonly type: string
  /** The hash of its content. */
  readonly key: string
  /** The file name contains the hash of its content, so it can be cached forever. */
  readonly immutable: boolean
  /** The forms a client can choose from; empty if it is no text. */
  readonly codings: readonly ContentCoding[]
  readonly compressed: (coding: ContentCoding) => Promise<Buffer>
}

/** By address: `/index.html`, `/assets/index-C3x9.js`. */
export type SiteAssets = ReadonlyMap<string, Asset>

/** The name of the compressed form of a file. */
export function compressedName(key: string, coding: ContentCoding): string {
  return `${key}.${coding}`
}

export function hashOfContent(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 32)
}

/** Fonts and pictures are compressed already. */
export function isText(type: string): boolean {
  return /^text\/|^image\/svg|json/.test(type)
}

/**
 * Reads every file of the built page into memory: each visitor needs most of them. The compressed forms are read when
 * the first client asks for them. Returns undefined if there is no page.
 */
export function readSite(dir: string): SiteAssets | undefined {
  const site = new Map<string, Asset>()
  const compressedDir = path.join(dir, '..', 'compressed')
  const made = new Set(listFiles(compressedDir))
  for (const name of listFiles(dir)) {
    const type = contentTypes[path.extname(name)]
    if (type === undefined) continue
    const address = `/${name.split(path.sep).join('/')}`
    const body = readFileSync(path.join(dir, name))
    const immutable = address.startsWith('/assets/')
    site.set(address, createAsset(body, type, { immutable, compressedDir, made }))
  }
  return site.has('/index.html') ? site : undefined
}

/** `made`: the compressed forms in `compressedDir`. */
export function createAsset(
  body: Buffer,
  type: string,
  options: { immutable?: boolean; compressedDir?: string; made?: ReadonlySet<string> } = {},
): Asset {
  const { immutable = false, compressedDir = '', made } = options
  const key = hashOfContent(body)
  const isMade = (coding: ContentCoding): boolean => made?.has(compressedName(key, coding)) ?? false
  const isCompressible = isText(type) && body.length >= minCompressedBytes
  const forms = new Map<ContentCoding, Promise<Buffer>>()
  return {
    body,
    type,
    key,
    immutable,
    codings: isCompressible ? assetCodings : [],
    compressed: (coding) => {
      let form = forms.get(coding)
      if (!form) {
        form = isMade(coding)
          ? // a build while the hub runs removes the forms of the one before
            readFile(path.join(compressedDir, compressedName(key, coding))).catch(() =>
              compressOnce(body, coding),
            )
          : compressOnce(body, coding)
        forms.set(coding, form)
      }
      return form
    },
  }
}

/** Sends an asset in the form that the client takes, or 304. */
export async function sendAsset(
  asset: Asset,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const coding = chooseCoding(request.headers['accept-encoding'], asset.codings)
  // Each form has its own tag: a cache must not mix their bytes.
  const etag = `"${asset.key}${coding === undefined ? '' : `-${coding}`}"`
  if (!reply.hasHeader('cache-control'))
    reply.header('cache-control', asset.immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
  reply.header('etag', etag)
  if (asset.codings.length > 0) reply.header('vary', 'accept-encoding')
  if (reply.statusCode === 200 && hasTag(request.headers['if-none-match'], etag))
    return reply.status(304).send()
  reply.type(asset.type)
  if (coding === undefined) return reply.send(asset.body)
  return reply.header('content-encoding', coding).send(await asset.compressed(coding))
}

function hasTag(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = ifNoneMatch?.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags?.some((tag) => tag === etag || tag === '*') ?? false
}

function listFiles(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return []
    throw error
  }
}
