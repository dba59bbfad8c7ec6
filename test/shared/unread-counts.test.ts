import { expect, test } from 'vitest'
import { unreadCountsOf } from '../../shared/unread-counts.ts'

const chat = { kind: 'group', muted: false, archived: false, unread: 3, mentions: 1 } as const

test('a badge counts what may call the user: muted chats only with mentions, the level none with nothing', () => {
  expect(unreadCountsOf(chat)).toEqual({ unread: 3, mentions: 1 })
  expect(unreadCountsOf({ ...chat, kind: 'direct' })).toEqual({ unread: 3, mentions: 3 })
  expect(unreadCountsOf({ ...chat, muted: true, threadMentions: 2 })).toEqual({ unread: 0, mentions: 3 })
  expect(unreadCountsOf({ ...chat, notify: 'mentions' })).toEqual({ unread: 3, mentions: 1 })
  expect(unreadCountsOf({ ...chat, notify: 'none' })).toEqual({ unread: 0, mentions: 0 })
  expect(unreadCountsOf({ ...chat, kind: 'direct', notify: 'none', threadMentions: 1 })).toEqual({
    unread: 0,
    mentions: 0,
  })
  expect(unreadCountsOf({ ...chat, archived: true })).toEqual({ unread: 0, mentions: 0 })
  expect(unreadCountsOf({ ...chat, unread: 0, mentions: 0, addedBy: 'ann' })).toEqual({
    unread: 1,
    mentions: 0,
  })
})
