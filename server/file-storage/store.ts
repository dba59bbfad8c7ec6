import { createHash } from 'node:crypto'
import type { ServedContent } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import type { Contents } from './contents.ts'
import type { ExclusiveFiles } from './exclusive-files.ts'
import type { FilesPlace } from './files-place.ts'
import type { SharedFiles } from './shared-files.ts'

/** Who else may use the files: nobody, processes with the same place, or processes that have other folders. */
type FileAccess = ExclusiveFiles | SharedFiles | 'none'

/** The stored files of a hub: their contents, and the rules by which these are written and removed. */
export class FileStore {
  readonly place: FilesPlace
  readonly access: FileAccess

  constructor(place: FilesPlace, access: FileAccess) {
    this.place = place
    this.access = access
  }

  get contents(): Contents {
    return this.place.contents
  }

  /** Called before the first byte of a content or an upload is written. @throws HubError `forbidden`, `busy` */
  requireWritable(): Promise<void> {
    return this.#requireAccess().requireWritable()
  }

  /**
   * Stores the content; returns its digest once it is on the disk. It stays until `settle` is called, whatever
   * happens to other rows with this content. @throws HubError `disk_full`, `busy`
   */
  async writeContent(bytes: Uint8Array): Promise<string> {
    await this.requireWritable()
    const digest = createHash('sha256').update(bytes).digest('hex')
    await this.#requireAccess().expect(digest)
    await this.contents.write(digest, bytes)
    return digest
  }

  /** Stores the content of a synced file on this computer. The file stays, and the content until `settle` is called. */
  async writeFile(file: string, digest: string): Promise<void> {
    await this.requireWritable()
    await this.#requireAccess().expect(digest)
    await this.contents.writeFile(digest, file)
  }

  /** Returns true if the content is here with this size. Then it stays until `settle` is called. */
  async keepStored(digest: string, size: number): Promise<boolean> {
    await this.#requireAccess().expect(digest)
    if ((await this.contents.sizeOf(digest).catch(() => undefined)) === size) return true
    this.settle([digest])
    return false
  }

  /** The rows of these contents are written, or will never be. */
  settle(digests: readonly string[]): void {
    if (this.access !== 'none') this.access.settle(digests)
  }

  /** @throws MissingContentError */
  read(digest: string): Promise<Buffer> {
    return this.contents.read(digest)
  }

  /** @throws MissingContentError */
  sizeOf(digest: string): Promise<number> {
    return this.contents.sizeOf(digest)
  }

  serve(digest: string, size: number): ServedContent {
    return this.contents.serve(digest, size)
  }

  #requireAccess(): ExclusiveFiles | SharedFiles {
    if (this.access !== 'none') return this.access
    throw new HubError(
      'forbidden',
      'This hub runs as several processes without a folder that they share, so it takes no files. Its owner names one with --files.',
    )
  }
}
