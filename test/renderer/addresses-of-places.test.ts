import { expect, test } from 'vitest'
import { pathOf, routeOf } from '../../renderer/navigation/router.ts'

// Found by `npm run campaign -- fuzz --only page`.
test('a reply without the number of its message is left out of a place', () => {
  const place = routeOf('/chat/abc/threads/3')
  expect(place).toEqual({ page: 'chat', chatId: 'abc' })
  expect(routeOf(pathOf(place))).toEqual(place)
})

test.for(['/chat/a..%2\udc001/1', '/chat/\ud800'])('the place %j has an address', (path) => {
  const place = routeOf(path)
  expect(routeOf(pathOf(place))).toEqual(place)
})
