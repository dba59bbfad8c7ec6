import { expect, test } from 'vitest'
import { chatLock, userLock } from '../../server/locks.ts'
import { handlers } from '../../server/handlers.ts'
import { runOperation } from '../../server/operation.ts'
import { findSessionLocks } from '../../server/sessions/sessions.ts'
import { watchLocks } from '../support/lock-watch.ts'
import { makeWorld } from '../support/world.ts'

/*
 * The declared locks. That they cover each written row is part of the authorization matrix, which runs every request.
 */

test('every write request names its locks, and only a new group needs none', () => {
  const writes = Object.entries(handlers).flatMap(([name, handler]) =>
    handler.kind === 'write' ? [{ name, locks: handler.locks }] : [],
  )
  expect(writes.length).toBeGreaterThan(40)
  const withoutLocks = writes.filter(({ locks }) => Array.isArray(locks) && locks.length === 0)
  expect(withoutLocks.map(({ name }) => name)).toEqual(['chats.create'])
})

test('a write without its lock is reported, and one with its lock is not', async () => {
  const { hub, ann, kitchen, direct } = await makeWorld()
  const watch = await watchLocks(hub.hub.store)
  const rename = (locks: 'hub' | readonly string[]) =>
    runOperation(hub.hub, { locks }, ({ db }) =>
      db
        .updateTable('chat')
        .set({ name: JSON.stringify(locks) })
        .where('id', '=', kitchen.id)
        .execute(),
    )
  watch.label = 'covered'
  await rename('hub')
  await rename([userLock(ann.id), chatLock(kitchen.id)])
  expect([...watch.uncovered]).toEqual([])
  watch.label = 'rename'
  await rename([])
  await rename([chatLock(direct.id)])
  expect([...watch.uncovered]).toEqual([
    'rename: update chat needs chat, holds nothing',
    'rename: update chat needs chat, holds chat',
  ])
})

test('renewing sessions locks their users, of logins and of tokens', async () => {
  const { hub, ann, bo } = await makeWorld()
  await bo.request('tokens.create', { name: 'script', scope: 'read' })
  const { tokens } = await bo.request('tokens.list', {})
  const { sessions } = await ann.request('sessions.list', {})
  const ids = [...sessions, ...tokens].map(({ id }) => id)
  const locks = await hub.hub.store.read((db) => findSessionLocks(db, ids))
  expect(locks.sort()).toEqual([userLock(ann.id), userLock(bo.id)].sort())
})
