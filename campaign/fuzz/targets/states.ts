import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pino } from 'pino'
import { HostSettingsFile } from '../../../main/host/settings.ts'
import { HubRegistry } from '../../../main/hubs/registry.ts'
import { JsonFile } from '../../../main/json-file.ts'
import { SettingsStore } from '../../../main/settings.ts'
import { isDue, scheduledAfter } from '../../../server/backup/backup-schedule.ts'
import { readBackupRecord, saveBackupRecord } from '../../../server/backup/backup-settings.ts'
import { Pool, PlaceError } from '../../../server/backup/pool.ts'
import { choosePointsToRemove } from '../../../server/backup/retention.ts'
import { isPosition } from '../../../server/continuity/position.ts'
import { readState, writeState } from '../../../server/continuity/state-file.ts'
import { readVote, writeVote } from '../../../server/continuity/voter-file.ts'
import { parseMark } from '../../../server/db/files-mark.ts'
import { readIdentity } from '../../../server/identity.ts'
import { ReplicaFiles, type ReplicaFilesOptions } from '../../../server/standby/replica-files.ts'
import { readHubFile, writeHubFile } from '../../../server/standby/hub-file.ts'
import { StartError } from '../../../server/start-error.ts'
import type { Random } from '../../../test/simulation/random.ts'
import { bendBytes, bendValue, pick } from '../bend.ts'
import type { Target } from '../target.ts'

/*
 * The small files that a start reads: the role of a computer, its vote, the places of the hub, the settings of backups, the marks of
 * pools and folders, the key, and the files of the desktop app. Each is taken as it was written, or refused in words; what counts
 * for nothing is still there under another name; and settings that are taken do what they say.
 */

type Kind = keyof typeof readers

interface Damaged {
  kind: Kind
  content: Buffer
}

const hubId = 'h'.repeat(43)
const position = { lsn: 12, chain: '0f'.repeat(16) }
const term = {
  ...{ n: 3, node: 'node-a', epoch: 'epoch-1', ...position, prev: [2, 'node-b'], at: 1_796_000_000_000 },
  sig: 'x'.repeat(86),
}
const place = { node: 'a', name: 'Yard', role: 'hub', addresses: ['10.0.0.5:7788', '[fe80::1]:7788'] }
const backupPlace = {
  ...{ path: '/mnt/disk', isKnown: true, at: 5, triedAt: 6, elsewhereAt: 5, lost: 0 },
  problem: { kind: 'full', message: 'The disk is full.' },
}
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const knownHub = {
  id: hubId,
  name: 'Yard',
  addresses: ['10.0.0.5:7788'],
  trust: 'local',
  places: [place],
  term,
}

/** What each file has when nothing is wrong with it. */
const examples: Readonly<Record<Kind, unknown>> = {
  state: {
    ...{ v: 1, node: 'node-a', role: 'sealed', term, alone: false, markV: 4, out: false },
    sealed: { ...position, to: 'node-b' },
  },
  vote: { v: 1, isAlone: true, markV: 3, promised: 'node-b', term },
  places: { hubId, name: 'Yard', places: [place] },
  backups: {
    ...{
      format: 1,
      writer: 'w'.repeat(22),
      isOn: true,
      time: '03:30',
      keep: { days: 90, weeks: 4, months: 12 },
    },
    places: [backupPlace, { path: 'backups', isKnown: true }],
    rehearsal: { at: 5, messages: 3, ms: 400 },
  },
  pool: { format: 1, hubId, writer: 'w'.repeat(22) },
  mark: { hub: hubId, nonce: '0f'.repeat(16) },
  released: [
    ['0f'.repeat(32), { own: 5, hub: 5 }],
    ['ab'.repeat(32), { own: 6, hub: 6 }],
  ],
  key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  hubs: { version: 1, hubs: [knownHub, { ...knownHub, id: 'g'.repeat(43), trust: 'public' }] },
  hosting: {
    dataDir: '/srv/hub',
    port: 7788,
    lan: true,
    interfaces: ['eth0'],
    hubId,
    name: 'Yard',
    previous: null,
  },
  settings: { keepUnprotected: true, notifications: 'mentions', quietUntil: 5, lastOfferedVersion: '1.2.3' },
}
const silentLog = pino({ level: 'silent' })
const kinds = Object.keys(examples) as Kind[]
/** A file is damaged within a text more often than it has another meaning. */
const bytesShare = 0.5

