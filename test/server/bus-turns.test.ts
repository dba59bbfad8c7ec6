import { pino } from 'pino'
import { expect, test } from 'vitest'
import { Bus } from '../../server/cluster/bus.ts'
import type { LineEvents, Notice, Wire } from '../../server/db/cluster-link.ts'

/* What a process makes of texts on its bus that no process of this release has sent. */

async function openBus() {
  let line: LineEvents | undefined
  const wire: Wire = {
    ...{ name: 'test', maxLength: 8_000 },
    open: (events) => {
      line = events
      return Promise.resolve({ send: () => undefined, close: () => Promise.resolve() })
    },
  }
  const turns: Notice[][] = []
  const missed: string[] = []
  const bus = new Bus(wire, 'process-a', pino({ level: 'silent' }))
  await bus.open({
    onTurn: (_, notices) => void turns.push([...notices]),
    onMissed: (reason) => void missed.push(reason),
    onLag: () => undefined,
  })
  let number = 0
  return {
    ...{ turns, missed },
    tell: (json: string) => line?.onText(`process-b ${(number += 1)} first last ${json}`),
    tellText: (text: string) => line?.onText(text),
  }
}

const lease = { state: 'active', connections: 1, sessions: ['s'] }

test.for([
  ...['', '{', 'null', '7', '{}', '[null]', '[7]', '[{}]', '[{"t":7}]'],
  ...['[{"t":"facts"}]', '[{"t":"facts","facts":[null]}]', '[{"t":"facts","facts":[{"f":"entry"}]}]'],
  '[{"t":"facts","facts":[{"f":"entry","entry":{"stream":"chat:c","seq":1.5,"at":1,"type":"x"}}]}]',
  '[{"t":"facts","facts":[{"f":"entry","entry":{"stream":"user:u","seq":1,"at":1,"type":"chat.added"}}]}]',
  ...['[{"t":"facts","facts":[{"f":"tell","user":"u","message":null}]}]', '[{"t":"health"}]'],
  ...['[{"t":"present","users":null,"isAll":true}]', '[{"t":"present","users":{"u":null},"isAll":true}]'],
  `[{"t":"hello"},{"t":"present","users":{"u":${JSON.stringify({ ...lease, sessions: 7 })}},"isAll":true}]`,
])('a damaged turn counts as missed, and none of it is taken: %s', async (json) => {
  const { turns, missed, tell } = await openBus()
  tell(json)
  expect({ turns, missed }).toEqual({ turns: [], missed: ['a turn of another process was damaged'] })
  tell('[{"t":"hello"}]')
  expect(turns).toEqual([[{ t: 'hello' }]])
})

test.for([
  '',
  'nonsense',
  'process-b',
  'process-b x first last []',
  'process-b 1e3 first last []',
  'process-b 9007199254740993 first last []',
])('a text that is no part of a turn changes nothing: %s', async (text) => {
  const { turns, missed, tell, tellText } = await openBus()
  tellText(text)
  tell('[{"t":"hello"}]')
  expect({ turns, missed }).toEqual({ turns: [[{ t: 'hello' }]], missed: [] })
})

test('what a newer release tells besides is left out', async () => {
  const { turns, missed, tell } = await openBus()
  const known = [
    { t: 'facts', facts: [{ f: 'owned' }] },
    { t: 'present', users: { u: { ...lease, state: 'away', device: 'phone' } }, isAll: true },
  ]
  const [facts, present] = known
  tell(
    JSON.stringify([
      { t: 'weather', is: 'fine' },
      { ...facts, facts: [{ f: 'tide' }, { f: 'owned' }] },
      present,
    ]),
  )
  expect({ turns, missed }).toEqual({ turns: [known], missed: [] })
})
