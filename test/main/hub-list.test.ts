import { expect, test } from 'vitest'
import { createHostedHubList } from '../../main/host/hub-list.ts'
import { TestUser } from '../support/test-user.ts'
import { setupCode, startTestHub } from '../support/hub.ts'
import { newHubs } from '../support/shell-hubs.ts'

const owner = { teamName: 'Boat yard', username: 'olga', password: 'a long enough password' }

test('creates the first account with the code, returns the hub’s own errors, and keeps the token in the shell', async () => {
  const hub = await startTestHub()
  const { hubId } = hub.hub
  const hubs = newHubs()
  const list = createHostedHubList(hubs, 'Hubbub/test Electron/')
  await list.add(new URL(hub.url).host, hubId)
  await expect(list.setUp(hubId, 'a wrong code', owner)).rejects.toMatchObject({ code: 'invalid' })
  await expect(list.setUp(hubId, setupCode, { ...owner, password: 'short' })).rejects.toThrow(/password/i)
  expect(hubs.token(hubId)).toBeUndefined()

  const { recoveryKey } = await list.setUp(hubId, setupCode, owner)
  expect(recoveryKey).toMatch(/\w{4}/)
  expect(hubs.token(hubId)).toBeDefined()
  await expect
    .poll(() => hubs.list()[0], { timeout: 15_000 })
    .toMatchObject({ state: 'online', name: 'Boat yard' })
  const olga = await TestUser.login(hub.url, 'olga', owner.password)
  const { sessions } = await olga.request('sessions.list', {})
  expect(sessions).toHaveLength(2)
  // the code works once
  await expect(list.setUp(hubId, setupCode, owner)).rejects.toMatchObject({ code: 'invalid' })
})
