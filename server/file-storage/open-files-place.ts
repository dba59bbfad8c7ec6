import { type FilesPlace, FolderPlace } from './files-place.ts'

/**
 * Opens the place that `--files` names; without it the data directory has the files.
 * @throws StartError
 */
export function openFilesPlace(dataDir: string, files = dataDir): Promise<FilesPlace> {
  return Promise.resolve(new FolderPlace(files))
}
