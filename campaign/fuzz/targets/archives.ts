import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pack } from 'tar-stream'
import { isMemberName, type Manifest, unpack } from '../../../server/backup/archive.ts'
import { StartError } from '../../../server/start-error.ts'
import { Random } from '../../../test/simulation/random.ts'
import { bendBytes, bendValue, pick } from '../bend.ts'
import type { Target } from '../target.ts'

/*
 * Archives of backups: cut, bent, and forged with digests that are right. It is refused with a sentence for the user, or what is
 * on the disk is exactly what its manifest lists, with these digests, and nothing is outside of the folder.
 */

interface Member {
  name: string
  content: Buffer
  /** Of the tar: 0 is a file. */
  type: string
  /** What the header says. */
  size: number
}

interface Forgery {
  members: Member[]
  /** What the manifest says instead of the truth; undefined: there is none. */
  manifest: unknown
  hasChecksum: boolean
  bends: number
  seed: number
}

const contents = ['SQLite format 3\0', '-----BEGIN PRIVATE KEY-----', 'a picture', ''].map((text) =>
  Buffer.from(text),
)
const blobDigest = sha256(Buffer.from('a picture'))
const blobName = `files/${blobDigest.slice(0, 2)}/${blobDigest.slice(2, 4)}/${blobDigest}`
const goodNames = ['hub.db', 'identity/hub-key.pem', blobName, 'identity/ca.pem']
const badNames = [
  ...[
    '../evil',
    '../../evil',
    '/evil',
    'files/../../evil',
    'identity/../hub.db',
    'hub.db/x',
    'files',
    'identity',
    'identity/.x',
  ],
  ...[
    'hub.db-wal',
    'hub.lock',
    'files/a/b/c/d/e',
    'files//x',
    './hub.db',
    'HUB.DB',
    'manifest.json',
    'SHA256',
    'files/a\nb',
    '',
  ],
  ...['a'.repeat(100), `files/${'b'.repeat(94)}`, 'identity/con', 'files\\..\\evil', 'é'],
]
const tarTypes = ['1', '2', '3', '5', '6', 'x', 'g', 'L', 'K', '\0', '9']
const sizes = [0, 1, 511, 513, 2 ** 31, 2 ** 33 - 1]
const blockBytes = 512

/** @param folder a folder of its own is made in it */
export async function openArchivesTarget(folder: string): Promise<Target<Forgery>> {
  const dir = path.join(folder, 'archives')
  const subject = { unpack }
  const checksumHeader = await makeChecksumHeader()
  const pool = path.join(dir, 'pool')
  const blobDir = path.join(pool, 'blobs', blobDigest.slice(0, 2), blobDigest.slice(2, 4))
  mkdirSync(blobDir, { recursive: true })
  mkdirSync(path.join(pool, 'points'))
  writeFileSync(path.join(blobDir, blobDigest), 'a picture')
  const archive = path.join(pool, 'points', 'archive')
  const cage = path.join(dir, 'cage', 'cage')
  mkdirSync(cage, { recursive: true })
  return {
    inputsPerRound: 200,
    make: makeForgery,
    check: async (forgery) => {
      writeFileSync(archive, buildArchive(forgery, checksumHeader))
      const target = path.join(cage, 'target')
      const problem = await subject.unpack(archive, target).then(
        (manifest) => compare(target, manifest),
        (error: unknown) =>
          error instanceof StartError && error.message.includes('archive')
            ? undefined
            : `it throws ${String(error)}`,
      )
      rmSync(target, { recursive: true, force: true })
      const outside = [...readdirSync(cage), ...readdirSync(path.dirname(cage)), ...readdirSync(dir)]
      const isOutside = outside.some((name) => !['cage', 'pool'].includes(name)) || existsSync('/evil')
      return problem ?? (isOutside ? 'a file outside of the folder' : undefined)
    },
    faults: {
      'unlisted-member': () => {
        subject.unpack = async (from, directory, keep, poolFiles) => {
          const manifest = await unpack(from, directory, keep, poolFiles)
          return { ...manifest, files: manifest.files.slice(1) }
        }
      },
    },
  }
}

