import { randomBytes, randomUUID } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { sha256 } from '../../server/ids.ts'
import { sentenceFor } from '../../server/start-error.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { png } from '../support/images.ts'
import { password, rawRequest } from '../support/test-user.ts'
import { createUpload, patchUpload, uploadFile } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

/*
 * Each file of a data directory is cut, flipped, zeroed, replaced and removed. The hub either starts, answers every
 * request with a result or with words, and does not end; or it refuses to start in words. It never removes a file.
 *
 * HUBBUB_DAMAGE_SEED=n starts elsewhere, HUBBUB_DAMAGE_ROUNDS=n runs longer.
 */

const seed = Number(process.env['HUBBUB_DAMAGE_SEED'] ?? 1)
const rounds = Number(process.env['HUBBUB_DAMAGE_ROUNDS'] ?? 1)
/** The database is most of the hub, so it gets more of the damage. */
const databaseRounds = 4

function createRandom(start: number): (below: number) => number {
  let state = start >>> 0
  return (below) => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

type Random = ReturnType<typeof createRandom>

const damages: Record<string, (file: string, random: Random) => void> = {
  cut: (file, random) => truncateSync(file, random(readFileSync(file).length + 1)),
  flip: (file, random) => {
    const bytes = readFileSync(file)
    for (let i = 0; i < 8 && bytes.length > 0; i += 1) {
      const at = random(bytes.length)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8))
    }
    writeFileSync(file, bytes)
  },
  zero: (file, random) => {
    const bytes = readFileSync(file)
    const from = random(2) === 0 ? 0 : random(bytes.length + 1)
    bytes.fill(0, from, Math.min(bytes.length, from + 4096))
    writeFileSync(file, bytes)
  },
  replace: (file) => writeFileSync(file, 'my shopping list. '.repeat(300)),
  remove: (file) => rmSync(file),
}

async function makeUsedHub() {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const fileIds: string[] = []
  for (const content of [randomBytes(1000), png(1200, 900), randomBytes(70_000)]) {
    const id = await uploadFile(hub.url, ann.token, { name: 'a', bytes: content })
    const message = { chatId: kitchen.id, cid: randomUUID(), text: 'with a file', attachments: [id] }
    await ann.request('messages.send', message)
    fileIds.push(id)
  }
  for (let i = 0; i < 60; i += 1) await bo.sendMessage(kitchen.id, `boat number ${i} @ann`)
  await ann.request('search.messages', { q: 'boat' })
  const half = await createUpload(hub.url, ann.token, { name: 'half', size: 10 })
  await patchUpload(hub.url, ann.token, half, 0, Buffer.from('half'))
  await hub.close()
  return { hub, ann, kitchen, fileIds }
}

/** The content of each file, by its path. */
function snapshot(dir: string): Map<string, string> {
  return new Map(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [relative(dir, file), sha256(readFileSync(file)).toString('hex')]),
  )
}

/** Files with content of users, and the key, that a start has neither kept where they were nor set aside. */
function findLost(before: ReadonlyMap<string, string>, dir: string): string[] {
  const after = snapshot(dir)
  const setAside = new Set([...after].filter(([file]) => file.startsWith('quarantine')).map(([, one]) => one))
  return [...before]
    .filter(([file]) => /^(files|uploads|identity.hub-key)/.test(file))
    .filter(([file, content]) => after.get(file) !== content && !setAside.has(content))
    .map(([file]) => file)
}

test(
  `damage of any file: the hub refuses in words or goes on, and removes nothing (seed ${seed})`,
  { timeout: 300_000 * rounds },
  async () => {
    const used = await makeUsedHub()
    const names = [...snapshot(used.hub.dataDir).keys()]
    expect(names.length).toBeGreaterThan(8)
    const random = createRandom(seed)
    const results = { refused: 0, started: 0 }
    for (const name of names) {
      const times = rounds * (name === 'hub.db' ? databaseRounds : 1)
      for (const [kind, damage] of Object.entries(damages)) {
        for (let time = 0; time < times; time += 1) {
          const what = `${kind} ${name}, ${time}`
          const dataDir = join(newDataDir(), 'hub')
          cpSync(used.hub.dataDir, dataDir, { recursive: true })
          damage(join(dataDir, name), random)
          const before = snapshot(dataDir)
          const fatal: unknown[] = []
          let hub: TestHub | undefined
          try {
            hub = await startTestHub({ dataDir, onFatal: (error) => fatal.push(error) })
          } catch (error) {
            expect(sentenceFor(error, dataDir), `${what}: ${String((error as Error).stack)}`).toBeDefined()
            results.refused += 1
          }
          if (hub) {
            results.started += 1
            await use(hub, used, what)
            await hub.close()
          }
          expect(fatal, what).toEqual([])
          expect(findLost(before, dataDir), what).toEqual([])
          expect(existsSync(join(dataDir, 'hub.db')), what).toBe(kind !== 'remove' || name !== 'hub.db')
          rmSync(dataDir, { recursive: true })
        }
      }
    }
    expect(results.refused).toBeGreaterThan(0)
    expect(results.started).toBeGreaterThan(results.refused)
  },
)

type UsedHub = Awaited<ReturnType<typeof makeUsedHub>>

/** What people do. Each answer is a result, or an error with words of the hub. */
async function use(hub: TestHub, { ann, kitchen, fileIds }: UsedHub, what: string): Promise<void> {
  const ask = async (name: Parameters<typeof rawRequest>[2], input: Record<string, unknown>) => {
    const { status, body } = await rawRequest(hub.url, ann.token, name, input)
    const { error } = (body ?? {}) as { error?: { message: string } }
    if (status >= 400) expect(error?.message, `${what}: ${name}`).toMatch(/^[A-Z].*\.$/)
    return body
  }
  const cid = randomUUID()
  const sent = (await ask('messages.send', { chatId: kitchen.id, cid, text: 'hello @bo' })) as {
    message?: { id: string }
  }
  const messageId = sent.message?.id ?? 'none'
  await ask('messages.edit', { messageId, text: 'hello again' })
  await ask('messages.list', { chatId: kitchen.id })
  await ask('search.messages', { q: 'boat' })
  await ask('messages.delete', { messageId, for: 'everyone' })
  await ask('accounts.login', { username: 'ann', password })
  await ask('chats.get', { chatId: kitchen.id })
  const headers = { authorization: `Bearer ${ann.token}` }
  for (const id of fileIds) {
    const response = await fetch(`${hub.url}/api/files/${id}`, { headers }).catch(() => undefined)
    await response?.bytes().catch(() => undefined)
  }
  for (const job of [
    'search.index',
    'search.build',
    'files.survey',
    'uploads.expire',
    'messages.expire',
  ] as const) {
    await hub.hub.jobs.run(job).catch(() => undefined)
  }
}
