import { expect } from 'vitest'
import type { Message, Tombstone } from '../../../shared/contract/messages.ts'
import type { Conversation } from '../../../renderer/state/conversation.ts'
import type { Hub } from '../../../renderer/state/hub.ts'
import type { CachedMessage } from '../../../renderer/state/cached-message.ts'
import { isDeleted } from '../../../renderer/state/recent-messages.ts'
import { me, type FakeHub } from './fake-hub.ts'

/** Expects the page to show what a newly loaded page would show. */
export function verifySync(page: Hub, hub: FakeHub, conversations: readonly Conversation[]): void {
  expect(page.chats.list.value).toEqual(hub.summaries())
  expect([...page.users.list.value].sort(byId)).toEqual([...hub.users.values()].sort(byId))
  if (page.groups.ready.value) {
    const ids = page.groups.list.value.map((group) => group.id).sort()
    expect(ids).toEqual(
      hub
        .groups()
        .map((group) => group.id)
        .sort(),
    )
  }
  for (const conversation of conversations) if (conversation.chat.value) verifyConversation(conversation, hub)
}

function verifyConversation(conversation: Conversation, hub: FakeHub): void {
  const all = hub.messages(conversation.chatId)
  const shown = conversation.messages
  expect(conversation.status.value).toBe('ready')
  const first = shown[0]?.no ?? all.length + 1
  const end = conversation.hasNewer.value ? (shown.at(-1)?.no ?? 0) : all.length
  expect(shown.map(toWireMessage)).toEqual(all.slice(first - 1, end))
  expect(conversation.hasOlder.value).toBe(first > 1)
  const keys = conversation.items.value.map((item) => item.key)
  expect(new Set(keys).size).toBe(keys.length)
  if (!conversation.members.ready.value) return
  const members = hub.members(conversation.chatId).map(({ user: _, ...member }) => withoutOwnReceipt(member))
  expect(conversation.members.list.value.map(withoutOwnReceipt).sort(byUser)).toEqual(members.sort(byUser))
}

function toWireMessage(message: CachedMessage): Message | Tombstone {
  if (!isDeleted(message)) return message
  const { id, no, seq, rev, replies } = message
  return { id, no, seq, rev, deleted: true, ...(replies ? { replies } : {}) }
}

/** A page is not told its own receipts. */
function withoutOwnReceipt<M extends { userId: string; deliveredNo: number }>(member: M): M {
  return member.userId === me ? { ...member, deliveredNo: 0 } : member
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1
}

function byUser(a: { userId: string }, b: { userId: string }): number {
  return a.userId < b.userId ? -1 : 1
}
