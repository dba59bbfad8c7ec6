import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { countCalls } from '../support/count-calls.ts'
import { makeWorld } from '../support/world.ts'

/*
 * The writer parses a text once per operation and hands the result on. Operations run one after the other, so each parse
 * more would make all users wait.
 */

const countParses = (run: () => Promise<unknown>) =>
  countCalls('/shared/text/markdown.ts', 'parseMarkdown', run)

test('each operation parses the Markdown of a message once', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const text = '**@bo** and @everyone: look at `@ann`'
  const parent = await ann.sendMessage(kitchen.id, 'parent')
  let id = ''
  const parses = {
    send: await countParses(async () => ({ id } = await ann.sendMessage(kitchen.id, text))),
    edit: await countParses(() => ann.request('messages.edit', { messageId: id, text: `${text}!` })),
    delete: await countParses(() => ann.request('messages.delete', { messageId: id, for: 'everyone' })),
    undelete: await countParses(() => ann.request('messages.undelete', { messageId: id })),
    hide: await countParses(() => bo.request('messages.delete', { messageId: id, for: 'me' })),
    unhide: await countParses(() => bo.request('messages.undelete', { messageId: id })),
    reply: await countParses(
      async () =>
        ({ id } = (
          await ann.request('messages.send', {
            chatId: kitchen.id,
            cid: randomUUID(),
            text,
            thread: parent.id,
          })
        ).message),
    ),
    editReply: await countParses(() => ann.request('messages.edit', { messageId: id, text: `${text}!` })),
    withoutMention: await countParses(() => ann.sendMessage(kitchen.id, '**nobody**')),
  }
  expect(parses).toEqual({
    ...{ send: 1, edit: 1, delete: 0, undelete: 1, hide: 0, unhide: 1 },
    ...{ reply: 1, editReply: 1, withoutMention: 0 },
  })
})