async function makeChecksumHeader(): Promise<Buffer> {
  const archive = pack()
  archive.entry({ name: 'SHA256', mode: 0o600, mtime: new Date(0), type: 'file' }, `${'0'.repeat(64)}\n`)
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).subarray(0, blockBytes)
}

function makeForgery(random: Random): Forgery {
  const members = goodNames.slice(0, 1 + random.below(goodNames.length)).map((name): Member => {
    const content = name === blobName ? Buffer.from('a picture') : pick(random, contents)
    return { name, content, type: '0', size: content.length }
  })
  const isHostile = random.chance(0.7)
  if (isHostile) forgeMember(random, members)
  let manifest: unknown = describe(members, random.chance(0.3))
  if (random.chance(0.4)) manifest = bendValue(random, manifest)
  return {
    ...{ members, manifest: random.chance(0.03) ? undefined : manifest },
    hasChecksum: random.chance(0.95),
    bends: random.chance(0.3) ? 1 + random.below(3) : 0,
    seed: random.below(2 ** 31),
  }
}

function forgeMember(random: Random, members: Member[]): void {
  const at = random.below(members.length)
  const member = members[at] as Member
  const kind = random.below(4)
  if (kind === 0) members[at] = { ...member, name: pick(random, badNames) }
  else if (kind === 1) members[at] = { ...member, type: pick(random, tarTypes) }
  else if (kind === 2) members[at] = { ...member, size: pick(random, sizes) }
  else members.push({ ...member, name: pick(random, [...badNames, ...goodNames]) })
}

/** The truth about the members. */
function describe(members: readonly Member[], isPoint: boolean): object {
  const files = members.map(({ name, content }) => ({ name, size: content.length, sha256: sha256(content) }))
  const blobs = isPoint ? { blobs: [{ name: blobName, size: 9, sha256: blobDigest }] } : {}
  const about = { program: '1', hubId: 'h', epoch: 'e', schema: 1, madeAt: 1 }
  const own = isPoint ? files.filter(({ name }) => name !== blobName) : files
  return { format: isPoint ? 2 : 1, ...about, files: own, ...blobs }
}

function buildArchive(
  { members, manifest, hasChecksum, bends, seed }: Forgery,
  checksumHeader: Buffer,
): Buffer {
  const isPoint = typeof manifest === 'object' && manifest !== null && 'blobs' in manifest
  const entries = members.filter(({ name }) => !isPoint || name !== blobName).map(tarEntry)
  if (manifest !== undefined) {
    const content = Buffer.from(JSON.stringify(manifest) ?? 'null')
    entries.push(tarEntry({ name: 'manifest.json', content, type: '0', size: content.length }))
  }
  let body: Buffer = Buffer.concat(entries)
  const random = new Random(seed)
  for (let times = bends; times > 0; times -= 1) body = bendBytes(random, body)
  const digest = Buffer.alloc(blockBytes)
  digest.write(`${hasChecksum ? sha256(body) : '0'.repeat(64)}\n`)
  return Buffer.concat([body, checksumHeader, digest, Buffer.alloc(2 * blockBytes)])
}

/** The header of POSIX ustar. */
function tarEntry({ name, content, type, size }: Member): Buffer {
  const header = Buffer.alloc(blockBytes)
  header.write(name, 0, 100)
  header.write(['0000600', '0000000', '0000000', ''].join('\0'), 100, 'latin1')
  header.write(`${size.toString(8).padStart(11, '0')} `, 124, 'latin1')
  header.write('00000000000 ', 136, 'latin1')
  header.write(`        ${type}`, 148, 'latin1')
  header.write('ustar\x0000', 257, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  const padding = Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes)
  return Buffer.concat([header, content, padding])
}

function compare(target: string, { files }: Manifest): string | undefined {
  const there = existsSync(target) ? listFiles(target) : []
  for (const { name, size, sha256: listed } of files) {
    if (!isMemberName(name)) return `the member ${name}`
    const content = readFileSync(path.join(target, name))
    if (content.length !== size || sha256(content) !== listed) return `another content of ${name}`
  }
  return there.length === files.length
    ? undefined
    : `${there.length} files, and ${files.length} in the manifest`
}

function listFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((one) => !one.isDirectory())
    .map((one) => one.name)
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
