// `node scripts/sign-packages.ts FOLDER`: writes the signed list of the packages in FOLDER, which lets hubs pass them on.
// The private key comes in RELEASE_KEY (PEM). Without it there is no list, and hubs cannot pass this release on.
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { releaseKeys } from '../main/updates/release-keys.ts'
import {
  type AppPackage,
  packageListName,
  parseSignedList,
  signedText,
  type SignedPackageList,
} from '../shared/app-packages.ts'

/** What the updater of each system installs, by the names of electron-builder. A dmg is for users only. */
const kinds: { ending: RegExp; platform: AppPackage['platform']; kind: AppPackage['kind'] }[] = [
  { ending: /-win-(x64|arm64)\.exe$/, platform: 'win32', kind: 'nsis' },
  { ending: /-mac-(x64|arm64)\.zip$/, platform: 'darwin', kind: 'zip' },
  { ending: /-linux-(x86_64|arm64)\.AppImage$/, platform: 'linux', kind: 'AppImage' },
  { ending: /-linux-(amd64|arm64)\.deb$/, platform: 'linux', kind: 'deb' },
  { ending: /-linux-(x86_64|aarch64)\.rpm$/, platform: 'linux', kind: 'rpm' },
]

export function listPackages(folder: string): AppPackage[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((file) =>
      kinds.flatMap(({ ending, platform, kind }) => {
        const arch = ending.exec(file)?.[1]
        if (arch === undefined) return []
        const bytes = readFileSync(path.join(folder, file))
        return {
          file,
          size: bytes.length,
          sha512: createHash('sha512').update(bytes).digest('base64'),
          platform,
          arch: arch === 'arm64' || arch === 'aarch64' ? 'arm64' : 'x64',
          kind,
        }
      }),
    )
}

/** @throws Error if the app would not take the list, as it would have to be seen only by users */
export function signPackages(
  { version, packages }: { version: string; packages: AppPackage[] },
  privateKeyPem: string,
  trusted: readonly string[] = releaseKeys,
): SignedPackageList {
  const key = createPrivateKey(privateKeyPem)
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64')
  if (!trusted.includes(publicKey)) {
    throw new Error(`RELEASE_KEY is not a key of main/updates/release-keys.ts: ${publicKey}`)
  }
  const list = JSON.stringify({ version, packages })
  const signed = { list, signature: sign(null, Buffer.from(signedText(list)), key).toString('base64') }
  if (!parseSignedList(JSON.stringify(signed))) {
    throw new Error(`the app would refuse this list: ${list.slice(0, 500)}`)
  }
  return signed
}

function main(folder: string): void {
  const key = process.env['RELEASE_KEY'] ?? ''
  if (key.trim() === '')
    return void process.stdout.write('no RELEASE_KEY: hubs cannot pass this release on\n')
  const { version } = JSON.parse(
    readFileSync(path.join(import.meta.dirname, '..', 'package.json'), 'utf8'),
  ) as { version: string }
  const packages = listPackages(folder)
  const signed = signPackages({ version, packages }, key)
  writeFileSync(path.join(folder, packageListName), `${JSON.stringify(signed)}\n`)
  process.stdout.write(`${packageListName}: ${version}, ${packages.map(({ file }) => file).join(', ')}\n`)
}

if (import.meta.main) {
  const folder = process.argv[2]
  if (folder === undefined) throw new Error('usage: node scripts/sign-packages.ts FOLDER')
  main(folder)
}
