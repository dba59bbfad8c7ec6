// Two real computers of one hub, added, shown and handed over by the page of the owner.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readState, writeState } from '../../server/continuity/state-file.ts'
import { joinHub } from '../../server/standby/join.ts'
import { parseStandbyLink } from '../../shared/text/standby-link.ts'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { inStep, startComputer, startPair, urlOf } from '../support/computers.ts'
import { newDataDir } from '../support/data-dir.ts'
import { setupCode } from '../support/hub.ts'
import { password, TestUser } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

test('the owner adds a standby, reads what would happen, hands the hub over, and goes on there', async () => {
  const hub = await startComputer()
  const olga = await TestUser.setUp(urlOf(hub), { code: setupCode, username: 'olga', registration: 'open' })
  await olga.createGroup('kitchen', [])
  const window = await AppWindow.open(browser, urlOf(hub))
  const { page } = window
  await window.logIn('olga')
  await window.openChat('kitchen')
  await window.sendMessage('before the move')
  await window.waitForMessage('before the move')

  await page.goto(`${urlOf(hub)}/admin/standbys`)
  const section = page.locator('hb-admin-standbys')
  await section.getByText('The hub would be lost.').waitFor()
  await section.getByRole('button', { name: 'Create link' }).click()
  // the login was less than ten minutes ago, so no password is asked for
  const made = section.getByRole('group', { name: 'Link for the other computer' })
  const link = parseStandbyLink(await made.innerText())
  if (!link) throw new Error('no link')

  const dataDir = newDataDir()
  const words = await joinHub({ dataDir, ...link, kind: 'standby', name: 'Ann’s computer' })
  await section.getByText(words.join(' ')).waitFor()
  // the code is used
  await made.waitFor({ state: 'detached' })
  await section.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('all messages, including private ones').waitFor()
  await page.getByRole('button', { name: 'Let Ann’s computer follow' }).click()
  await section.getByText('Has never connected.').waitFor()

  const standby = await startComputer({ dataDir })
  await section.getByText('Up to date.', { exact: true }).waitFor()
  await section.getByText('Nothing would be lost. Someone would have to make').waitFor()
  await section.getByRole('radio', { name: 'The standby goes on' }).check()
  await section.getByText('Ann’s computer would become the hub by itself after about ten seconds.').waitFor()
  await section.getByRole('radio', { name: 'The hub goes on' }).check()
  await section.getByText('Someone would have to make').waitFor()

  // a third computer, which decides
  await section.getByRole('heading', { name: 'Add a third computer' }).waitFor()
  await section.getByRole('button', { name: 'Create link' }).click()
  const madeVote = section.getByRole('group', { name: 'Link for the third computer' })
  const voteLink = parseStandbyLink(await madeVote.innerText())
  if (!voteLink) throw new Error('no link for a third computer')
  const thirdDir = newDataDir()
  await joinHub({ dataDir: thirdDir, ...voteLink, name: 'Ben’s computer' })
  await section.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('It gets no messages and no files.').waitFor()
  await page.getByRole('button', { name: 'Let Ben’s computer decide' }).click()
  const third = await startComputer({ dataDir: thirdDir })
  await section.getByText('Connected. It stores nothing of this hub.').waitFor()
  await section.getByRole('radio', { name: 'Ben’s computer decides' }).check()
  await section.getByText('because Ben’s computer decides.').waitFor()
  await section.getByText('Connected, and has the deciding vote.').waitFor()
  await section.getByRole('radio', { name: 'The hub’s computer has it' }).check()
  await section.getByText('The newest messages could be lost, because the hub doesn’t wait').waitFor()
  await section.getByText('Follows a moment later. The hub doesn’t wait for it.').waitFor()
  await section.getByRole('radio', { name: 'Both computers have it' }).check()
  await section.getByText('Up to date.', { exact: true }).waitFor()
  await third.close()
  await section.getByText('Not connected, and has the deciding vote.').waitFor()
  await page.goto(`${urlOf(hub)}/admin/health`)
  await page.getByText('Something needs attention. See below.').waitFor()
  await page.getByText('Standby computer Ann’s computer: Up to date.').waitFor()
  await page.getByText('Third computer Ben’s computer: Not connected, and has the deciding vote.').waitFor()

  await page.goto(`${urlOf(hub)}/admin/standbys`)
  await section.getByRole('button', { name: 'Hand over now' }).click()
  await page.getByRole('button', { name: 'Hand over to Ann’s computer' }).click()
  await waitFor(() => expect(standby.hub).toBeDefined())
  // the dialog closes, though the connection may end before the response
  await page.getByText('The hub is on Ann’s computer now.').waitFor()
  expect(await page.getByRole('dialog').count()).toBe(0)
  const banner = page.locator('hb-connection-banner')
  await banner.getByText('The hub has moved to Ann’s computer.').waitFor()
  expect(await banner.getByRole('link', { name: 'Open it there' }).getAttribute('href')).toBe(
    `https://127.0.0.1:${standby.port}/`,
  )
  // a page with a session says so after a reload too, when that computer has become the standby
  await waitFor(() => expect(hub.standby).toBeDefined())
  await page.reload()
  await banner.getByText('The hub has moved to Ann’s computer.').waitFor()

  const there = await AppWindow.open(browser, urlOf(standby))
  await there.logIn('olga')
  await there.openChat('kitchen')
  await there.waitForMessage('before the move')
  await there.sendMessage('after the move')
  await there.waitForMessage('after the move')
  await window.context.close()
  await there.context.close()
})

