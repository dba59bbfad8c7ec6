import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { fastify } from 'fastify'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { Copies } from '../../server/continuity/copy.ts'
import { BadCopyError, CopyIntake } from '../../server/continuity/copy-intake.ts'
import { listSetAside, setAside } from '../../server/continuity/diverged.ts'
import { openReader, openWriter } from '../../server/db/sqlite/connection.ts'
import { fileNameOf } from '../../server/file-storage/contents.ts'
import { FolderContents } from '../../server/file-storage/folder-contents.ts'
import { createErrorHandler } from '../../server/http/errors.ts'
import { fetchCopy, fetchFileFrom, type RequestHub } from '../../server/standby/copy-client.ts'
import { registerCopyRoutes } from '../../server/standby/copy-routes.ts'
import { FileChanges } from '../../server/standby/file-changes.ts'
import { ReplicaFiles } from '../../server/standby/replica-files.ts'
import { newDataDir } from '../support/data-dir.ts'
import { digestsIn, DirectShipper, openReplica } from '../support/replicated.ts'
import { turnLogOn } from '../support/replicated-hub.ts'
import { uploadFile } from '../support/tus.ts'
import { waitFor } from '../support/wait-for.ts'
import { makeWorld, type World } from '../support/world.ts'

const ticket = 'a-ticket-that-is-long-enough'

/** A hub with its log on, and an HTTP server for standbys. */
async function openHub() {
  const world = await makeWorld()
  const { hub } = world.hub
  await turnLogOn(world.hub)
  const app = fastify()
  app.setErrorHandler(createErrorHandler(hub))
  const routes = registerCopyRoutes(app, hub, (given) => given === ticket)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await app.close()
    await routes.close()
  })
  const request: RequestHub = (path, headers) =>
    new Promise((resolve, reject) => {
      get(`${url}${path}`, { headers: { ...headers, authorization: `Standby ${ticket}` } }, resolve).once(
        'error',
        reject,
      )
    })
  return { ...world, url, request }
}

async function sendFile(
  { hub, ann, kitchen }: World,
  name: string,
  text: string,
  content: Buffer,
): Promise<void> {
  const id = await uploadFile(hub.url, ann.token, { name, bytes: content })
  await ann.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text, attachments: [id] })
}

/** The response as it arrives when something happens to its content. */
function onTheWay(response: IncomingMessage, change: (chunk: Buffer) => Buffer): IncomingMessage {
  const content = new Transform({
    transform: (chunk: Buffer, _, done) => {
      try {
        done(null, change(chunk))
      } catch (error) {
        done(error as Error)
      }
    },
  })
  const { statusCode, headers } = response
  return Object.assign(response.pipe(content), { statusCode, headers }) as unknown as IncomingMessage
}

test('only the ticket of a connected standby opens the copy and the files', async () => {
  const { url, ann, hub } = await openHub()
  for (const path of ['/continuity/copy', `/continuity/files/${'0'.repeat(64)}`]) {
    const headers: Record<string, string>[] = [
      {},
      { authorization: `Bearer ${ann.token}` },
      { authorization: 'Standby another-ticket-that-is-long' },
    ]
    for (const one of headers) {
      expect((await fetch(`${url}${path}`, { headers: one })).status).toBe(401)
    }
    const right = { authorization: `Standby ${ticket}` }
    expect((await fetch(`${url}${path}`, { headers: right })).status).toBe(path.endsWith('copy') ? 200 : 410)
  }
  const odd = await fetch(`${url}/continuity/files/${encodeURIComponent('../hub.db')}`, {
    headers: { authorization: `Standby ${ticket}` },
  })
  expect(odd.status).toBe(404)
  // the hub's own address has no such path
  expect((await fetch(`${hub.url}/continuity/copy`)).status).not.toBe(200)
})

test('a copy is checked, says where it is in the log, and has no search index', async () => {
  const { request, hub, ann, kitchen } = await openHub()
  for (const text of ['alpha', 'beta', 'gamma']) await ann.sendMessage(kitchen.id, text)
  const dataDir = newDataDir()
  const intake = new CopyIntake(dataDir)
  const progress: number[] = []
  await fetchCopy(intake, request, { onProgress: ({ received }) => progress.push(received) })
  expect(progress.at(-1)).toBeGreaterThan(0)
  intake.install()
  const replica = openReplica(dataDir)
  expect(hub.hub.rowLog.ring.has(replica.applied)).toBe(true)
  const { raw } = openReader(join(dataDir, 'hub.db'))
  expect(raw.prepare('select count(*) from search_term').pluck().get()).toBe(0)
  expect(raw.prepare('select count(*) from message').pluck().get()).toBe(3)
  raw.close()
  expect(readFileSync(join(dataDir, 'hub.db')).includes('gamma')).toBe(true)
  // follows from there
  const shipper = new DirectShipper()
  const rest = hub.hub.rowLog.ring.after(replica.applied.lsn) ?? []
  for (const frame of rest) replica.append(frame)
  shipper.replica = replica
  await replica.applyAll()
  await replica.close()
  expect(digestsIn(dataDir)).toEqual(digestsIn(hub.dataDir))
})

