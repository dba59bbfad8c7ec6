// The folder `app-packages` of the data directory: the owner puts a release there, the list and the files it names. It is
// read at each request, so that a new release needs no restart. It is not part of a backup.
import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import path from 'node:path'
import {
  type AppPackage,
  type AppPackageList,
  maxPackageListBytes,
  packageListName,
  parsePackageList,
  parseSignedList,
  type SignedPackageList,
} from '../../shared/app-packages.ts'

interface FolderContent {
  signed?: SignedPackageList
  list?: AppPackageList
  /** Those of the list that are complete. */
  packages: AppPackage[]
  /** For the log: why there is no list although there is a file for it. */
  problem?: string
}

/** A pipe in the place of the list would wait for a writer. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK
/** Twice: the list is a string within JSON, where quotes are escaped. */
const maxFileBytes = 2 * maxPackageListBytes

const folderOf = (dataDir: string): string => path.join(dataDir, 'app-packages')
export const packageFile = (dataDir: string, { file }: AppPackage): string =>
  path.join(folderOf(dataDir), file)

export async function readPackageFolder(dataDir: string): Promise<FolderContent> {
  const text = await readList(path.join(folderOf(dataDir), packageListName))
  if (text === undefined) return { packages: [] }
  const signed = parseSignedList(text)
  const list = signed && parsePackageList(signed.list)
  if (!list) return { packages: [], problem: `${packageListName} is not a signed list of packages` }
  const complete: AppPackage[] = []
  for (const one of list.packages) {
    // not through a link: only what is in the folder is given away
    const stat = await lstat(packageFile(dataDir, one)).catch(() => undefined)
    if (stat?.isFile() && stat.size === one.size) complete.push(one)
  }
  return { signed, list, packages: complete }
}

/** Returns undefined if there is none. A file that is too large, or none at all, is read as empty. */
async function readList(file: string): Promise<string | undefined> {
  const handle = await open(file, openFlags).catch(() => undefined)
  if (!handle) return undefined
  try {
    const stat = await handle.stat()
    return stat.isFile() && stat.size <= maxFileBytes ? await handle.readFile('utf8') : ''
  } finally {
    await handle.close()
  }
}
