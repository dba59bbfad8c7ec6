import type { ChatSummary } from '../../shared/contract/chats.ts'
import { type TestHub, startTestHub } from './hub.ts'
import { Person } from './person.ts'
import type { StartOptions } from '../../server/start.ts'

/** One small team: a group, a direct chat, and somebody who is in neither. */
export interface World {
  hub: TestHub
  /** Owner of the hub. */
  olga: Person
  /** Owner of the kitchen. */
  ann: Person
  /** Member of the kitchen. */
  bo: Person
  /** In no chat with anybody. */
  eve: Person
  /** Private group of ann and bo. */
  kitchen: ChatSummary
  /** Ann and bo. */
  direct: ChatSummary
}

export async function makeWorld(options: Partial<StartOptions> = {}): Promise<World> {
  const hub = await startTestHub(options)
  const olga = await hub.setUp()
  const [ann, bo, eve] = await Promise.all(['ann', 'bo', 'eve'].map((name) => hub.person(name)))
  if (!ann || !bo || !eve) throw new Error('a world without people')
  const kitchen = await ann.group('Kitchen', [bo])
  const direct = await ann.directWith(bo)
  return { hub, olga, ann, bo, eve, kitchen, direct }
}
