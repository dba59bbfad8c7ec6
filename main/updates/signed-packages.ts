// The one place that decides what a hub may give to this computer to run. Whatever is not covered by a signature of the
// release key ends here: the hub, its owner and the network are strangers.
import { createPublicKey, verify } from 'node:crypto'
import {
  type AppPackage,
  isNewerVersion,
  parsePackageList,
  signedText,
  type SignedPackageList,
} from '../../shared/app-packages.ts'

/** How this app was installed, and what runs. */
export interface Installation {
  version: string
  platform: string
  arch: string
  /** Undefined: started from the sources, or installed in a way that the updater does not know. */
  kind: string | undefined
}

export interface NewerPackage extends AppPackage {
  version: string
}

/**
 * Returns the package for this installation if the list has a newer one. @throws Error if no key has signed the list, or
 * it is malformed
 */
export function findNewerPackage(
  { list, signature }: SignedPackageList,
  keys: readonly string[],
  installed: Installation,
): NewerPackage | undefined {
  if (!keys.some((key) => isSignedBy(key, list, signature))) {
    throw new Error('the list of packages is not signed by the release key')
  }
  const parsed = parsePackageList(list)
  if (!parsed) throw new Error('the signed list of packages is malformed')
  const { version, packages } = parsed
  if (!isNewerVersion(version, installed.version)) return undefined
  const found = packages.find(
    ({ platform, arch, kind }) =>
      platform === installed.platform && arch === installed.arch && kind === installed.kind,
  )
  return found && { ...found, version }
}

function isSignedBy(publicKey: string, list: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
    // another kind of key would be asked with another kind of digest
    if (key.asymmetricKeyType !== 'ed25519') return false
    return verify(null, Buffer.from(signedText(list)), key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