export function openStatesTarget(folder: string): Target<Damaged> {
  const dir = path.join(folder, 'states')
  mkdirSync(path.join(dir, 'continuity'), { recursive: true })
  const subject = { readBackups: readBackupRecord }
  return {
    inputsPerRound: 2_000,
    make: makeDamaged,
    check: ({ kind, content }) => readers[kind](dir, content, subject),
    faults: {
      'believed-settings': () => {
        subject.readBackups = (dataDir) =>
          JSON.parse(readFileSync(path.join(dataDir, 'backups.json'), 'utf8')) as ReturnType<
            typeof readBackupRecord
          >
      },
    },
  }
}

function makeDamaged(random: Random): Damaged {
  const kind = pick(random, kinds)
  const example = examples[kind]
  if (typeof example === 'string' || random.chance(bytesShare)) {
    let bytes: Buffer = Buffer.from(typeof example === 'string' ? example : JSON.stringify(example))
    for (let times = random.below(4); times > 0; times -= 1) bytes = bendBytes(random, bytes)
    return { kind, content: bytes }
  }
  let value = example
  for (let times = random.below(4); times > 0; times -= 1) value = bendValue(random, value)
  return { kind, content: Buffer.from(JSON.stringify(value) ?? '') }
}

interface Subject {
  readBackups: typeof readBackupRecord
}

type Check = (dir: string, content: Buffer, subject: Subject) => string | undefined

const readers = {
  state: (dir: string, content: Buffer) => {
    writeFileSync(inContinuity(dir, 'state.json'), content)
    const state = refused(() => readState(dir), 'state.json')
    if (state === refusal) return undefined
    if (!state) return 'a role was forgotten'
    writeState(dir, state)
    if (state.sealed && !isPosition(state.sealed)) return 'a seal at no position'
    return isSame(readState(dir), state) ? undefined : 'another role when it is written again'
  },
  vote: (dir: string, content: Buffer) => {
    writeFileSync(inContinuity(dir, 'vote.json'), content)
    const vote = readVote(dir)
    if (!vote) return undefined
    writeVote(dir, vote)
    return isSame(readVote(dir), vote) ? undefined : 'another vote when it is written again'
  },
  places: (dir: string, content: Buffer) => {
    writeFileSync(inContinuity(dir, 'places.json'), content)
    const file = readHubFile(dir)
    if (!file) return undefined
    writeHubFile(dir, file)
    return isSame(readHubFile(dir), file) ? undefined : 'other places when they are written again'
  },
  backups: checkBackups,
  pool: (dir: string, content: Buffer) => {
    const pool = new Pool(dir, hubId)
    mkdirSync(pool.dir, { recursive: true })
    writeFileSync(path.join(pool.dir, 'pool.json'), content)
    const isOpen = refusedBy(PlaceError, () => {
      pool.open({ hubId, writer: 'w'.repeat(22) }, { isKnown: true })
      return true
    })
    const isOurs = isOpen === true && (JSON.parse(content.toString()) as { hubId: unknown }).hubId === hubId
    return isOpen === refusal || isOurs ? undefined : 'a pool of another hub is written to'
  },
  mark: (_: string, content: Buffer) => {
    const mark = refused(() => parseMark(content.toString(), 'the folder'), 'the folder')
    return mark === refusal || typeof mark.nonce === 'string' ? undefined : 'a mark without a nonce'
  },
  released: (dir: string, content: Buffer) => {
    writeFileSync(inContinuity(dir, 'released-files.json'), content)
    const named: unknown[] = []
    const pathOf = (digest: string): string => {
      named.push(digest)
      return path.join(dir, 'no-file')
    }
    const replica = new ReplicaFiles({
      ...{ dataDir: dir, files: { pathOf } as unknown as ReplicaFilesOptions['files'] },
      ...{ fetch: () => Promise.resolve(undefined), onComplete: () => undefined, log: silentLog },
    })
    replica.removeDue(Date.now(), () => new Set())
    replica.close()
    const isDigest = (one: unknown): boolean => typeof one === 'string' && /^[0-9a-f]{64}$/.test(one)
    return named.every(isDigest) ? undefined : 'a file that is no content is removed'
  },
  key: (dir: string, content: Buffer) => {
    const file = path.join(dir, 'hub-key.pem')
    writeFileSync(file, content)
    const identity = refused(() => readIdentity(file), 'hub-key.pem')
    if (identity === refusal) return undefined
    const text = Buffer.from('term')
    const isWhole = verify('sha256', text, createPublicKey(identity.key), sign('sha256', text, identity.key))
    return isWhole ? undefined : 'a key that signs what nobody can verify'
  },
  hubs: (dir: string, content: Buffer) => {
    const file = desktopFile(dir, content)
    const registry = new HubRegistry(file)
    const hubs = registry.list()
    for (const { id } of hubs) registry.recordReached(id, '10.0.0.9:7788')
    if (registry.list().length !== hubs.length) return 'a hub was forgotten'
    const again = new HubRegistry(new JsonFile(path.join(dir, 'file.json')))
    return registry.list().length === 0 || isSame(again.list(), registry.list()) ? undefined : 'other hubs'
  },
  hosting: (dir: string, content: Buffer) => {
    const { current } = new HostSettingsFile(desktopFile(dir, content), '/default')
    const isSound = current.dataDir !== '' && current.port > 0 && current.port < 65_536
    return isSound && current.interfaces.every((name) => name !== '') ? undefined : 'settings of a host'
  },
  settings: (dir: string, content: Buffer) => {
    const { current } = new SettingsStore(desktopFile(dir, content))
    return typeof current.quietUntil === 'number' && typeof current.sounds === 'boolean'
      ? undefined
      : 'settings'
  },
} satisfies Readonly<Record<string, Check>>

