import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RowChange } from '../../server/continuity/capture.ts'
import { startTestHub } from '../support/hub.ts'
import { png } from '../support/images.ts'
import { LocalStandby } from '../support/replicated-hub.ts'
import { runRounds, steps, SyncTeam } from '../support/sync-team.ts'
import { type RequestError, TestUser } from '../support/test-user.ts'
import { uploadFile } from '../support/tus.ts'
import { digestsIn } from '../support/replicated.ts'

/*
 * After random histories through the transports of a real hub, its standby has the same rows, table by table. The
 * standby goes and comes back meanwhile, and the hub deletes what is due.
 */

/** Set these to search beyond the usual runs: HUBBUB_LOG_SEED=7 HUBBUB_LOG_RUNS=1000. */
const seed = Number(process.env['HUBBUB_LOG_SEED'] ?? 20_261_130)
const runCount = Number(process.env['HUBBUB_LOG_RUNS'] ?? 8)
const dayMs = 24 * 60 * 60 * 1000
const refused = [
  'not_found',
  'forbidden',
  'invalid',
  'conflict',
  'too_large',
  'rate_limited',
  'unauthenticated',
]
const texts = [
  'Grüße aus Köln',
  '日本語の文',
  'مرحبا بالجميع',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  'e\u0301 is not é',
  '"quoted" \\ \u2028 end',
  'x'.repeat(4_000),
]

/** Requests that the rounds of a team do not make. */
const others = [
  ...[
    'draft',
    'clear draft',
    'sent draft',
    'save',
    'unsave',
    'follow',
    'upload',
    'send file',
    'picture',
    'mention',
  ],
  ...['token', 'log out', 'webhook', 'settings', 'invite', 'wrong password', 'text', 'large text'],
  ...['standby goes', 'standby comes', 'standby comes', 'restart', 'days pass'],
] as const
type Other = (typeof others)[number]

const premise = [
  ...[
    'message 1',
    'message 2',
    'entry 1',
    'chat 2',
    'membership 3',
    'file 1',
    'file 2',
    'audit 1',
    'invite 2',
  ],
  ...[
    'draft 1',
    'sent_draft 1',
    'saved_message 1',
    'reaction 1',
    'session 3',
    'released_file 1',
    'released_file 3',
  ],
]

const histories = fc.record({
  rounds: steps,
  others: fc.array(fc.record({ kind: fc.constantFrom(...others), at: fc.nat({ max: 20 }) }), {
    minLength: 10,
    maxLength: 25,
  }),
})

async function tolerate(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!refused.includes((error as RequestError).code)) throw error
  }
}

test('a standby has the rows of its hub after random histories', { timeout: 300_000 }, async () => {
  let now = Date.now()
  const hub = await startTestHub({ loadTest: true, clock: () => now })
  const owner = await hub.setUp()
  const standby = await LocalStandby.start(hub)
  let run = 0

  const act = async (team: SyncTeam, kind: Other, at: number): Promise<void> => {
    const me = team.users[at % team.users.length] as TestUser
    const chatId = team.chatIds[at % team.chatIds.length] ?? 'none'
    const text = texts[at % texts.length] ?? ''
    const version = randomUUID()
    const newest = async (): Promise<string> => {
      const { messages } = await me.request('messages.list', { chatId })
      return messages.at(-1 - (at % 3))?.id ?? 'none'
    }
    switch (kind) {
      case 'draft':
        return void (await me.request('drafts.set', { chatId, text, version }))
      case 'clear draft':
        return void (await me.request('drafts.set', { chatId, text: '', version }))
      case 'sent draft':
        await me.request('drafts.set', { chatId, text, version })
        await me.request('messages.send', {
          chatId,
          cid: randomUUID(),
          text,
          draft: { from: [version], version: randomUUID() },
        })
        return
      case 'save':
        return void (await me.request('saved.add', { messageId: await newest() }))
      case 'unsave':
        return void (await me.request('saved.remove', { messageId: await newest() }))
      case 'follow':
        return void (await me.request('threads.follow', { messageId: await newest() }))
      case 'upload':
        return void (await uploadFile(hub.url, me.token, {
          name: `${text.slice(0, 20)}.txt`,
          bytes: Buffer.from(text),
        }))
      case 'send file': {
        const bytes = png(3, 3, [at, 0, run % 256])
        const id = await uploadFile(hub.url, me.token, { name: 'one.png', bytes })
        await me.request('messages.send', { chatId, cid: randomUUID(), text: '', attachments: [id] })
        return
      }
      case 'picture':
        return void (await me.request('chats.picture', { chatId, bytes: png(2, 2, [0, at, run % 256]) }))
      case 'mention':
        return void (await me.sendMessage(chatId, `@everyone ${text}`))
      case 'token':
        return void (await me.request('tokens.create', { name: text.slice(0, 10), scope: 'read' }))
      case 'log out': {
        const session = await TestUser.login(hub.url, me.user.username)
        return void (await session.request('accounts.logout', {}))
      }
      case 'webhook':
        return void (await me.request('webhooks.create', { chatId, name: 'Build' }))
      case 'settings':
        return void (await owner.request('admin.settings.update', {
          hubName: `Hub ${at}`,
          retentionDays: at > 10 ? 1 : null,
        }))
      case 'invite':
        return void (await owner.request('admin.invites.create', { uses: 1 + at }))
      case 'wrong password':
        return void (await TestUser.login(hub.url, me.user.username, 'not the password'))
      case 'text':
        return void (await me.sendMessage(chatId, text))
      case 'large text':
        return void (await me.sendMessage(chatId, text.padEnd(3_900, 'ж')))
      case 'standby goes':
        return standby.leave()
      case 'standby comes':
        return standby.comeBack()
      case 'restart':
        return standby.comeBack()
      case 'days pass':
        now += dayMs
        for (const job of [
          'messages.expire',
          'messages.purge',
          'groups.purge',
          'drafts.purge',
          'uploads.expire',
        ] as const)
          await hub.hub.jobs.run(job)
        await hub.hub.fileRemoval.removeNow()
    }
  }

  await fc.assert(
    fc.asyncProperty(histories, async ({ rounds, others: acts }) => {
      const team = await SyncTeam.create(hub, owner, `r${(run += 1)}`)
      for (const [at, round] of rounds.entries()) {
        const acting = acts.filter((_, i) => i % rounds.length === at)
        await Promise.all([
          runRounds(team, [round]),
          ...acting.map(({ kind, at: n }) => tolerate(() => act(team, kind, n))),
        ])
      }
      await standby.comeBack()
      expect(await standby.differences()).toEqual([])
      await Promise.all(team.replicas.map((replica) => replica.disconnect()))
    }),
    { numRuns: runCount, seed, endOnFailure: true },
  )
  // guards the premise: the histories have changed rows of these tables, in these ways
  const made = new Set<string>()
  for (const frame of standby.shipper.shipped) {
    for (const [table, op] of JSON.parse(frame.body.toString()) as RowChange[]) {
      made.add(`${hub.hub.rowLog.tables[table]?.name} ${op}`)
    }
  }
  for (const one of premise) expect(made).toContain(one)
  // as a promotion would find it
  await standby.replica.applyAll()
  await standby.leave()
  expect(digestsIn(standby.dataDir)).toEqual(digestsIn(hub.dataDir))
})
