import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { migrations } from '../../server/db/migrations/index.ts'
import { sentenceFor } from '../../server/start-error.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
import type { LiveClient } from '../support/live-client.ts'
import { makeNewerProgram } from '../support/newer-program.ts'
import { startHubProcess } from '../support/start-hub-process.ts'
import { waitFor } from '../support/wait-for.ts'
import { makeWorld } from '../support/world.ts'

/* Programs of different releases serve one hub while its processes are replaced. */

const now = migrations.length
const run = (statement: string): string =>
  `up: (db) => db.executeQuery({ sql: ${JSON.stringify(statement)}, parameters: [], query: { kind: 'RawNode' }, queryId: { queryId: 'made-up' } })`
/** Adds what programs of today do not know. */
const expanding = [
  run(`alter table "user" add column colour text`),
  run('create index made_up on "user" (colour)'),
]
/** Takes something away that programs of today are said to need, and those of the release after them are not. */
const contracting = [...expanding, `${run('drop index made_up')}, oldestProgram: ${now + 2}`]

const until = (isSo: () => boolean): Promise<void> => waitFor(() => expect(isSo()).toBe(true))

const texts = (live: LiveClient): string[] =>
  live.entries.flatMap((entry) =>
    entry.type === 'message.sent' ? ((entry.message as { text?: string }).text ?? []) : [],
  )

test('an older and a newer program serve one hub until a migration takes away what the older one needs', async () => {
  const { hub, olga, ann, bo, kitchen } = await makeWorld()
  const ended = Promise.withResolvers<unknown>()
  const cluster = { isCluster: true, identity: path.join(hub.dataDir, 'identity') }
  const older = await hub.restart({ ...cluster, onFatal: ended.resolve })
  const later = (steps: readonly string[]) => {
    const options = ['--cluster', '--port', '0', '--identity', cluster.identity]
    const env = { HUBBUB_DATABASE: hub.database }
    const starting = startHubProcess(newDataDir(), options, env, makeNewerProgram(steps))
    onTestFinished(() => void starting.kill('SIGKILL'))
    return starting.listening
  }
  const newer = await later(expanding)

  // both write, and tell each other
  const [annLive, boLive] = await Promise.all([ann.atUrl(older.url).connect(), bo.atUrl(newer.url).connect()])
  await ann.atUrl(older.url).sendMessage(kitchen.id, 'from the older')
  await bo.atUrl(newer.url).sendMessage(kitchen.id, 'from the newer')
  for (const live of [annLive, boLive])
    await until(() => ['from the older', 'from the newer'].every((text) => texts(live).includes(text)))
  const { invite } = await olga.atUrl(newer.url).request('admin.invites.create', {})
  expect(invite).toBeDefined()
  await ann.atUrl(older.url).request('me.update', { displayName: 'Ann A.' })
  const seen = await bo.atUrl(newer.url).request('users.get', { userId: ann.id })
  expect(seen.user.displayName).toBe('Ann A.')

  // one more of the older ones may start
  const late = { ...cluster, dataDir: newDataDir(), database: hub.database }
  await (await startTestHub(late)).close()

  // the next release contracts: the older ones end and start no more, the one before it goes on
  const newest = await later(contracting)
  await expect(ann.atUrl(older.url).sendMessage(kitchen.id, 'too late')).rejects.toThrow('busy')
  expect(String(await ended.promise)).toContain('a newer Hubbub has changed its database')
  await bo.atUrl(newer.url).sendMessage(kitchen.id, 'from the one before')
  const { messages } = await bo.atUrl(newest.url).request('messages.list', { chatId: kitchen.id })
  expect(messages.map((message) => 'text' in message && message.text)).toEqual([
    ...['from the older', 'from the newer', 'from the one before'],
  ])
  const refused: unknown = await startTestHub({ ...late, dataDir: newDataDir() }).catch((error) => error)
  expect(sentenceFor(refused, 'the data')).toBe(
    `This data was written by a newer Hubbub (schema ${now + 3}, this program knows ${now}): use that version for it.`,
  )
})
