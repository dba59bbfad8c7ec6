import { createHash, randomBytes, randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Message } from '../../shared/contract/messages.ts'
import { lockFilesForBackup } from '../../server/backup/backup.ts'
import { listOwedPreviews } from '../../server/previews/queries.ts'
import { examine } from '../../server/ops/doctor.ts'
import { type ClusterWorld, makeClusterWorld } from '../support/cluster.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
import { startHubProcess } from '../support/start-hub-process.ts'
import { previewsMade } from '../support/previews.ts'
import { png } from '../support/images.ts'
import { rawRequest, type TestUser } from '../support/test-user.ts'
import { createUpload, getFile, patchUpload, tusRequest, uploadFile, uploadOffset } from '../support/tus.ts'
import { waitFor } from '../support/wait-for.ts'

/* Files of a hub of several processes, in a folder that they share. */

const dayMs = 24 * 60 * 60_000

/** HUBBUB_TEST_ROUNDS=500 looks longer for a race. */
const rounds = Number(process.env['HUBBUB_TEST_ROUNDS'] ?? 4)

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

interface FilesWorld extends ClusterWorld {
  files: string
  fileOf: (bytes: Buffer) => string
}

async function makeFilesWorld(keepRemovedMs?: number): Promise<FilesWorld> {
  const files = newDataDir()
  const world = await makeClusterWorld({ files, ...(keepRemovedMs !== undefined && { keepRemovedMs }) })
  await waitFor(() => {
    if (!world.one.hub.isLeader()) throw new Error('no leader yet')
  })
  const fileOf = (bytes: Buffer): string => {
    const digest = digestOf(bytes)
    return path.join(files, 'files', digest.slice(0, 2), digest.slice(2, 4), digest)
  }
  return { ...world, files, fileOf }
}

async function send(user: TestUser, chatId: string, fileId: string): Promise<string> {
  const { message } = await user.request('messages.send', {
    chatId,
    cid: randomUUID(),
    text: '',
    attachments: [fileId],
  })
  return (message as Message).id
}

/** Sends a part of the body of a PATCH, and keeps the connection. */
function beginPatch(user: TestUser, fileId: string, total: number, bytes: Buffer) {
  const { hostname, port } = new URL(user.url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  let response = ''
  socket.write(
    `PATCH /api/files/${fileId} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${user.token}\r\n` +
      `tus-resumable: 1.0.0\r\nupload-offset: 0\r\ncontent-type: application/offset+octet-stream\r\ncontent-length: ${total}\r\n\r\n`,
  )
  socket.write(bytes)
  /** Resolves with the first bytes of the response, or what there is at the end. */
  const responded = new Promise<string>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      response += chunk.toString()
      resolve(response)
    })
    socket.on('error', () => resolve(response))
    socket.on('close', () => resolve(response))
  })
  return { socket, responded }
}

test('users of all processes see what one stores, and it goes an hour after its last row, never while it is stored again', async () => {
  const world = await makeFilesWorld()
  await showsEverywhere(world)
  await removesLater(world)
})

test('a file is kept for the days that one process was given, also by those that start without them, and Health says so', async () => {
  const world = await makeFilesWorld(3 * dayMs)
  await world.other.close()
  const one = await world.one.restart({ keepRemovedMs: undefined, files: world.files })
  await waitFor(() => expect(one.hub.isLeader()).toBe(true))
  const ann = world.ann.atUrl(one.url)
  const bytes = randomBytes(1000)
  await tusRequest(
    'DELETE',
    `${one.url}/api/files/${await uploadFile(one.url, ann.token, { name: 'a.bin', bytes })}`,
    ann.token,
  )
  const isStoredAfter = async (days: number): Promise<boolean> => {
    const at = Date.now() - days * dayMs
    await one.hub.store.writer.write(({ db }) => db.updateTable('releasedFile').set({ at }).execute(), {
      locks: [],
    })
    await one.hub.jobs.run('files.remove')
    return existsSync(world.fileOf(bytes))
  }
  expect(await isStoredAfter(2.9)).toBe(true)
  const { backup } = await world.olga.atUrl(one.url).request('admin.health', {})
  expect(backup).toMatchObject({ isByCommand: true, isScheduled: false, keptMs: 3 * dayMs })
  expect(await isStoredAfter(3.1)).toBe(false)
})

test('an upload goes on at another process, also from one that was killed, and no other folder is used', async () => {
  const world = await makeFilesWorld()
  await takesOver(world)
  await refusesOtherFolders(world)
})

