import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { type FilesMark, type MarkedPlace, markName, parseMark } from '../../db/files-mark.ts'
import { isLoopback } from '../../addresses.ts'
import { parseBucketAddress } from '../../files-address.ts'
import { StartError } from '../../start-error.ts'
import type { FilesPlace } from '../files-place.ts'
import type { ObservedStore } from '../store-state.ts'
import { S3Client, type S3Keys, type S3Options } from './client.ts'
import { S3Contents } from './contents.ts'
import { S3Error, toStartError } from './error.ts'
import { deleteObject, headObject, listPage, openObject, putObject } from './objects.ts'
import { S3Uploads } from './uploads.ts'
import { textOf } from './xml.ts'

/** A bucket does not go as a share does: a mark that was found counts for this long. */
const markKnownMs = 10_000

/** Files of a hub in a bucket of an object store that speaks the protocol of Amazon S3. */
export class S3Place implements FilesPlace {
  readonly contents: S3Contents
  readonly mark: MarkedPlace
  readonly quarantine = undefined
  readonly diskFolder: string
  readonly store: ObservedStore
  readonly #client: S3Client
  readonly #scratch: string

  /** @throws StartError */
  constructor(
    dataDir: string,
    address: string,
    options: S3Options & { keys?: S3Keys; log?: FastifyBaseLogger } = {},
  ) {
    const parsed = parseBucketAddress(address)
    const { protocol, hostname } = parsed.url
    if (protocol === 'http:' && hostname !== 'localhost' && !isLoopback(hostname)) {
      options.log?.warn(
        { host: hostname },
        'the bucket is used without TLS: who can read its network reads the files. Use https:// as its endpoint',
      )
    }
    this.#client = new S3Client(parsed, options.keys ?? readKeys(process.env), options)
    this.diskFolder = dataDir
    this.#scratch = path.join(dataDir, 'uploads', 'bucket')
    this.contents = new S3Contents(this.#client, this.#scratch, options.log)
    this.mark = new S3Mark(this.#client)
    const { name, state } = this.#client
    this.store = { name, state, probe: () => this.#probe() }
  }

  openUploads(): S3Uploads {
    // what a killed process has left is in the bucket too
    rmSync(this.#scratch, { recursive: true, force: true })
    mkdirSync(this.#scratch, { recursive: true, mode: 0o700 })
    return new S3Uploads(this.#client, this.#scratch)
  }

  close(): void {
    this.#client.close()
  }

  async #probe(): Promise<void> {
    try {
      await headObject(this.#client, markName)
    } catch (error) {
      if (!(error instanceof S3Error)) throw error
      // the bucket of another hub, or one that was emptied
      if (error.isMissing) this.#client.noteFailure('NoMark')
    }
  }
}

/** @throws StartError */
function readKeys(env: Readonly<Record<string, string | undefined>>): S3Keys {
  const accessKeyId = env['AWS_ACCESS_KEY_ID']
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY']
  if (accessKeyId && secretAccessKey) {
    const sessionToken = env['AWS_SESSION_TOKEN']
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
  }
  throw new StartError(
    'A bucket for the files needs its keys: set the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  )
}

class S3Mark implements MarkedPlace {
  readonly kind = 'bucket'
  readonly name: string
  readonly #client: S3Client
  #found: { at: number; mark: FilesMark } | undefined

  constructor(client: S3Client) {
    this.#client = client
    this.name = client.name
  }

  async requireUsable(): Promise<void> {
    await this.#run(() => listPage(this.#client, '', { maxKeys: 1 }))
  }

  async read(): Promise<FilesMark | undefined> {
    if (this.#found && performance.now() - this.#found.at < markKnownMs) return this.#found.mark
    const text = await this.#run(() => this.#readText())
    if (text === undefined) return undefined
    const mark = parseMark(text, this.name + markName)
    this.#found = { at: performance.now(), mark }
    return mark
  }

  async write(mark: FilesMark): Promise<void> {
    await this.#run(() => putObject(this.#client, markName, Buffer.from(`${JSON.stringify(mark)}\n`)))
  }

  async remove(): Promise<void> {
    this.#found = undefined
    await this.#run(() => deleteObject(this.#client, markName))
  }

  async isEmpty(): Promise<boolean> {
    return (
      textOf(await this.#run(() => listPage(this.#client, 'files/', { maxKeys: 1 })), 'Key') === undefined
    )
  }

  async #readText(): Promise<string | undefined> {
    try {
      const { bytes } = await openObject(this.#client, markName)
      const chunks: Buffer[] = []
      for await (const chunk of bytes) chunks.push(chunk)
      return Buffer.concat(chunks).toString('utf8')
    } catch (error) {
      if (error instanceof S3Error && error.isMissing) return undefined
      throw error
    }
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const { bucket, url } = this.#client.address
      throw toStartError(error, { name: bucket, host: url.host })
    }
  }
}