test('a copy that the disk has no room for is not begun, on either side, and the figures are said', async () => {
  const { request, hub } = await openHub()
  const dataDir = newDataDir()
  const room = () => Promise.resolve({ free: 64 * 1024 * 1024 })
  await expect(fetchCopy(new CopyIntake(dataDir), request, { room })).rejects.toThrow(
    /^This computer has 64 MB of free space, and the copy needs \d+ MB\. Free some space there/,
  )
  expect(existsSync(join(dataDir, 'continuity', 'incoming.db'))).toBe(false)
  const copies = new Copies(hub.dataDir, () => Promise.resolve({ free: 1024 * 1024 }))
  await expect(copies.get(() => true)).rejects.toThrow('The computer of the hub has 1 MB of free space')
  expect(existsSync(join(hub.dataDir, 'continuity', 'outgoing', 'copy-1.db'))).toBe(false)
  await copies.close()
})

test('a standby learns from the hub why it has no copy', async () => {
  const { url } = await openHub()
  const refused: RequestHub = (path) =>
    new Promise((resolve, reject) => {
      get(`${url}${path}`, resolve).once('error', reject)
    })
  await expect(fetchCopy(new CopyIntake(newDataDir()), refused)).rejects.toThrow('Only a standby')
})

test('an interrupted copy goes on where it was, and a changed one begins again', async () => {
  const { request, hub } = await openHub()
  const dataDir = newDataDir()
  const intake = new CopyIntake(dataDir)
  const asked: string[] = []
  let cutAfter = 250_000
  const unreliable: RequestHub = async (path, headers) => {
    asked.push(headers['range'] ?? 'all')
    let bytes = 0
    return onTheWay(await request(path, headers), (chunk) => {
      bytes += chunk.length
      if (bytes > cutAfter) throw new Error('the cable was pulled')
      return chunk
    })
  }
  await expect(fetchCopy(intake, unreliable)).rejects.toThrow('cable')
  const received = intake.wanted.from
  expect(received).toBeGreaterThan(0)
  cutAfter = Infinity
  await fetchCopy(intake, unreliable)
  expect(asked).toEqual(['all', `bytes=${received}-`])
  // the hub makes another copy: its own is gone, the log has moved on
  await expect(fetchCopy(intake, unreliable)).rejects.toThrow('received again')
  await fetchCopy(intake, unreliable)
  expect(existsSync(join(hub.dataDir, 'continuity', 'outgoing', 'copy-1.db'))).toBe(true)
})

test('a copy that was changed on its way, or whose database is damaged, is not used', async () => {
  const { request, hub } = await openHub()
  const dataDir = newDataDir()
  const intake = new CopyIntake(dataDir)
  const spoiling: RequestHub = async (path, headers) => {
    return onTheWay(await request(path, headers), (chunk) => {
      chunk[0] = (chunk[0] as number) ^ 1
      return chunk
    })
  }
  await expect(fetchCopy(intake, spoiling)).rejects.toThrow(BadCopyError)
  expect(intake.wanted.from).toBe(0)
  // a database that breaks a rule is announced with its own digest
  const broken = join(newDataDir(), 'broken.db')
  await fetchCopy(intake, request)
  writeFileSync(broken, readFileSync(join(dataDir, 'continuity', 'incoming.db')))
  const { raw } = openWriter(broken)
  raw.exec(`update chat set last_no = 99`)
  raw.pragma('journal_mode = delete')
  raw.close()
  const content = readFileSync(broken)
  const digest = createHash('sha256').update(content).digest('hex')
  await intake.receive({ digest, bytes: content.length, from: 0, content: Readable.from([content]) })
  await expect(intake.check()).rejects.toThrow('damaged')
  expect(hub.hub.rowLog.isOn).toBe(true)
})

