import { expect, test } from 'vitest'
import type { Hub } from '../../renderer/state/hub.ts'
import { settle } from './support/manual-clock.ts'
import { me } from './support/fake-hub.ts'
import { FakeBrowser } from './support/fake-browser.ts'

async function openWithThreeGroups() {
  const browser = new FakeBrowser()
  const { hub } = browser
  const [a = '', b = '', c = ''] = ['A', 'B', 'C'].map((name) =>
    hub.addChat('group', ['u-ann', me], { name }),
  )
  const page = await browser.openConnectedTab()
  return { browser, hub, page, a, b, c }
}

/** The sections as the user sees them, such as `rest: C; own: B`. A folded one is in brackets. */
function renderSections({ chatList, chats }: Hub): string[] {
  return chatList.sections.value.map(({ id, name, chats: held, folded }) => {
    const names = held.map((chat) => chats.nameOf(chat)).sort()
    return `${folded ? '(' : ''}${name || id}: ${names.join(' ')}${folded ? ')' : ''}`
  })
}

test('a chat is in one section: the favourites take it out of its own, and removing it puts it back', async () => {
  const { page, a, b } = await openWithThreeGroups()
  await page.chatList.addSection(' Food  and more ', a)
  await page.chatList.addSection('Later')
  await page.chatList.moveChat(b, page.chatList.arrangement.value.sections[1]?.id ?? '')
  expect(renderSections(page)).toEqual(['Food and more: A', 'Later: B', 'rest: C'])
  await page.chatList.setFavourite(a, true)
  expect(renderSections(page)).toEqual(['favourites: A', 'Food and more: ', 'Later: B', 'rest: C'])
  await page.chatList.setFavourite(a, false)
  const [food, later] = page.chatList.arrangement.value.sections
  await page.chatList.moveChat(a, later?.id ?? '')
  await page.chatList.moveSection(later?.id ?? '', -1)
  await page.chatList.moveSection(later?.id ?? '', -1)
  expect(renderSections(page)).toEqual(['Later: A B', 'Food and more: ', 'rest: C'])
  const before = page.chatList.arrangement.value
  await page.chatList.removeSection(later?.id ?? '')
  await page.chatList.moveChat(a, food?.id ?? '')
  expect(renderSections(page)).toEqual(['Food and more: A', 'rest: B C'])
  // a restored section does not take back chats that have moved elsewhere since
  await page.chatList.restoreSection(later?.id ?? '', before)
  expect(renderSections(page)).toEqual(['Later: B', 'Food and more: A', 'rest: C'])
})

test('a change shows at once in every tab and offline, and is reverted if the hub rejects it', async () => {
  const { browser, hub, page, a } = await openWithThreeGroups()
  const other = await browser.openConnectedTab()
  const changed = page.chatList.setFavourite(a, true)
  expect(renderSections(page)).toEqual(['favourites: A', 'rest: B C'])
  await changed
  await settle()
  expect(renderSections(page)).toEqual(['favourites: A', 'rest: B C'])
  expect(renderSections(other)).toEqual(['favourites: A', 'rest: B C'])
  hub.refusals.push({ name: 'me.update', code: 'busy' })
  await expect(page.chatList.setFavourite(a, false)).rejects.toThrow()
  expect(renderSections(page)).toEqual(['favourites: A', 'rest: B C'])
  await page.close()
  hub.isUp = false
  hub.disconnect(1006)
  const later = browser.openTab()
  await later.start()
  expect(renderSections(later)).toEqual(['favourites: A', 'rest: B C'])
  await expect(later.chatList.setFavourite(a, false)).rejects.toThrow()
  expect(renderSections(later)).toEqual(['favourites: A', 'rest: B C'])
})

test('a folded section shows the open chat, a filter opens sections, and the archive starts folded', async () => {
  const { hub, page, a, b, c } = await openWithThreeGroups()
  await page.chatList.addSection('Food', a)
  const id = page.chatList.arrangement.value.sections[0]?.id ?? ''
  await page.chatList.moveChat(b, id)
  await page.chatList.setFolded(id, true)
  await page.chats.updatePreferences(c, { archivedForMe: true })
  await settle()
  expect(renderSections(page)).toEqual(['(Food: A B)', '(archive: C)'])
  expect(page.chatList.displayedChats.value).toEqual([])
  page.chats.current.value = b
  expect(page.chatList.displayedChats.value.map((chat) => chat.id)).toEqual([b])
  page.chats.filter.value = 'a'
  expect(renderSections(page)).toEqual(['Food: A'])
  page.chats.filter.value = ''
  hub.sendMessage(a, 'u-ann', 'new')
  await settle()
  page.chatList.unreadOnly.value = true
  expect(renderSections(page)).toEqual(['Food: A B'])
  page.chats.current.value = undefined
  expect(renderSections(page)).toEqual(['Food: A'])
  // a new message unarchives it
  page.chatList.unreadOnly.value = false
  hub.sendMessage(c, 'u-ann', 'new here too')
  await settle()
  expect(renderSections(page)).toEqual(['(Food: A B)', 'rest: C'])
})

test('the next unread chat is the nearest in its direction and round again, in folded sections too', async () => {
  const { hub, page, a, b, c } = await openWithThreeGroups()
  const next = () => page.chatList.nextUnread(1)?.id
  const previous = () => page.chatList.nextUnread(-1)?.id
  expect([next(), previous()]).toEqual([undefined, undefined])
  await page.chatList.addSection('Food', c)
  await page.chatList.setFolded(page.chatList.arrangement.value.sections[0]?.id ?? '', true)
  for (const id of [a, b, c]) hub.sendMessage(id, 'u-ann', 'new')
  await settle()
  const [first, second, third] = page.chatList.sections.value.flatMap(({ chats }) =>
    chats.map(({ id }) => id),
  )
  expect(first).toBe(c)
  // without an open chat from both ends
  expect([next(), previous()]).toEqual([first, third])
  page.chats.current.value = second
  expect([next(), previous()]).toEqual([third, first])
  page.chats.current.value = third
  expect([next(), previous()]).toEqual([first, second])
  // a muted chat does not count, nor does one in the archive
  await page.chats.updatePreferences(first ?? '', { muted: true })
  await page.chats.updatePreferences(second ?? '', { archivedForMe: true })
  await settle()
  expect([next(), previous()]).toEqual([undefined, undefined])
})
