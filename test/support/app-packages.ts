import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type AppPackage, packageListName, signedText } from '../../shared/app-packages.ts'

/** A key as the maintainers have one. `publicKey` has the form of main/updates/release-keys.ts. */
export function createReleaseKey(): { privateKey: KeyObject; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { privateKey, publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') }
}

export const releaseKey = createReleaseKey()

export const linuxPackage = (bytes: Uint8Array, changes: Partial<AppPackage> = {}): AppPackage => ({
  file: 'Hubbub-linux-x86_64.AppImage',
  size: bytes.length,
  sha512: createHash('sha512').update(bytes).digest('base64'),
  platform: 'linux',
  arch: process.arch as 'x64',
  kind: 'AppImage',
  ...changes,
})

export function signList(
  list: object,
  privateKey = releaseKey.privateKey,
): { list: string; signature: string } {
  const text = JSON.stringify(list)
  return { list: text, signature: sign(null, Buffer.from(signedText(text)), privateKey).toString('base64') }
}

/** Puts a release into the folder of a hub, as its owner does. */
export function offerRelease(
  dataDir: string,
  signed: { list: string; signature: string },
  files: Record<string, Uint8Array>,
): void {
  const folder = path.join(dataDir, 'app-packages')
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(folder, name), bytes)
  writeFileSync(path.join(folder, packageListName), JSON.stringify(signed))
}

/** Returns the name of a package that the hub now offers. */
export function offerAppPackage(dataDir: string): string {
  const bytes = Buffer.from('a package')
  const one = linuxPackage(bytes)
  offerRelease(dataDir, signList({ version: '9.0.0', packages: [one] }), { [one.file]: bytes })
  return one.file
}