/* Files in pieces, ranges, previews, avatars, group pictures. */
async function showsEverywhere({
  one,
  other,
  ann,
  bo,
  kitchen,
  files,
  fileOf,
  olga,
}: FilesWorld): Promise<void> {
  const boThere = bo.atUrl(other.url)
  const boLive = await boThere.connect()
  // in pieces that arrive at different processes
  const bytes = randomBytes(300_000)
  const fileId = await createUpload(one.url, ann.token, { name: 'plan.bin', size: bytes.length })
  expect((await patchUpload(one.url, ann.token, fileId, 0, bytes.subarray(0, 100_000))).status).toBe(204)
  expect(await uploadOffset(other.url, ann.token, fileId)).toBe(100_000)
  const begun = readdirSync(path.join(files, 'uploads'))
  expect(
    (await patchUpload(other.url, ann.token, fileId, 100_000, bytes.subarray(100_000, 200_000))).status,
  ).toBe(204)
  // none of them copies what another has finished
  expect(readdirSync(path.join(files, 'uploads'))).toEqual(begun)
  expect((await patchUpload(one.url, ann.token, fileId, 200_000, bytes.subarray(200_000))).status).toBe(204)
  await send(ann, kitchen.id, fileId)
  expect(await boLive.nextEntry('message.sent')).toMatchObject({
    message: { attachments: [{ id: fileId, name: 'plan.bin', size: bytes.length }] },
  })
  expect(await getFile(boThere, fileId)).toEqual({ status: 200, bytes })
  expect(await getFile(boThere, fileId, 'bytes=1000-1999')).toEqual({
    status: 206,
    bytes: bytes.subarray(1000, 2000),
  })
  expect(existsSync(fileOf(bytes))).toBe(true)
  expect(readdirSync(path.join(files, 'uploads'))).toEqual([])

  // a preview is made by the process that received the picture
  const annLive = await ann.connect()
  const picture = png(1200, 900)
  const pictureId = await uploadFile(other.url, bo.token, { name: 'a.png', bytes: picture })
  await send(boThere, kitchen.id, pictureId)
  await annLive.nextEntry('attachment.updated')
  const preview = await fetch(`${one.url}/api/files/${pictureId}/preview`, {
    headers: { authorization: `Bearer ${ann.token}` },
  })
  expect(preview.status).toBe(200)
  // the leader makes it for one that was killed
  const { store, jobs } = one.hub
  const lost = { previewOwed: 1, listDigest: null, screenDigest: null, writer: 'killed', touchedAt: 0 }
  await store.writer.write(
    ({ db }) => db.updateTable('file').set(lost).where('id', '=', pictureId).execute(),
    { locks: [] },
  )
  await other.hub.jobs.run('previews.make')
  expect(await store.read((db) => listOwedPreviews(db, {}))).toHaveLength(1)
  await jobs.run('previews.make')
  await previewsMade(one)

  const { user } = await ann.request('me.avatar', { bytes: png(80, 80) })
  expect(await boLive.nextEntry('user.updated')).toMatchObject({ user: { id: ann.id, avatar: user.avatar } })
  const shown = { userId: ann.id, avatarId: user.avatar ?? '' }
  expect((await rawRequest(other.url, bo.token, 'users.avatar', shown)).status).toBe(200)
  await ann.request('chats.picture', { chatId: kitchen.id, bytes: png(90, 90) })
  const { picture: groupPicture = '' } = (await boThere.request('chats.get', { chatId: kitchen.id })).chat
  const found = { chatId: kitchen.id, pictureId: groupPicture }
  expect((await rawRequest(other.url, bo.token, 'chats.picture.get', found)).status).toBe(200)

  // tools find the files while both processes run
  const { files: count } = await one.backUp(path.join(newDataDir(), 'team.hubbub'))
  expect(count).toBeGreaterThan(5)
  const { findings } = await examine(other.dataDir, { repair: false, database: other.database })
  expect(findings.find(({ part }) => part === 'files')).toMatchObject({ state: 'good' })
  expect((await olga.request('admin.storage', {})).files.count).toBeGreaterThan(3)
}

