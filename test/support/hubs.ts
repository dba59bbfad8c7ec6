// What the desktop shell knows of hubs, in plain Node: real sockets, real files, no Electron.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { Hubs } from '../../main/hubs/hubs.ts'
import { Registry } from '../../main/hubs/registry.ts'
import { Secrets } from '../../main/hubs/secrets.ts'
import { JsonFile } from '../../main/json-file.ts'
import { systemClock, type Log, type SecretBox } from '../../main/ports.ts'

export const log: Log = { info: () => {}, warn: () => {}, error: () => {} }
const box: SecretBox = {
  protection: async () => 'protected',
  encrypt: async (text) => Buffer.from(text, 'utf8').reverse(),
  decrypt: async (bytes) => Buffer.from(bytes).reverse().toString('utf8'),
}

export function newHubs(): Hubs {
  const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-test-'))
  const file = (name: string): JsonFile => new JsonFile(path.join(dir, name))
  const hubs = new Hubs({
    registry: new Registry(file('hubs.json')),
    secrets: new Secrets(file('secrets.json'), { box, keepUnprotected: () => false, log }),
    clock: systemClock,
    random: Math.random,
    log,
  })
  onTestFinished(() => {
    hubs.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return hubs
}
