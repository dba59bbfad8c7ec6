import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pack } from 'tar-stream'
import { newDataDir } from './data-dir.ts'
import { startTestHub, type TestHub } from './hub.ts'

/* Archives of a hub, and forged ones. */

export const newFilePath = (name = 'backup.tar') => join(newDataDir(), name)
export const newTargetPath = () => join(newDataDir(), 'restored')

/** A running hub with a few messages and a stored file. */
export async function startHubWithMessages(loadTest = false): Promise<{ hub: TestHub; chatId: string }> {
  const hub = await startTestHub({ loadTest })
  const olga = await hub.setUp()
  const ann = await hub.registerUser('ann')
  const chat = await olga.createGroup('Talk', [ann])
  for (let i = 0; i < 5; i += 1) await (i % 2 ? ann : olga).sendMessage(chat.id, `message ${i}`)
  const content = randomBytes(300_000)
  const digest = createHash('sha256').update(content).digest('hex')
  mkdirSync(join(hub.dataDir, 'files', digest.slice(0, 2)), { recursive: true })
  writeFileSync(join(hub.dataDir, 'files', digest.slice(0, 2), digest), content)
  return { hub, chatId: chat.id }
}

export interface TarMember {
  name: string
  content?: Buffer | string
  type?: 'file' | 'symlink' | 'link' | 'directory'
  linkname?: string
}

/** A forged archive with a valid checksum. */
export async function buildArchive(members: TarMember[]): Promise<string> {
  const made = members.map(({ name, content = '', type = 'file', linkname }) => ({
    header: { name, type, mtime: new Date(0), mode: 0o600, ...(linkname === undefined ? {} : { linkname }) },
    content,
  }))
  const body = await packTar(made)
  const sealed = body.subarray(0, -1024)
  const digest = createHash('sha256').update(sealed).digest('hex')
  const seal = { name: 'SHA256', type: 'file' as const, mtime: new Date(0), mode: 0o600 }
  const file = newFilePath('made-up.tar')
  writeFileSync(file, Buffer.concat([sealed, await packTar([{ header: seal, content: `${digest}\n` }])]))
  return file
}

async function packTar(
  members: { header: Parameters<ReturnType<typeof pack>['entry']>[0]; content: Buffer | string }[],
) {
  const archive = pack()
  for (const { header, content } of members) {
    if (header.type === 'file') archive.entry(header, content)
    else archive.entry(header).end(undefined)
  }
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export function buildManifest(members: TarMember[], hubId = 'x'): TarMember {
  const files = members.map(({ name, content = '' }) => ({
    name,
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  }))
  const about = { format: 1, program: '0', hubId, epoch: 'x', schema: 1, madeAt: 0, files }
  return { name: 'manifest.json', content: JSON.stringify(about) }
}
