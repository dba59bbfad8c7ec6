import type { ChatSummary } from '../../shared/contract/chats.ts'
import { type TestHub, startTestHub } from './hub.ts'
import { TestUser } from './test-user.ts'
import type { StartOptions } from '../../server/start.ts'

/** A small team: a group, a direct chat, and a user who is in neither. */
export interface World {
  hub: TestHub
  /** Owner of the hub. */
  olga: TestUser
  /** Owner of the kitchen. */
  ann: TestUser
  /** Member of the kitchen. */
  bo: TestUser
  /** A user without chats. */
  eve: TestUser
  /** Private group of ann and bo. */
  kitchen: ChatSummary
  /** Direct chat of ann and bo. */
  direct: ChatSummary
}

export async function makeWorld(options: Partial<StartOptions> = {}): Promise<World> {
  const hub = await startTestHub(options)
  const olga = await hub.setUp()
  const [ann, bo, eve] = await Promise.all(['ann', 'bo', 'eve'].map((name) => hub.registerUser(name)))
  if (!ann || !bo || !eve) throw new Error('a world without people')
  const kitchen = await ann.createGroup('Kitchen', [bo])
  const direct = await ann.openDirectChat(bo)
  return { hub, olga, ann, bo, eve, kitchen, direct }
}
