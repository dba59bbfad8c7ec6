import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listSetAside } from '../../server/continuity/diverged.ts'
import { openReader, openWriter } from '../../server/db/sqlite/connection.ts'
import { fileNameOf } from '../../server/file-storage/contents.ts'
import { continuityOf } from '../../server/standby/continuity-of.ts'
import { type Pair, startPair } from '../support/computers.ts'
import { png } from '../support/images.ts'
import { waitFor } from '../support/wait-for.ts'

const compare = async ({ hub }: Pair): Promise<string[] | undefined> => {
  if (!hub.hub) throw new Error('this computer is not the hub')
  return (await continuityOf(hub.hub.hub).peers.comparison?.run())?.differing
}

test('hub and standby compare their tables, and a standby that differs copies again', async () => {
  const pair = await startPair()
  const { dirs, owner } = pair
  const chat = await owner.createGroup('Team', [])
  for (const text of ['one', 'two', '三']) await owner.sendMessage(chat.id, text)
  expect(await compare(pair)).toEqual([])
  // as a disk does
  const { raw } = openWriter(join(dirs.standby, 'hub.db'))
  raw.exec(`update message set text = 'other' where text = 'two'`)
  raw.close()
  expect(await compare(pair)).toEqual(['message'])
  const { computers } = await owner.request('continuity.status', {})
  expect(computers[0]?.compared).toMatchObject({ differing: ['message'] })
  await waitFor(async () => expect(await compare(pair)).toEqual([]))
  // it has never been the hub: its rows are the hub's, or wrong
  expect(listSetAside(dirs.standby)).toEqual([])
})

test('a file comes with its row, and stays on the standby when the hub has removed it', async () => {
  const pair = await startPair()
  const { standby, dirs, owner } = pair
  const avatar = png(2, 2, [9, 9, 9])
  await owner.request('me.avatar', { bytes: avatar })
  const { raw } = openReader(join(dirs.hub, 'hub.db'))
  const name = raw
    .prepare('select avatar_digest from user where avatar_digest is not null')
    .pluck()
    .get() as string
  raw.close()
  const copy = join(dirs.standby, fileNameOf(name))
  await waitFor(() => expect(existsSync(copy)).toBe(true))
  expect(createHash('sha256').update(readFileSync(copy)).digest('hex')).toBe(name)
  await owner.request('me.avatar.remove', {})
  await waitFor(() => expect(existsSync(join(dirs.hub, fileNameOf(name)))).toBe(false))
  // one more frame shows that the deletion is committed
  await owner.createGroup('More', [])
  expect(await compare(pair)).toEqual([])
  await standby.close()
  expect(existsSync(copy)).toBe(true)
  expect(readFileSync(join(dirs.standby, 'continuity', 'released-files.json'), 'utf8')).toContain(name)
})