/* An upload has one writer. */
async function takesOver({ one, other, ann, files }: FilesWorld): Promise<void> {
  const bytes = randomBytes(400_000)
  const fileId = await createUpload(one.url, ann.token, { name: 'a.bin', size: bytes.length })
  // the first connection stays open and goes on writing, with other bytes than the client has by now
  const stale = beginPatch(ann, fileId, bytes.length, randomBytes(150_000))
  await waitFor(() => {
    if (!existsSync(path.join(files, 'uploads'))) throw new Error('not begun')
    if (readdirSync(path.join(files, 'uploads')).length === 0) throw new Error('not begun')
  })
  expect((await patchUpload(other.url, ann.token, fileId, 0, bytes)).status).toBe(204)
  expect((await getFile(ann.atUrl(other.url), fileId)).bytes.equals(bytes)).toBe(true)
  // its bytes count no more, and change no content that is stored already
  stale.socket.write(randomBytes(250_000))
  expect(await stale.responded).toMatch(/^HTTP\/1.1 409 /)
  expect((await getFile(ann, fileId)).bytes.equals(bytes)).toBe(true)

  // asking a process ends an earlier connection there
  const secondId = await createUpload(one.url, ann.token, { name: 'c.bin', size: bytes.length })
  const second = beginPatch(ann, secondId, bytes.length, bytes.subarray(0, 1000))
  const written = path.join(files, 'uploads', Buffer.from(secondId, 'base64url').toString('hex'))
  await waitFor(() => expect(statSync(written).size).toBe(1000))
  await waitFor(async () => {
    if ((await uploadOffset(one.url, ann.token, secondId)) !== 1000) throw new Error('not saved')
  })
  expect(await second.responded).not.toMatch(/^HTTP\/1.1 204 /)
  expect((await patchUpload(other.url, ann.token, secondId, 1000, bytes.subarray(1000))).status).toBe(204)
  expect((await getFile(ann, secondId)).bytes.equals(bytes)).toBe(true)

  // both begin at once: one writes, the other learns that it does not
  for (let round = 0; round < 4; round += 1) {
    const id = await createUpload(one.url, ann.token, { name: 'b.bin', size: bytes.length })
    const results = await Promise.all(
      [one, other].map(({ url }) => patchUpload(url, ann.token, id, 0, bytes)),
    )
    const statuses = results.map(({ status }) => status)
    expect(statuses).toContain(204)
    expect([204, 409]).toEqual(expect.arrayContaining(statuses))
    expect(digestOf((await getFile(ann, id)).bytes)).toBe(digestOf(bytes))
  }

  // a real process is killed in the middle
  const large = randomBytes(12 * 1024 * 1024)
  const { listening, kill } = startHubProcess(
    newDataDir(),
    ['--cluster', '--port', '0', '--files', files, '--identity', path.join(one.dataDir, 'identity')],
    { HUBBUB_DATABASE: one.database },
  )
  onTestFinished(() => void kill('SIGKILL'))
  const { url } = await listening
  const largeId = await createUpload(url, ann.token, { name: 'large.bin', size: large.length })
  beginPatch(ann.atUrl(url), largeId, large.length, large.subarray(0, 10 * 1024 * 1024))
  await waitFor(async () => {
    if ((await uploadOffset(one.url, ann.token, largeId)) <= 0) throw new Error('nothing saved yet')
  })
  await kill('SIGKILL')
  const offset = await uploadOffset(other.url, ann.token, largeId)
  expect(offset).toBeGreaterThanOrEqual(8 * 1024 * 1024)
  expect((await patchUpload(other.url, ann.token, largeId, offset, large.subarray(offset))).status).toBe(204)
  expect(digestOf((await getFile(ann, largeId)).bytes)).toBe(digestOf(large))
}

