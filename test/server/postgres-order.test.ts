import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UserWindows } from '../../server/db/postgres/schedule.ts'
import type { RequestName } from '../../shared/contract.ts'
import { startTestHub } from '../support/hub.ts'
import type { TestUser } from '../support/test-user.ts'

/* What a user does at once, in several tabs: some of it locks a chat by its id, some looks the chat up by a message. */

const kinds = ['send', 'edit', 'react', 'pin', 'archive', 'settings', 'invite'] as const
type Kind = (typeof kinds)[number]

test('all that users do at once in one chat ends, whatever it has to look up', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  const bo = await hub.registerUser('bo')
  const chat = await olga.createGroup('kitchen', [bo])
  const message = await olga.sendMessage(chat.id, 'first')
  const lives = new Map<TestUser, Awaited<ReturnType<TestUser['connect']>>>()
  for (const user of [olga, bo]) lives.set(user, await user.connect())
  const perform = async (user: TestUser, kind: Kind, n: number): Promise<unknown> => {
    const [name, input] = requestOf(kind, n)
    return lives
      .get(user)
      ?.request(name, input)
      .catch((error: unknown) => expect(String(error)).toMatch(/forbidden|conflict|invalid/))
  }
  const requestOf = (kind: Kind, n: number): [RequestName, object] => {
    const requests: Record<Kind, [RequestName, object]> = {
      send: ['messages.send', { chatId: chat.id, cid: randomUUID(), text: `text ${n}` }],
      edit: ['messages.edit', { messageId: message.id, text: `edited ${n}` }],
      react: [n % 2 ? 'reactions.add' : 'reactions.remove', { messageId: message.id, emoji: '👍' }],
      pin: [n % 2 ? 'pins.add' : 'pins.remove', { messageId: message.id }],
      archive: ['chats.updatePreferences', { chatId: chat.id, archivedForMe: n % 2 === 0 }],
      settings: ['me.update', { displayName: `name ${n}` }],
      invite: ['admin.invites.create', {}],
    }
    return requests[kind]
  }
  const act = fc.record({ isOlga: fc.boolean(), kind: fc.constantFrom(...kinds), n: fc.nat({ max: 9 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 2, maxLength: 20 }), async (acts) => {
      await Promise.all(acts.map(({ isOlga, kind, n }) => perform(isOlga ? olga : bo, kind, n)))
    }),
    { numRuns: 30 },
  )
  expect(await hub.findProblems()).toEqual([])
})

test('a window that is held lets nothing begin, and then everything in its order', () => {
  const windows = new UserWindows()
  const begun: number[] = []
  const enter = (n: number, begin = () => {}): void =>
    windows.enter('ann', () => {
      begun.push(n)
      begin()
    })
  enter(1, () => windows.hold('ann'))
  enter(2, () => windows.hold('ann'))
  enter(3)
  windows.enter('bo', () => begun.push(0))
  expect(begun).toEqual([1, 0])
  windows.release('ann')
  expect(begun).toEqual([1, 0, 2])
  windows.leave('ann')
  expect(begun).toEqual([1, 0, 2])
  windows.release('ann')
  expect(begun).toEqual([1, 0, 2, 3])
})
