import type { LiveClient } from '../test/support/live-client.ts'
import { TestUser } from '../test/support/test-user.ts'

export interface SeedSizes {
  /** Chats of about one page each, next to one long chat. */
  readonly chats: number
  readonly messagesPerChat: number
  readonly longChat: number
}

/** Registers olga, and fills her chats with the messages of three others. */
export async function seedChats(
  hubUrl: string,
  { chats, messagesPerChat, longChat }: SeedSizes,
): Promise<void> {
  const olga = await TestUser.setUp(hubUrl, { code: 'bench-code-1', username: 'olga', registration: 'open' })
  const others: TestUser[] = []
  for (const username of ['ann', 'bo', 'cleo'])
    others.push(await TestUser.register(hubUrl, { username, displayName: `${username} of the harbour` }))
  const sockets = await Promise.all(others.map((user) => user.connect()))
  const send = async (chatId: string, count: number): Promise<void> => {
    for (let sent = 0; sent < count;) {
      const batch = Array.from({ length: Math.min(48, count - sent) }, (_, n) => sent + n)
      await Promise.all(
        batch.map((n) =>
          (sockets[n % 3] as LiveClient).request('messages.send', {
            chatId,
            cid: crypto.randomUUID(),
            text: textOf(n),
          }),
        ),
      )
      sent += batch.length
    }
  }
  const long = await olga.createGroup('long room', others)
  await send(long.id, longChat)
  for (let n = 0; n < chats; n += 1) {
    const chat = await olga.createGroup(`room ${n}`, others)
    await send(chat.id, messagesPerChat)
  }
  await olga.request('chats.readAll', {})
  for (const { socket } of sockets) socket.close()
}

/** What a team writes: short, with some marks, names, links and code. */
function textOf(n: number): string {
  const words = [
    'harbour',
    'tide',
    'crew',
    'ledger',
    'printer',
    'lunch',
    'review',
    'invoice',
    'anchor',
    'key',
  ]
  const word = (at: number): string => words[(n * 7 + at * 3) % words.length] as string
  if (n % 11 === 0) return `**${word(1)}** for @olga, see https://example.org/${word(2)}/${n}`
  if (n % 17 === 0) return `- ${word(1)}\n- ${word(2)}\n- \`${word(3)} ${n}\``
  if (n % 5 === 0) return `${word(1)} ${word(2)}`
  return `The ${word(1)} of the ${word(2)} needs a ${word(3)} before the ${word(4)}, number ${n}, and Größe ${n % 97}.`
}