async function removesLater({ one, other, ann, bo, kitchen, fileOf }: FilesWorld): Promise<void> {
  const remove = async ({ hub } = one): Promise<void> => hub.jobs.run('files.remove')
  const anHourPasses = async (): Promise<void> => {
    await one.hub.store.writer.write(({ db }) => db.updateTable('releasedFile').set({ at: 0 }).execute(), {
      locks: [],
    })
  }
  const cancel = (user: TestUser, id: string): Promise<unknown> =>
    tusRequest('DELETE', `${user.url}/api/files/${id}`, user.token)
  // stored twice at once, at two processes
  const bytes = randomBytes(50_000)
  const [first = '', second = ''] = await Promise.all(
    [one, other].map(({ url }) => uploadFile(url, ann.token, { name: 'same.bin', bytes })),
  )
  await cancel(ann, first)
  await anHourPasses()
  await remove()
  expect((await getFile(ann.atUrl(other.url), second)).bytes.equals(bytes)).toBe(true)
  await cancel(ann.atUrl(other.url), second)
  await remove()
  expect(existsSync(fileOf(bytes))).toBe(true)
  // not by a process that is not the leader
  await anHourPasses()
  await remove(other)
  expect(existsSync(fileOf(bytes))).toBe(true)
  // nor while a backup reads
  const release = await lockFilesForBackup(other)
  await remove()
  expect(existsSync(fileOf(bytes))).toBe(true)
  await release()
  await remove()
  expect(existsSync(fileOf(bytes))).toBe(false)

  // one has stored it again, and has no row yet
  await cancel(ann, await uploadFile(one.url, ann.token, { name: 'same.bin', bytes }))
  await anHourPasses()
  await other.hub.files.writeContent(bytes)
  await remove()
  expect(existsSync(fileOf(bytes))).toBe(true)

  // one process removes it while another stores and attaches it
  for (let round = 0; round < rounds; round += 1) {
    await cancel(ann, await uploadFile(one.url, ann.token, { name: 'again.bin', bytes }))
    await anHourPasses()
    const [again] = await Promise.all([
      uploadFile(other.url, bo.token, { name: 'again.bin', bytes }),
      remove(),
    ])
    expect((await getFile(ann.atUrl(other.url), again)).status).toBe(404)
    expect((await getFile(bo, again)).bytes.equals(bytes), `round ${round}`).toBe(true)
    if (round < rounds - 1) await cancel(bo, again)
    else await send(bo.atUrl(other.url), kitchen.id, again)
  }
  await anHourPasses()
  await remove()
  expect(existsSync(fileOf(bytes))).toBe(true)
  expect(await one.findProblems()).toEqual([])
}

async function refusesOtherFolders({ one, other, ann, files, fileOf, olga }: FilesWorld): Promise<void> {
  await uploadFile(one.url, ann.token, { name: 'a.bin', bytes: randomBytes(100) })
  const identity = path.join(one.dataDir, 'identity')
  const start = (options: { files?: string }): Promise<unknown> =>
    startTestHub({ dataDir: newDataDir(), database: one.database, identity, isCluster: true, ...options })
  const empty = newDataDir()
  await expect(start({ files: empty })).rejects.toThrow('is not the folder with the files of this hub')
  await expect(start({})).rejects.toThrow('give it with --files')
  await expect(start({ files: path.join(empty, 'missing') })).rejects.toThrow('is not there')
  writeFileSync(path.join(empty, 'hubbub-files.json'), '{"hub":"another","nonce":"1"}')
  await expect(start({ files: empty })).rejects.toThrow('the files of another hub')
  expect(existsSync(path.join(empty, 'files'))).toBe(false)

  // the share goes while they run
  const begun = await createUpload(one.url, ann.token, { name: 'c.bin', size: 6 })
  await patchUpload(one.url, ann.token, begun, 0, Buffer.from('abc'))
  const away = `${files}-away`
  renameSync(files, away)
  mkdirSync(files)
  const bytes = randomBytes(200)
  await expect(uploadFile(other.url, ann.token, { name: 'b.bin', bytes })).rejects.toThrow('503')
  await expect(ann.request('me.avatar', { bytes: png(40, 40) })).rejects.toThrow('cannot reach the folder')
  expect((await tusRequest('HEAD', `${one.url}/api/files/${begun}`, ann.token)).status).toBe(503)
  expect(readdirSync(files)).toEqual([])
  renameSync(away, files)
  expect(await uploadOffset(one.url, ann.token, begun)).toBe(3)
  await uploadFile(other.url, ann.token, { name: 'b.bin', bytes })

  // what a killed process left is removed, and what the disk has lost is counted
  const left = fileOf(bytes).replace(/[^/]+$/, (name) => `${name}.0123456789ab.new`)
  writeFileSync(left, '')
  utimesSync(left, 0, 0)
  await one.hub.jobs.run('files.survey')
  expect(existsSync(left)).toBe(false)
  expect(one.hub.fileRemoval.lastSurvey).toMatchObject({ missing: 0 })
  rmSync(fileOf(bytes))
  await one.hub.jobs.run('files.survey')
  expect((await olga.request('admin.health', {})).files).toEqual({ state: 'bad', missing: 1, unknown: 0 })

  // and back to one process, which needs the same folder
  await other.close()
  await expect(one.restart({ isCluster: false, files: undefined })).rejects.toThrow('give it with --files')
  const alone = await one.restart({ isCluster: false })
  await uploadFile(alone.url, ann.token, { name: 'c.bin', bytes: randomBytes(300) })
  await waitFor(async () => {
    if (existsSync(path.join(files, 'quarantine'))) throw new Error('something was set aside')
    await alone.hub.jobs.run('files.survey')
  })
}
