import { fitsFrame, packFrames, parseFrame } from '../../../renderer/connection/frames.ts'
import { pathOf, routeOf } from '../../../renderer/navigation/router.ts'
import { limits } from '../../../shared/contract/values.ts'
import { readMoveTicket } from '../../../shared/move-ticket.ts'
import { readPlaces } from '../../../shared/places.ts'
import { parseTerm } from '../../../shared/term.ts'
import type { Random } from '../../../test/simulation/random.ts'
import { bendValue, nestedLists, pick, Texts } from '../bend.ts'
import { type Target, firstProblem } from '../target.ts'

/*
 * What the page reads: frames of the hub, and its own addresses. A frame is messages with a name or nothing, what the page packs is
 * unpacked as the same within the hub's limit, and an address leads to the same place when it is written again.
 */

const examples: readonly unknown[] = [
  [
    {
      t: 'hello',
      protocol: { min: 1, max: 1 },
      hubId: 'h',
      epoch: 'e',
      boot: 'b',
      user: 'u',
      now: 1,
      limits: { text: 1, frame: 1 },
    },
  ],
  [
    {
      t: 'entry',
      stream: 'chat:c1',
      seq: 2,
      at: 1,
      type: 'message.sent',
      message: { id: 'm', no: 1, text: 'boat' },
    },
    { t: 'pong' },
  ],
  [
    { t: 'ok', id: 1, output: { chat: { id: 'c1' } } },
    { t: 'err', id: 2, error: { code: 'invalid', message: 'no' } },
  ],
  [
    {
      t: 'state',
      epoch: 'e',
      chats: [{ id: 'c1', head: 3 }],
      heads: { hub: 1 },
      places: [{ node: 'a', name: 'b', role: 'hub', addresses: ['10.0.0.1:1'] }],
    },
  ],
  [
    {
      t: 'bye',
      ticket: { value: 'abc', key: 'def' },
      term: { n: 1, node: 'a', epoch: 'e', lsn: 1, chain: '0'.repeat(32), prev: null, at: 1, sig: 's' },
    },
  ],
]
const paths = new Texts(
  [
    '/',
    'chat',
    'settings',
    'admin',
    'threads',
    'login',
    'join',
    '%2F',
    '%',
    '%E0%A4%A',
    '0',
    '12',
    '9999999999999999',
    '..',
    '?',
    '#',
    'é',
    ' ',
  ],
  ['/chat/abc/12/3', '/settings/security', '/admin', '/chat/a%2Fb/1', '/threads', '/'],
)

interface PageInput {
  frame: string
  path: string
}

export function openPageTarget(): Target<PageInput> {
  const subject = { parse: parseFrame }
  return {
    inputsPerRound: 20_000,
    make: (random) => ({ frame: makeFrame(random), path: paths.make(random, 8, 500) }),
    check: ({ frame, path }) => checkFrame(frame, subject.parse) ?? checkPath(path),
    faults: {
      'nameless-message': () => {
        subject.parse = (data) => JSON.parse(String(data)) as ReturnType<typeof parseFrame>
      },
    },
  }
}

function makeFrame(random: Random): string {
  if (random.chance(0.01)) return nestedLists(random)
  let value = pick(random, examples)
  for (let times = random.below(5); times > 0; times -= 1) value = bendValue(random, value)
  const text = JSON.stringify(value) ?? ''
  return random.chance(0.1) ? text.slice(0, random.below(text.length + 1)) : text
}

function checkFrame(frame: string, parse: typeof parseFrame): string | undefined {
  const messages = parse(frame)
  if (!messages) return undefined
  const packed = packFrames(messages.map((message) => JSON.stringify(message)))
  const again = packed.flatMap((one) => parseFrame(one) ?? [])
  for (const message of messages as Record<string, unknown>[]) {
    const ticket = readMoveTicket(message['ticket'])
    const term = parseTerm(message['term'])
    const problem = firstProblem(
      [typeof message['t'] === 'string', 'a message without a name'],
      [!ticket || /^[\w-]+$/.test(ticket.value + ticket.key), 'a ticket'],
      [!term || (Number.isSafeInteger(term.n) && term.n >= 0), 'a term'],
      [readPlaces(message['places']).length <= 8, 'places'],
    )
    if (problem !== undefined) return problem
  }
  return firstProblem(
    [JSON.stringify(again) === JSON.stringify(messages), 'other messages when they are packed'],
    [
      packed.every((one, at) => one.length <= limits.frame || !fitsFrame(messages[at])),
      'a frame that is too large',
    ],
  )
}

function checkPath(path: string): string | undefined {
  const route = routeOf(path)
  const again = routeOf(pathOf(route))
  return firstProblem(
    [
      JSON.stringify(again) === JSON.stringify(route),
      `another place: ${JSON.stringify(route)} and ${JSON.stringify(again)}`,
    ],
    [route.page !== 'chat' || route.no === undefined || route.no > 0, 'a number of a message'],
  )
}
