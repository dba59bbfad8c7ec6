import { expect, test } from 'vitest'
import { UserNames } from '../../main/notify/user-names.ts'
import { startTestHub } from '../support/hub.ts'
import { newHubs } from '../support/shell-hubs.ts'
import { TestUser } from '../support/test-user.ts'

test('a notification has the new name of a renamed user, also of one renamed while the app was offline', async () => {
  const hub = await startTestHub()
  const { hubId } = hub.hub
  const olga = await hub.setUp()
  const hubs = newHubs()
  const names = new UserNames(hubs)
  await hubs.add(new URL(hub.url).host, hubId)
  await hubs.signedIn(hubId, olga.token)
  const stateOfHub = () => hubs.list()[0]?.state
  await expect.poll(stateOfHub, { timeout: 15_000 }).toBe('online')
  expect(await names.get(hubId, olga.id)).toBe(olga.user.displayName)

  await olga.request('me.update', { displayName: 'Olga Berg' })
  await expect.poll(() => names.get(hubId, olga.id)).toBe('Olga Berg')

  await hub.close()
  await expect.poll(stateOfHub, { timeout: 15_000 }).not.toBe('online')
  const restarted = await startTestHub({ dataDir: hub.dataDir })
  await new TestUser(restarted.url, olga.token, olga.user).request('me.update', { displayName: 'Olga Holm' })
  hubs.addAddresses(hubId, [new URL(restarted.url).host])
  await expect.poll(() => names.get(hubId, olga.id), { timeout: 15_000 }).toBe('Olga Holm')
})
