// A browser whose hub moves to another computer: two real computers, at two origins.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Computer } from '../../server/run-computer.ts'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { addStandby, startComputer, urlOf } from '../support/computers.ts'
import { newDataDir } from '../support/data-dir.ts'
import { setupCode } from '../support/hub.ts'
import { TestUser } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser({}, ['--ignore-certificate-errors'])
})
afterAll(() => browser.close())

/** Cookies ignore ports, so the former hub has another name than the next one. */
const formerUrl = ({ port }: Computer) => `https://localhost:${port}/`
const nextOrigin = ({ port }: Computer) => `https://127.0.0.1:${port}`

async function startPair() {
  const former = await startComputer()
  const owner = await TestUser.setUp(urlOf(former), {
    code: setupCode,
    username: 'olga',
    registration: 'open',
  })
  const ann = await TestUser.register(urlOf(former), { username: 'ann' })
  await owner.createGroup('kitchen', [ann])
  await owner.createGroup('garden', [])
  const next = await addStandby(owner, newDataDir())
  const window = await AppWindow.open(browser, formerUrl(former))
  await window.logIn('olga')
  await window.openChat('kitchen')
  await window.sendMessage('before')
  await window.waitForMessage('before')
  await expect.poll(() => textsAt(former, owner)).toEqual(['before'])
  return { former, next, owner, window }
}

async function textsAt(computer: Computer, owner: TestUser): Promise<string[]> {
  const there = owner.atUrl(urlOf(computer))
  const { chats } = await there.request('chats.list', {})
  const kitchen = chats.find((chat) => 'name' in chat && chat.name === 'kitchen')
  const { messages } = await there.request('messages.list', { chatId: String(kitchen?.id) })
  return messages.map((message) => ('text' in message ? message.text : ''))
}

function openThere({ page }: AppWindow) {
  return page.locator('hb-connection-banner').getByRole('link', { name: 'Open it there' })
}

async function typeDraft(window: AppWindow, chat: string, text: string): Promise<void> {
  await window.openChat(chat)
  await window.composer.fill(text)
}

test('a browser goes on at the new address after the hub has quit, with what was not sent, each once', async () => {
  const { former, next, owner, window } = await startPair()
  const closing = former.close()
  await window.sendMessage('during')
  await closing
  await waitFor(() => expect(next.hub).toBeDefined())
  await window.sendMessage('after')
  await typeDraft(window, 'garden', 'a draft of now')
  await window.openChat('kitchen')
  const visited: string[] = []
  window.page.on('request', (request) => visited.push(request.url()))
  await openThere(window).click()

  await window.page.getByRole('button', { name: 'Continue as ' }).click()
  for (const text of ['before', 'during', 'after']) await window.waitForMessage(text)
  await expect.poll(() => textsAt(next, owner)).toEqual(['before', 'during', 'after'])
  expect(new URL(window.page.url()).origin).toBe(nextOrigin(next))
  expect(new URL(window.page.url()).hash).toBe('')
  expect(visited.filter((url) => url.startsWith(nextOrigin(next)) && /[?&]move|\/move/.test(url))).toEqual([])
  await window.openChat('garden')
  expect(await window.composer.inputValue()).toBe('a draft of now')

  // the session is the one of before, and the cookie lasts
  await window.page.reload()
  await window.openChat('kitchen')
  await window.sendMessage('at home')
  await expect.poll(() => textsAt(next, owner)).toEqual(['before', 'during', 'after', 'at home'])
  // “during” may have met a socket that was about to close
  expect(window.consoleErrors.filter((text) => !/already in CLOSING/.test(text))).toEqual([])
  await window.context.close()
})

test('a page that is reloaded at the former address takes along what was not sent; its link counts once', async () => {
  const { former, next, owner, window } = await startPair()
  await owner.request('continuity.handover', {})
  await waitFor(() => {
    expect(next.hub).toBeDefined()
    expect(former.standby?.status.isConnected).toBe(true)
  })
  await openThere(window).waitFor()
  await window.page.reload()
  await window.openChat('kitchen')
  await window.sendMessage('after a reload')
  await openThere(window).waitFor()
  const link = await window.page.evaluate(
    (address) => document.querySelector('hb-app')?.hub.linkTo(address) ?? '',
    `127.0.0.1:${next.port}`,
  )
  expect(link).toContain('#move=')
  // another user of this browser there stays who they are, and sends nothing of it
  const other = await AppWindow.open(browser, nextOrigin(next))
  await other.logIn('ann')
  await other.openChat('kitchen')
  await other.page.goto(link)
  await other.page.reload()
  await other.openChat('kitchen')
  expect(await textsAt(next, owner)).toEqual(['before'])
  await openThere(window).click()
  await window.page.getByRole('button', { name: 'Continue as ' }).click()
  await window.waitForMessage('after a reload')
  await expect.poll(() => textsAt(next, owner)).toEqual(['before', 'after a reload'])

  const stranger = await AppWindow.open(browser, link)
  await stranger.page.getByText('This link to the hub was used').waitFor()
  expect(await stranger.page.getByRole('button', { name: 'Continue as ' }).count()).toBe(0)
  for (const each of [window, other, stranger]) {
    expect(each.consoleErrors).toEqual([])
    await each.context.close()
  }
  await former.close()
})