/** Settings that are taken keep the points that they name; others are still there to be looked up. */
function checkBackups(dir: string, content: Buffer, { readBackups }: Subject): string | undefined {
  const file = path.join(dir, 'backups.json')
  rmSync(`${file}.damaged`, { force: true })
  writeFileSync(file, content)
  let said: string | undefined
  const record = readBackups(dir, (name) => (said = name))
  if (said !== undefined && !readFileSync(said).equals(content)) return 'damaged settings are lost'
  if (said !== undefined && record.places[0]?.problem === undefined)
    return 'damaged settings are not mentioned'
  const now = 1_796_000_000_000
  const points = Array.from({ length: 200 }, (_, n) => ({ name: `${n}`, madeAt: now - n * 86_400_000 }))
  const kept = points.length - choosePointsToRemove(points, record.keep, now).length
  if (!(kept >= record.keep.days)) return `${kept} points are kept`
  if (!(scheduledAfter(now, record.time) > now)) return 'no time for a backup'
  for (const each of record.places) {
    isDue(each, now, record.time)
    if (!path.isAbsolute(path.resolve(each.path))) return 'a place'
  }
  saveBackupRecord(dir, record)
  return isSame(
    readBackups(dir, () => (said = 'again')),
    record,
  ) && said !== 'again'
    ? undefined
    : 'other settings'
}

function inContinuity(dir: string, name: string): string {
  return path.join(dir, 'continuity', name)
}

/** A file that is no JSON must not be lost. */
function desktopFile(dir: string, content: Buffer): JsonFile {
  const file = path.join(dir, 'file.json')
  rmSync(`${file}.damaged`, { force: true })
  writeFileSync(file, content)
  const json = new JsonFile(file)
  json.read()
  if (!existsSync(file) && !readFileSync(`${file}.damaged`).equals(content))
    throw new Error('a file was lost')
  return json
}

const refusal = Symbol('refused')

/** @param named what the sentence must name */
function refused<T>(read: () => T, named: string): T | typeof refusal {
  return refusedBy(StartError, () => {
    try {
      return read()
    } catch (error) {
      if (error instanceof StartError && !error.message.includes(named))
        throw new Error(`no ${named} in its words`, { cause: error })
      throw error
    }
  })
}

function refusedBy<T>(kind: new (...args: never[]) => Error, read: () => T): T | typeof refusal {
  try {
    return read()
  } catch (error) {
    if (error instanceof kind) return refusal
    throw error
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
