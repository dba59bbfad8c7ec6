// Packages of the app that a hub passes on. A release is a list with a signature, and the files that the list names.
// The hub only stores and serves them: the app believes nothing but the signature of the release key.

/** The list in a release, and in the folder of the hub. */
export const packageListName = 'hubbub-packages.json'
export const maxPackageListBytes = 64 * 1024
/** Far above any package, and the most that an app takes from a hub. */
export const maxPackageBytes = 1024 ** 3
const maxPackages = 50

export interface AppPackage {
  /** A plain name, without folders. */
  file: string
  size: number
  /** base64 of the digest of the file. */
  sha512: string
  platform: 'win32' | 'darwin' | 'linux'
  arch: 'x64' | 'arm64'
  kind: 'nsis' | 'zip' | 'AppImage' | 'deb' | 'rpm'
}

export interface AppPackageList {
  version: string
  packages: AppPackage[]
}

/** `list` is JSON as it was signed, so that nothing has to be put into a form again before it is checked. */
export interface SignedPackageList {
  list: string
  /** base64 of an Ed25519 signature of `signedText(list)`. */
  signature: string
}

/** What the release key signs: it says what it is for, so that a signature has no other meaning. */
export const signedText = (list: string): string => `Hubbub app packages, form 1\n${list}`

export const packageFileName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/
/** Releases only: a draft or a beta is for those who fetch it themselves. */
const releaseVersion = /^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/
const digest = /^[A-Za-z0-9+/]{86}==$/

/** Returns undefined if the text is not a signed list. It says nothing about the signature. */
export function parseSignedList(text: string): SignedPackageList | undefined {
  const { list, signature } = parseObject(text)
  if (typeof list !== 'string' || typeof signature !== 'string') return undefined
  return parsePackageList(list) && { list, signature }
}

/** Returns undefined if anything in it is not as it should be: a list is taken whole or not at all. */
export function parsePackageList(text: string): AppPackageList | undefined {
  if (text.length > maxPackageListBytes) return undefined
  const { version, packages } = parseObject(text)
  if (typeof version !== 'string' || !releaseVersion.test(version) || !Array.isArray(packages))
    return undefined
  if (packages.length === 0 || packages.length > maxPackages || !packages.every(isPackage)) return undefined
  const names = new Set(packages.map(({ file }) => file.toLowerCase()))
  return names.size === packages.length ? { version, packages } : undefined
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function isPackage(value: unknown): value is AppPackage {
  const { file, size, sha512, platform, arch, kind } = { ...(value as object) } as Record<string, unknown>
  return (
    typeof file === 'string' &&
    packageFileName.test(file) &&
    Number.isSafeInteger(size) &&
    (size as number) > 0 &&
    (size as number) <= maxPackageBytes &&
    typeof sha512 === 'string' &&
    digest.test(sha512) &&
    ['win32', 'darwin', 'linux'].includes(platform as string) &&
    ['x64', 'arm64'].includes(arch as string) &&
    ['nsis', 'zip', 'AppImage', 'deb', 'rpm'].includes(kind as string)
  )
}

/** Returns true if `version`, a release, is newer than the one that runs, which may be a beta of it. */
export function isNewerVersion(version: string, running: string): boolean {
  const [, plain = '', beta] = /^(\d+\.\d+\.\d+)(-.+)?$/.exec(running) ?? []
  // a version that cannot be read is never replaced by itself
  if (plain === '' || !releaseVersion.test(version)) return false
  const [a, b] = [version.split('.').map(Number), plain.split('.').map(Number)]
  for (const [at, part] of a.entries()) {
    if (part !== b[at]) return part > (b[at] ?? 0)
  }
  return beta !== undefined
}
