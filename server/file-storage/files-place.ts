import type { MarkedPlace } from '../db/files-mark.ts'
import { FolderMark } from '../db/folder-mark.ts'
import type { Contents } from './contents.ts'
import { FolderContents } from './folder-contents.ts'
import { FolderUploads } from './folder-uploads.ts'
import { Quarantine } from './quarantine.ts'
import type { ObservedStore } from './store-state.ts'
import type { UploadPlace } from './upload-place.ts'

/** Where the files of a hub lie: in a folder, or in a bucket. */
export interface FilesPlace {
  readonly contents: Contents
  readonly mark: MarkedPlace
  /** For files that no row knows; a bucket has none. */
  readonly quarantine: Quarantine | undefined
  /** The folder whose free space limits what the hub takes. */
  readonly diskFolder: string
  /** The object store, if the place is a bucket. */
  readonly store?: ObservedStore
  /** @param isShared other processes use it too */
  openUploads(isShared: boolean): UploadPlace
  close(): void
}

export class FolderPlace implements FilesPlace {
  readonly contents: FolderContents
  readonly mark: MarkedPlace
  readonly quarantine: Quarantine
  readonly diskFolder: string

  constructor(folder: string) {
    this.contents = new FolderContents(folder)
    this.mark = new FolderMark(folder)
    this.quarantine = new Quarantine(folder)
    this.diskFolder = folder
  }

  openUploads(isShared: boolean): UploadPlace {
    return new FolderUploads(this.diskFolder, { isShared, quarantine: this.quarantine })
  }

  close(): void {
    // nothing is open
  }
}
