import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { backUp } from '../../server/backup/backup.ts'
import { restore } from '../../server/backup/restore.ts'
import { examine } from '../../server/ops/doctor.ts'
import { S3Client } from '../../server/file-storage/s3/client.ts'
import { S3Contents } from '../../server/file-storage/s3/contents.ts'
import { listObjects } from '../../server/file-storage/s3/objects.ts'
import { S3Place } from '../../server/file-storage/s3/place.ts'
import { sentenceFor } from '../../server/start-error.ts'
import { parseBucketAddress } from '../../server/files-address.ts'
import { type ClusterWorld, makeClusterWorld } from '../support/cluster.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { png } from '../support/images.ts'
import { type S3Fault, type S3Proxy, sha256, startS3Proxy } from '../support/s3-proxy.ts'
import { missingS3Server, type S3Server, s3Keys, startS3Server } from '../support/s3-server.ts'
import { startHubProcess } from '../support/start-hub-process.ts'
import { databaseFor } from '../support/test-database.ts'
import type { TestUser } from '../support/test-user.ts'
import { createUpload, getFile, patchUpload, tusRequest, uploadFile, uploadOffset } from '../support/tus.ts'
import { waitFor } from '../support/wait-for.ts'

/* Files of a hub in a bucket of a real object store. */

const missing = missingS3Server()
const bucket = 'team-files'
const MiB = 1024 * 1024
/** So short that another try costs no time. */
const fast = { keys: s3Keys, pauseMs: 1 }
let server: S3Server

const addressAt = (endpoint: string, prefix: string): string =>
  `s3://${bucket}/${prefix}?endpoint=${endpoint}`

