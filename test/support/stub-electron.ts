import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const { createPackage } = createRequire(import.meta.url)('@electron/asar') as {
  createPackage: (from: string, to: string) => Promise<unknown>
}

/**
 * The files of an Electron that electron-builder expects: an executable with fuses, a default archive and licences. Not
 * a program.
 */
export async function makeStubElectron(dir: string): Promise<string> {
  mkdirSync(path.join(dir, 'resources'), { recursive: true })
  const executable = path.join(dir, 'electron')
  // the sentinel, the version and nine fuses, as in the real binary
  const wire = Buffer.concat([
    Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
    Buffer.from([1, 9]),
    Buffer.from('101100011'),
  ])
  writeFileSync(executable, Buffer.concat([Buffer.alloc(64), wire, Buffer.alloc(64)]))
  chmodSync(executable, 0o755)
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'version']) {
    writeFileSync(path.join(dir, name), 'stub\n')
  }
  const app = path.join(dir, 'default-app')
  mkdirSync(app)
  writeFileSync(path.join(app, 'package.json'), '{}')
  await createPackage(app, path.join(dir, 'resources', 'default_app.asar'))
  return dir
}
