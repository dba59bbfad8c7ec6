// The part of the desktop shell that knows hubs, in plain Node: real sockets and files, no Electron.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { Hubs } from '../../main/hubs/hubs.ts'
import { HubRegistry } from '../../main/hubs/registry.ts'
import { TokenStore } from '../../main/hubs/token-store.ts'
import { JsonFile } from '../../main/json-file.ts'
import { systemClock, type Log, type SecretBox } from '../../main/ports.ts'

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} }
const fakeSecretBox: SecretBox = {
  protection: async () => 'protected',
  encrypt: async (text) => Buffer.from(text, 'utf8').reverse(),
  decrypt: async (bytes) => ({ text: Buffer.from(bytes).reverse().toString('utf8'), isOutdated: false }),
}

export function newHubs(): Hubs {
  return newHubsWithRegistry().hubs
}

export function newHubsWithRegistry(): { hubs: Hubs; registry: HubRegistry } {
  const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-test-'))
  const file = (name: string): JsonFile => new JsonFile(path.join(dir, name))
  const registry = new HubRegistry(file('hubs.json'))
  const hubs = new Hubs({
    registry,
    secrets: new TokenStore(file('secrets.json'), {
      box: fakeSecretBox,
      keepUnprotected: () => false,
      log: silentLog,
    }),
    clock: systemClock,
    random: Math.random,
    log: silentLog,
  })
  onTestFinished(() => {
    hubs.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return { hubs, registry }
}
