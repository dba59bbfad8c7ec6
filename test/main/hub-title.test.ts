import { expect, test } from 'vitest'
import { withHubName } from '../../main/notify/hub-title.ts'

test('a notification names its hub if there are several, once', () => {
  const north = { id: 'n', name: 'North' }
  const south = { id: 's', name: 'South' }
  const notice = { key: 'k', title: '#Everyone', body: 'pia: soup', hubId: 's', route: '/chat/c/1' }
  expect(withHubName(notice, [south])).toEqual(notice)
  expect(withHubName(notice, [north, south])).toEqual({ ...notice, title: '#Everyone · South' })
  const hidden = { ...notice, title: 'South' }
  expect(withHubName(hidden, [north, south])).toEqual(hidden)
  // a notification of the app itself
  expect(withHubName({ ...notice, hubId: '' }, [north, south])).toMatchObject({ title: '#Everyone' })
})