/** A prefix of its own for a test, behind a proxy that can fail. */
async function openBucket(): Promise<{ proxy: S3Proxy; address: string; prefix: string; client: S3Client }> {
  vi.stubEnv('AWS_ACCESS_KEY_ID', s3Keys.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', s3Keys.secretAccessKey)
  const proxy = await startS3Proxy(server.endpoint)
  const prefix = `hubs/${randomUUID()}`
  // around the proxy
  const client = new S3Client(parseBucketAddress(addressAt(server.endpoint, prefix)), s3Keys)
  onTestFinished(() => client.close())
  return { proxy, address: addressAt(proxy.endpoint, prefix), prefix, client }
}

async function keysIn(client: S3Client, prefix: string): Promise<string[]> {
  const keys = []
  for await (const { key } of listObjects(client, prefix)) keys.push(key)
  return keys
}

describe.skipIf(missing)(`with Ceph${missing ? ` (${missing})` : ''}`, () => {
  beforeAll(async () => {
    server = await startS3Server()
    await server.addBucket(bucket)
  }, 60_000)
  afterAll(() => server.close())

  test('processes share files in a bucket: pieces at any of them, a kill, previews, ranges, backup, removal', async () => {
    const { address, client } = await openBucket()
    const world = await makeClusterWorld({ files: address })
    await waitFor(() => expect(world.one.hub.isLeader()).toBe(true))
    await showsEverywhere(world, client)
    await goesOnAfterKill(world, address)
    await movesBothWays(world)
    await removesLater(world, client)
  })

  test('a hub of one process has its files there too, and no other place is used in its stead', async () => {
    const { address, prefix, client } = await openBucket()
    const dataDir = newDataDir()
    const database = await databaseFor(dataDir)
    const hub = await startTestHub({ dataDir, database, files: address })
    const olga = await hub.setUp()
    const bytes = randomBytes(5000)
    const id = await uploadFile(hub.url, olga.token, { name: 'a.bin', bytes })
    expect((await getFile(olga, id)).bytes.equals(bytes)).toBe(true)
    expect(readdirSync(dataDir)).not.toContain('files')
    await hub.close()

    const start = (files?: string): Promise<unknown> => startTestHub({ dataDir, database, files })
    await expect(start()).rejects.toThrow('give it with --files')
    await expect(start(addressAt(server.endpoint, `${prefix}-other`))).rejects.toThrow(
      'is not the bucket with the files of this hub',
    )
    await expect(start(`s3://no-such-bucket?endpoint=${server.endpoint}`)).rejects.toThrow(
      'There is no bucket',
    )
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wrong')
    await expect(start(address)).rejects.toThrow(
      'refuses the hub the bucket team-files (SignatureDoesNotMatch)',
    )
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', '')
    await expect(start(address)).rejects.toThrow('needs its keys')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', s3Keys.secretAccessKey)
    // the database of another hub
    const strange = newDataDir()
    await expect(
      startTestHub({ dataDir: strange, database: await databaseFor(strange), files: address }),
    ).rejects.toThrow('has the files of another hub')
    await start(address)
    expect(await keysIn(client, 'uploads/')).toEqual([])
  })

  test('while the bucket is away messages go on, files are refused in words, and a hub starts', async () => {
    const { proxy, address } = await openBucket()
    const world = await makeClusterWorld({ files: address, ops: { port: 0, host: '127.0.0.1' } })
    const { one, ann, bo, kitchen } = world
    const bytes = randomBytes(3000)
    const id = await uploadFile(one.url, ann.token, { name: 'a.bin', bytes })
    const live = await bo.connect()
    proxy.fault = () => ({ kind: 'reset' })
    await ann.sendMessage(kitchen.id, 'goes on')
    expect(await live.nextEntry('message.sent')).toMatchObject({ message: { text: 'goes on' } })
    expect((await getFile(ann, id)).status).toBe(503)
    const ready = await fetch(`${one.opsUrl}/readyz`)
    expect([ready.status, await ready.text()]).toEqual([200, expect.stringContaining('bucket fails (')])
    const figures = async (): Promise<string> => (await fetch(`${one.opsUrl}/metrics`)).text()
    expect(await figures()).toMatch(/^hubbub_bucket_up 0$/m)
    const bucketIn = async ({ url }: TestHub) =>
      (await world.olga.atUrl(url).request('admin.health', {})).bucket
    expect(await bucketIn(one)).toMatchObject({
      state: 'bad',
      failure: expect.stringMatching(/^E/) as string,
    })
    // Health is that of all processes
    await waitFor(async () => expect(await bucketIn(world.other)).toMatchObject({ state: 'bad' }))
    const examined = (await examine(one.dataDir, { repair: false, database: one.database })).findings
    expect(examined.filter(({ part }) => part === 'files')).toEqual([
      { part: 'files', state: 'bad', text: expect.stringContaining('were not examined') as string },
    ])
    const failed = await one.backUp(path.join(newDataDir(), 'away.hubbub')).catch((error: unknown) => error)
    expect(sentenceFor(failed, one.dataDir)).toMatch(/^The bucket with the files cannot be used: ECONNRESET/)
    const part = await world.other.restart()
    await ann.atUrl(part.url).sendMessage(kitchen.id, 'started meanwhile')
    // the mark counts for some seconds
    await waitFor(() =>
      expect(ann.request('me.avatar', { bytes: png(40, 40) })).rejects.toThrow('cannot reach the bucket'),
    )
    proxy.fault = undefined
    await one.hub.jobs.run('files.probe')
    expect(await (await fetch(`${one.opsUrl}/readyz`)).text()).toBe('ready\n')
    expect(await figures()).toMatch(/^hubbub_bucket_up 1$/m)
    expect(await bucketIn(one)).toMatchObject({ latencyMs: expect.any(Number) as number })
    expect((await getFile(ann, id)).bytes.equals(bytes)).toBe(true)
    await waitFor(async () => void (await ann.request('me.avatar', { bytes: png(40, 40) })))
  })

  describe('faults of the store', () => {
    const passing: [string, S3Fault][] = [
      ['500', { kind: 'answer', status: 500, code: 'InternalError' }],
      ['503 SlowDown', { kind: 'answer', status: 503, code: 'SlowDown' }],
      ['silence', { kind: 'silence' }],
      ['a lost connection', { kind: 'reset' }],
      ['an answer that is cut', { kind: 'cut', afterBytes: 1 }],
    ]
    test.for(passing)('%s: twice is survived, for good is “busy”', async ([, fault]) => {
      const { proxy, address } = await openBucket()
      const idle = fault.kind === 'silence' ? { idleMs: 500 } : {}
      const place = new S3Place(newDataDir(), address, { ...fast, ...idle })
      const bytes = randomBytes(300_000)
      const digest = sha256(bytes)
      const failTwice = (): void => {
        let left = 2
        proxy.fault = () => (left-- > 0 ? fault : undefined)
      }
      if (fault.kind !== 'cut') {
        failTwice()
        await place.contents.write(digest, bytes)
      } else await place.contents.write(digest, bytes)
      failTwice()
      expect((await place.contents.read(digest)).equals(bytes)).toBe(true)
      expect(proxy.requests.length).toBeGreaterThanOrEqual(4)
      proxy.fault = () => fault
      await expect(place.contents.read(digest)).rejects.toMatchObject({ code: 'busy' })
      await expect(place.mark.requireUsable()).rejects.toThrow('does not respond')
      place.close()
    })

    test.for([
      [403, 'AccessDenied', 'refuses the hub the bucket'],
      [403, 'RequestTimeTooSkewed', 'The clock of this computer differs too much'],
      [301, 'PermanentRedirect', 'is in another region'],
      [404, 'NoSuchBucket', 'There is no bucket'],
    ] as const)('%i %s is not tried again, and is said', async ([status, code, text]) => {
      const { proxy, address } = await openBucket()
      const place = new S3Place(newDataDir(), address, fast)
      proxy.fault = () => ({ kind: 'answer', status, code })
      await expect(place.mark.requireUsable()).rejects.toThrow(text)
      await expect(place.contents.read('a'.repeat(64))).rejects.toMatchObject({ code: 'internal' })
      expect(proxy.requests).toHaveLength(2)
      place.close()
    })

    test('a full bucket is said as a full disk, and a lost content as missing', async () => {
      const { proxy, address } = await openBucket()
      const { contents } = new S3Place(newDataDir(), address, fast)
      const bytes = randomBytes(100)
      await expect(contents.read(sha256(bytes))).rejects.toMatchObject({ code: 'not_found' })
      proxy.fault = () => ({ kind: 'answer', status: 403, code: 'QuotaExceeded' })
      await expect(contents.write(sha256(bytes), bytes)).rejects.toMatchObject({ code: 'disk_full' })
    })

    test('changed bytes are never passed on as right, nor taken', async () => {
      const { proxy, address } = await openBucket()
      const { contents } = new S3Place(newDataDir(), address, fast)
      const bytes = randomBytes(2 * MiB)
      const digest = sha256(bytes)
      await expect(contents.write(sha256(bytes.subarray(1)), bytes)).rejects.toThrow('refuses')
      await contents.write(digest, bytes)
      const readPart = async (start: number, end: number): Promise<Buffer> => {
        const chunks = []
        const { stream } = await contents.serve(digest, bytes.length).open({ start, end })
        for await (const chunk of stream) chunks.push(chunk)
        return Buffer.concat(chunks)
      }
      expect((await readPart(1000, 1999)).equals(bytes.subarray(1000, 2000))).toBe(true)
      proxy.fault = () => ({ kind: 'damage' })
      await expect(contents.read(digest)).rejects.toThrow('damaged')
      await expect(readPart(1000, 1999)).rejects.toThrow('damaged')
      await expect(contents.withFile(digest, () => Promise.resolve())).rejects.toThrow('damaged')
      expect(await contents.verify(digest)).not.toBe(digest)
    })

    test('a large file goes in parts, of which one can fail, and is read on from where a connection was lost', async () => {
      const { proxy, address, client } = await openBucket()
      const dir = newDataDir()
      const contents = new S3Contents(new S3Client(parseBucketAddress(address), s3Keys, fast), dir)
      const bytes = randomBytes(17 * MiB)
      const digest = sha256(bytes)
      const file = path.join(dir, 'large')
      const { writeFile } = await import('node:fs/promises')
      await writeFile(file, bytes)
      const failed = new Set<string>()
      proxy.fault = ({ method, path: asked }) => {
        if (method !== 'PUT' || failed.has(asked)) return undefined
        failed.add(asked)
        return { kind: 'answer', status: 503, code: 'SlowDown' }
      }
      await contents.writeFile(digest, file)
      expect(failed.size).toBe(2)
      let cuts = 2
      proxy.fault = () => (cuts-- > 0 ? { kind: 'cut', afterBytes: 5 * MiB } : undefined)
      const before = proxy.requests.length
      expect((await contents.read(digest)).equals(bytes)).toBe(true)
      expect(proxy.requests.length - before).toBe(3)
      // none is left if it fails
      proxy.fault = ({ method }) =>
        method === 'PUT' ? { kind: 'answer', status: 403, code: 'AccessDenied' } : undefined
      await expect(contents.writeFile(digest, file)).rejects.toThrow('AccessDenied')
      const open = await client.sendForText({ method: 'GET', key: '', query: { uploads: '' } })
      expect(open).not.toContain('<Upload>')
    })
  })
})

async function showsEverywhere(
  { one, other, ann, bo, kitchen, olga }: ClusterWorld,
  client: S3Client,
): Promise<void> {
  const boThere = bo.atUrl(other.url)
  const live = await boThere.connect()
  const bytes = randomBytes(300_000)
  const fileId = await createUpload(one.url, ann.token, { name: 'plan.bin', size: bytes.length })
  for (const [n, { url }] of [one, other, one].entries()) {
    expect(await uploadOffset(url, ann.token, fileId)).toBe(n * 100_000)
    const part = bytes.subarray(n * 100_000, (n + 1) * 100_000)
    expect((await patchUpload(url, ann.token, fileId, n * 100_000, part)).status).toBe(204)
  }
  await ann.request('messages.send', {
    chatId: kitchen.id,
    cid: randomUUID(),
    text: '',
    attachments: [fileId],
  })
  expect(await live.nextEntry('message.sent')).toMatchObject({ message: { attachments: [{ id: fileId }] } })
  expect((await getFile(boThere, fileId)).bytes.equals(bytes)).toBe(true)
  expect(await getFile(boThere, fileId, 'bytes=1000-1999')).toEqual({
    status: 206,
    bytes: bytes.subarray(1000, 2000),
  })
  expect(await keysIn(client, 'uploads/')).toEqual([])

  const annLive = await ann.connect()
  const pictureId = await uploadFile(other.url, bo.token, { name: 'a.png', bytes: png(1200, 900) })
  const attached = { chatId: kitchen.id, cid: randomUUID(), text: '', attachments: [pictureId] }
  await boThere.request('messages.send', attached)
  await annLive.nextEntry('attachment.updated')
  const shown = await fetch(`${one.url}/api/files/${pictureId}/preview`, {
    headers: { authorization: `Bearer ${ann.token}` },
  })
  expect(shown.status).toBe(200)
  expect(
    Buffer.from(await shown.arrayBuffer())
      .subarray(8, 12)
      .toString(),
  ).toBe('WEBP')
  await ann.request('me.avatar', { bytes: png(80, 80) })

  const { findings } = await examine(other.dataDir, { repair: false, database: other.database })
  expect(findings.find(({ part }) => part === 'files')).toMatchObject({ state: 'good' })
  expect((await olga.request('admin.storage', {})).files.count).toBeGreaterThan(3)
}

/* A stale writer, and a process that is killed. */
async function goesOnAfterKill({ one, other, ann }: ClusterWorld, address: string): Promise<void> {
  const bytes = randomBytes(12 * MiB)
  const options = ['--cluster', '--port', '0', '--identity', path.join(one.dataDir, 'identity')]
  const { listening, kill } = startHubProcess(newDataDir(), options, {
    HUBBUB_DATABASE: one.database,
    HUBBUB_FILES: address,
  })
  onTestFinished(() => void kill('SIGKILL'))
  const { url } = await listening
  const id = await createUpload(url, ann.token, { name: 'large.bin', size: bytes.length })
  const sending = patchUpload(url, ann.token, id, 0, bytes.subarray(0, 10 * MiB)).catch(() => undefined)
  await waitFor(async () => expect(await uploadOffset(one.url, ann.token, id)).toBeGreaterThan(0))
  await kill('SIGKILL')
  await sending
  const offset = await uploadOffset(other.url, ann.token, id)
  expect(offset).toBeGreaterThanOrEqual(8 * MiB)
  expect((await patchUpload(other.url, ann.token, id, offset, bytes.subarray(offset))).status).toBe(204)
  expect(sha256((await getFile(ann, id)).bytes)).toBe(sha256(bytes))
}

/* From the bucket to a data directory and back into another prefix, with the tools of the hub. */
async function movesBothWays({ one, ann }: ClusterWorld): Promise<void> {
  const archive = path.join(newDataDir(), 'team.hubbub')
  const { files } = await backUp(one.dataDir, archive, one.database)
  expect(files).toBeGreaterThan(6)
  const alone = path.join(newDataDir(), 'alone')
  await restore(archive, alone)
  const stored = readdirSync(path.join(alone, 'files'), { recursive: true, withFileTypes: true })
  const digests = stored.filter((entry) => entry.isFile()).map(({ name }) => name)
  expect(digests.length).toBeGreaterThan(4)

  const back = path.join(newDataDir(), 'back.hubbub')
  await backUp(alone, back)
  const again = path.join(newDataDir(), 'again')
  const { address, client } = await openBucket()
  const database = await databaseFor(again)
  await restore(back, again, { database, files: address })
  expect((await keysIn(client, 'files/')).map((key) => path.basename(key)).sort()).toEqual(digests.sort())
  expect(existsSync(path.join(again, 'files'))).toBe(false)
  const hub = await startTestHub({ dataDir: again, database, files: address })
  const { files: seen } = await ann.atUrl(hub.url).request('files.list', { chatId: (await chatOf(ann)).id })
  const { file } = seen[0] ?? { file: { id: '', size: 0 } }
  expect((await getFile(ann.atUrl(hub.url), file.id)).bytes).toHaveLength(file.size)
  await expect(restore(back, path.join(newDataDir(), 'twice'), { database, files: address })).rejects.toThrow(
    'has files already',
  )
  expect(readFileSync(path.join(again, 'files-folder'), 'utf8')).not.toContain(s3Keys.secretAccessKey)
}

async function chatOf(user: TestUser): Promise<{ id: string }> {
  const { chats } = await user.request('chats.list', {})
  const found = chats.find(({ name }) => name === 'Kitchen')
  if (!found) throw new Error('no such chat')
  return found
}

async function removesLater({ one, other, ann }: ClusterWorld, client: S3Client): Promise<void> {
  const bytes = randomBytes(50_000)
  const isStored = async (): Promise<boolean> =>
    (await keysIn(client, 'files/')).some((key) => key.endsWith(sha256(bytes)))
  const id = await uploadFile(other.url, ann.token, { name: 'same.bin', bytes })
  await tusRequest('DELETE', `${one.url}/api/files/${id}`, ann.token)
  await one.hub.jobs.run('files.remove')
  expect(await isStored()).toBe(true)
  await one.hub.store.writer.write(({ db }) => db.updateTable('releasedFile').set({ at: 0 }).execute(), {
    locks: [],
  })
  await one.hub.jobs.run('files.remove')
  expect(await isStored()).toBe(false)
  await one.hub.jobs.run('files.survey')
  expect(one.hub.fileRemoval.lastSurvey).toMatchObject({ missing: 0 })
  expect(await one.findProblems()).toEqual([])
}