test('the owner hears of messages that a former hub has alone, brings them back, and deletes the rest', async () => {
  const { hub, standby, dirs, owner } = await startPair()
  const chat = await owner.createGroup('kitchen', [])
  await standby.close()
  await waitFor(async () => expect((await owner.request('continuity.status', {})).safety).toBe('alone'))
  await owner.sendMessage(chat.id, 'only on one disk')
  await hub.close()
  const promoted = await startComputer({ dataDir: dirs.standby, port: standby.port })
  await promoted.promote(false)

  const window = await AppWindow.open(browser, urlOf(promoted))
  const { page } = window
  await window.logIn('olga')
  await window.openChat('kitchen')
  await startComputer({ dataDir: dirs.hub })
  await inStep(owner.atUrl(urlOf(promoted)))
  await page.getByText('1 message is stored only on another computer of this hub.').waitFor()
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  const section = page.locator('hb-set-asides')
  await section.getByText(/^1 message by 1 person, written until /).waitFor()
  await section.getByRole('button', { name: 'Bring them back' }).click()
  await section
    .getByText('1 message was brought back. It is at the end of its chat, with its original time.')
    .waitFor()
  await section.getByText('no messages that this hub doesn’t have').waitFor()
  expect(await section.getByRole('button', { name: 'Bring them back' }).count()).toBe(0)
  await section.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('This frees disk space on').waitFor()
  await page.getByRole('button', { name: 'Delete it' }).click()
  await section.getByText('Set aside', { exact: true }).waitFor({ state: 'detached' })
  await page.goto(urlOf(promoted))
  await window.openChat('kitchen')
  await window.waitForMessage('only on one disk')
  await window.context.close()
})

test('the owner lets a hub go on that waits for a standby with the vote, and the unsent message is sent', async () => {
  const { hub, standby, dirs, owner } = await startPair()
  const chat = await owner.createGroup('kitchen', [])
  await owner.request('sessions.reauthenticate', { current: password })
  await owner.request('continuity.vote', { tie: 'standby' })
  const window = await AppWindow.open(browser, urlOf(hub))
  const { page } = window
  await window.logIn('olga')
  await window.openChat('kitchen')
  await standby.close()
  await waitFor(async () => expect((await owner.request('continuity.status', {})).safety).toBe('alone'))
  await hub.close()
  const state = readState(dirs.hub)
  if (!state) throw new Error('a hub without a state')
  // as if both had been killed
  writeState(dirs.hub, { ...state, alone: false })
  await startComputer({ dataDir: dirs.hub, port: hub.port })

  await window.sendMessage('written while nobody can write')
  await page.goto(`${urlOf(hub)}/admin/standbys`)
  const section = page.locator('hb-admin-standbys')
  await section
    .getByText('This hub waits for Standby, which has the deciding vote and cannot be reached.')
    .waitFor()
  await section.getByRole('button', { name: 'Go on without Standby' }).click()
  const dialog = page.locator('hb-password-dialog')
  await dialog.getByText('your team may write on both computers').waitFor()
  await dialog.getByRole('button', { name: 'Wait' }).click()
  await dialog.waitFor({ state: 'detached' })
  await section.getByText('No one can post now').waitFor()

  await section.getByRole('button', { name: 'Go on without Standby' }).click()
  const goOn = dialog.getByRole('button', { name: 'Go on without Standby' })
  await goOn.click()
  await dialog.getByText('Type your password.').waitFor()
  await dialog.getByRole('textbox', { name: 'Your password' }).fill('not the password')
  await goOn.click()
  await dialog.getByText('Wrong password.').waitFor()
  await dialog.getByRole('textbox', { name: 'Your password' }).fill(password)
  await goOn.click()
  await page.getByText('The hub goes on without Standby.').waitFor()
  await section.getByText('No one can post now').waitFor({ state: 'detached' })
  const { rows } = await owner.request('admin.audit', { action: 'hub.went-on' })
  expect(rows).toMatchObject([{ by: owner.id }])

  // the outbox had it all the time
  await page.goto(urlOf(hub))
  await window.openChat('kitchen')
  await window.waitForMessage('written while nobody can write')
  const { messages } = await owner.request('messages.list', { chatId: chat.id })
  expect(messages).toHaveLength(1)
  await window.context.close()
})
