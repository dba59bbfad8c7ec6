// `node scripts/release-key.ts FILE`: makes the key that signs the list of a release's packages, for LAN updates. FILE gets
// the private half; the public one is printed, for main/updates/release-keys.ts. docs/packaging.md says how to keep it.
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'

const file = process.argv[2]
if (file === undefined) throw new Error('usage: node scripts/release-key.ts FILE')
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
// never over an earlier key: what it has signed could not be continued
writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
process.stdout.write(`${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}\n`)
