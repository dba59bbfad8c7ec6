import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { ServedContent } from '../../../shared/contract/values.ts'
import {
  type Contents,
  fileNameOf,
  isDigest,
  MissingContentError,
  mapDiskFull,
  type NamedContent,
  type StoredContent,
} from '../contents.ts'
import type { S3Client } from './client.ts'
import { toHubError } from './error.ts'
import {
  deleteObject,
  headObject,
  type ListedObject,
  listObjects,
  type OpenedObject,
  openObject,
  partBytes,
  putInParts,
  putObject,
} from './objects.ts'

/*
 * Contents in a bucket, under the same names as in a folder. What is read whole is compared with its digest: the last bytes are
 * passed on only then. A part of a content up to `verifiedBytes` is read whole for that.
 */

const verifiedBytes = 16 * 1024 * 1024
/** All requests of the hub wait for a removal. */
const removalTimeoutMs = 2_000
const measureIntervalMs = 60 * 60_000

interface Part {
  start: number
  end: number
}

export class S3Contents implements Contents {
  readonly #client: S3Client
  readonly #scratch: string
  readonly #log: FastifyBaseLogger | undefined
  #measured: { at: number; count: number; bytes: number } | undefined

  /** @param scratch a folder of this computer for files that are read by path */
  constructor(client: S3Client, scratch: string, log?: FastifyBaseLogger) {
    this.#client = client
    this.#scratch = scratch
    this.#log = log
  }

  write(digest: string, bytes: Uint8Array): Promise<void> {
    return withHubErrors(() => putObject(this.#client, fileNameOf(digest), bytes, digest))
  }

  async writeFile(digest: string, file: string): Promise<void> {
    const key = fileNameOf(digest)
    const { size } = await stat(file)
    await withHubErrors(() =>
      size <= partBytes
        ? putObject(this.#client, key, { file, start: 0, size }, digest)
        : putInParts(this.#client, key, { file, size, hash: (start, bytes) => hashPart(file, start, bytes) }),
    )
  }

  async read(digest: string): Promise<Buffer> {
    const { stream } = await this.open(digest)
    const chunks: Buffer[] = []
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  async sizeOf(digest: string): Promise<number> {
    return (await withHubErrors(() => headObject(this.#client, fileNameOf(digest)))).size
  }

  async open(digest: string): Promise<StoredContent> {
    const opened = await withHubErrors(() => openObject(this.#client, fileNameOf(digest)))
    const { size, bytes } = opened
    return { size, stream: streamOf(opened, this.#verified(digest, bytes, { start: 0, end: size - 1 })) }
  }

  serve(digest: string, size: number): ServedContent {
    const requireWhole = (found: number): void => {
      if (found !== size) throw this.#damaged(digest)
    }
    return {
      check: async () => requireWhole(await this.sizeOf(digest)),
      open: async (part) => {
        const isVerified = size <= verifiedBytes || part.end - part.start + 1 === size
        const opened = await withHubErrors(() =>
          openObject(this.#client, fileNameOf(digest), isVerified ? undefined : part),
        )
        if (opened.size !== size) opened.close()
        requireWhole(opened.size)
        const bytes = isVerified ? this.#verified(digest, opened.bytes, part) : opened.bytes
        return { stream: streamOf(opened, bytes), isWhole: () => true }
      },
    }
  }

  async withFile<T>(digest: string, use: (file: string) => Promise<T>): Promise<T> {
    const { stream } = await this.open(digest)
    const file = path.join(this.#scratch, `${digest}-${randomBytes(6).toString('hex')}`)
    try {
      await mapDiskFull(async () => {
        await mkdir(this.#scratch, { recursive: true, mode: 0o700 })
        await writeFile(file, stream, { mode: 0o600, flag: 'wx' })
      })
      return await use(file)
    } finally {
      stream.destroy()
      await rm(file, { force: true })
    }
  }

  async verify(digest: string): Promise<string> {
    const { bytes } = await withHubErrors(() => openObject(this.#client, fileNameOf(digest)))
    const hash = createHash('sha256')
    await withHubErrors(() => pipeline(bytes, hash))
    return hash.digest('hex')
  }

  async remove(digests: readonly string[]): Promise<void> {
    await withHubErrors(() =>
      Promise.all(digests.map((digest) => deleteObject(this.#client, fileNameOf(digest), removalTimeoutMs))),
    )
  }

  async list(): Promise<ReadonlySet<string>> {
    const found = new Set<string>()
    let bytes = 0
    for await (const { key, size } of this.#listAll()) {
      found.add(path.posix.basename(key))
      bytes += size
    }
    this.#measured = { at: performance.now(), count: found.size, bytes }
    return found
  }

  async listNamed(): Promise<NamedContent[]> {
    return [...(await this.list())].map((digest) => ({
      name: fileNameOf(digest),
      open: () => this.open(digest),
    }))
  }

  /** As the latest listing has found it: a request for each thousand objects is too much for each look at a page. */
  async measure(): Promise<{ count: number; bytes: number }> {
    if (!this.#measured || performance.now() - this.#measured.at > measureIntervalMs) await this.list()
    const { count, bytes } = this.#measured ?? { count: 0, bytes: 0 }
    return { count, bytes }
  }

  /** An object is complete, or not there. */
  removeUnfinished(): Promise<void> {
    return Promise.resolve()
  }

  async *#listAll(): AsyncGenerator<ListedObject> {
    try {
      for await (const object of listObjects(this.#client, 'files/')) {
        if (isDigest(path.posix.basename(object.key))) yield object
      }
    } catch (error) {
      throw toHubError(error)
    }
  }

  /** Passes a part on. Its last bytes wait until the whole content was compared. */
  async *#verified(
    digest: string,
    bytes: AsyncIterable<Buffer>,
    { start, end }: Part,
  ): AsyncGenerator<Buffer> {
    const hash = createHash('sha256')
    let at = 0
    let held: Buffer | undefined
    try {
      for await (const chunk of bytes) {
        hash.update(chunk)
        const wanted = chunk.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at))
        at += chunk.length
        if (wanted.length === 0) continue
        if (held) yield held
        held = wanted
      }
    } catch (error) {
      throw toHubError(error)
    }
    if (hash.digest('hex') !== digest) throw this.#damaged(digest)
    if (held) yield held
  }

  #damaged(digest: string): MissingContentError {
    this.#log?.error({ object: this.#client.name + fileNameOf(digest) }, 'a stored file is damaged')
    return new MissingContentError('damaged')
  }
}

/** Returns a stream of the bytes that ends the request to the bucket when it closes. */
function streamOf({ close }: OpenedObject, bytes: AsyncIterable<Buffer>): Readable {
  return Readable.from(bytes, { objectMode: false }).once('close', close)
}

/** Runs requests to the bucket. @throws HubError or MissingContentError in place of an S3Error */
async function withHubErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toHubError(error)
  }
}

async function hashPart(file: string, start: number, size: number): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file, { start, end: start + size - 1, highWaterMark: 256 * 1024 }), hash)
  return hash.digest('hex')
}