test('a former hub is moved aside as it is, with its files, before a copy takes its place', async () => {
  const { request } = await openHub()
  const former = await makeWorld()
  await sendFile(former, 'notes.txt', 'said on the old hub', Buffer.from('only here'))
  const { dataDir } = former.hub
  await former.hub.close()
  const folder = setAside(dataDir, fileNameOf) as string
  expect(existsSync(join(dataDir, 'hub.db'))).toBe(false)
  expect(listSetAside(dataDir)).toEqual([folder])
  const digest = createHash('sha256').update('only here').digest('hex')
  expect(readFileSync(join(folder, fileNameOf(digest)), 'utf8')).toBe('only here')
  const { raw } = openReader(join(folder, 'hub.db'))
  expect(raw.prepare('select text from message').pluck().all()).toEqual(['said on the old hub'])
  raw.close()
  const intake = new CopyIntake(dataDir)
  await fetchCopy(intake, request)
  intake.install()
  // a crash came before the database did: what it left is used
  mkdirSync(folder.replace(/1$/, '2'))
  // a second one does not take the place of the first
  expect(setAside(dataDir, fileNameOf)).toBe(folder.replace(/1$/, '2'))
  expect(setAside(dataDir, fileNameOf)).toBeUndefined()
  for (const n of [3, 4, 5]) {
    writeFileSync(join(dataDir, 'hub.db'), 'no database')
    expect(setAside(dataDir, fileNameOf)).toBe(folder.replace(/1$/, String(n)))
  }
  writeFileSync(join(dataDir, 'hub.db'), 'no database')
  expect(() => setAside(dataDir, fileNameOf)).toThrow('keeps 5 databases aside already')
  expect(existsSync(join(dataDir, 'hub.db'))).toBe(true)
})

test('files come when their row comes, four at a time, and are complete up to a frame', async () => {
  const { request, ...world } = await openHub()
  const { hub } = world
  const shipper = (hub.hub.rowLog.shipper = new DirectShipper())
  const dataDir = newDataDir()
  const store = new FolderContents(dataDir)
  let inFlight = 0
  let most = 0
  let failures = 2
  const fetchFile = fetchFileFrom(request)
  const files = new ReplicaFiles({
    dataDir,
    files: store,
    onComplete: () => undefined,
    log: pino({ level: 'silent' }),
    fetch: async (digest, from) => {
      inFlight += 1
      most = Math.max(most, inFlight)
      const answer = await fetchFile(digest, from)
      inFlight -= 1
      failures -= 1
      if (failures >= 0) throw new Error('the connection was lost')
      return answer
    },
  })
  onTestFinished(() => files.close())
  const contents = Array.from({ length: 9 }, (_, i) => randomBytes(200_000 + i))
  for (const [i, content] of contents.entries()) {
    await sendFile(world, `file-${i}.bin`, `file ${i}`, content)
  }
  const changes = new FileChanges(hub.hub.rowLog.tables)
  for (const frame of shipper.shipped) {
    files.expect(frame.position.lsn, changes.find(JSON.parse(frame.body.toString())).named)
  }
  const end = hub.hub.rowLog.position?.lsn ?? 0
  expect(files.missing).toBe(9)
  expect(files.completeUpTo).toBeLessThan(end)
  files.retryNow()
  await waitFor(() => {
    files.retryNow()
    expect(files.completeUpTo).toBe(end)
  })
  expect(most).toBeLessThanOrEqual(4)
  for (const content of contents) {
    const digest = createHash('sha256').update(content).digest('hex')
    expect(statSync(store.pathOf(digest)).size).toBe(content.length)
  }
})

test('a released file goes a day later by both clocks, and never one that a row names', () => {
  const dataDir = newDataDir()
  const store = new FolderContents(dataDir)
  const day = 24 * 60 * 60 * 1000
  let own = 1_000
  const open = () =>
    new ReplicaFiles({
      dataDir,
      files: store,
      fetch: () => Promise.resolve(undefined),
      onComplete: () => undefined,
      log: pino({ level: 'silent' }),
      clock: () => own,
    })
  const digests = ['a', 'b', 'c'].map((content) => createHash('sha256').update(content).digest('hex'))
  const [a, b, c] = digests as [string, string, string]
  return Promise.all(
    ['a', 'b', 'c'].map((content, i) => store.write(digests[i] as string, Buffer.from(content))),
  ).then(() => {
    let files = open()
    files.release([a, b, c], 5_000)
    const none = () => new Set<string>()
    const here = () => digests.map((digest) => existsSync(store.pathOf(digest)))
    // this computer's clock was set forward
    own += 10 * day
    files.removeDue(5_000 + day - 1, none)
    expect(here()).toEqual([true, true, true])
    files.close()
    files = open()
    // a row names it again
    files.expect(9, [c])
    own = 1_000 + day - 1
    files.removeDue(5_000 + 10 * day, none)
    expect(here()).toEqual([true, true, true])
    own = 1_000 + day
    files.removeDue(5_000 + day, () => new Set([b]))
    expect(here()).toEqual([false, true, true])
    files.close()
  })
})

test('a file that the hub has lost too holds nothing up', async () => {
  const { request } = await openHub()
  const dataDir = newDataDir()
  const files = new ReplicaFiles({
    dataDir,
    files: new FolderContents(dataDir),
    fetch: fetchFileFrom(request),
    onComplete: () => undefined,
    log: pino({ level: 'silent' }),
  })
  onTestFinished(() => files.close())
  files.expect(7, ['0'.repeat(64)])
  await waitFor(() => expect(files.completeUpTo).toBe(7))
  rmSync(join(dataDir, 'continuity'), { recursive: true })
})
