import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fillPath } from '../../renderer/connection/addresses.ts'
import { routesFile, writeRoutes } from '../../scripts/routes.ts'

test('the routes of the page match the contract (run `node scripts/routes.ts` after a change)', () => {
  expect(readFileSync(routesFile, 'utf8')).toBe(writeRoutes())
})

test('fillPath puts path parameters into the path and the rest into query or body', () => {
  const chat = { chatId: 'a/b c' }
  expect(fillPath('GET', '/api/chats/:chatId/messages', { ...chat, limit: 5, before: undefined })).toEqual({
    path: '/api/chats/a%2Fb%20c/messages?limit=5',
    body: undefined,
  })
  expect(fillPath('POST', '/api/chats/:chatId/read', { ...chat, no: 3 })).toEqual({
    path: '/api/chats/a%2Fb%20c/read',
    body: { no: 3 },
  })
})
