// The owner makes, verifies, tries and downloads backups in a real Chromium, and the download restores.
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { restore } from '../../server/backup/restore.ts'
import { AppWindow } from '../support/app-window.ts'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
import { password } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

test('the owner adds a folder, makes and verifies a backup, tries it, downloads it, and it restores', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'Bread for ten')
  // the login leads to the requested address
  const window = await AppWindow.open(browser, `${hub.url}/admin/backups`)
  await window.logIn('olga')
  const { page } = window
  const section = page.locator('hb-admin-backups')
  await section.getByText('Next backup: ').waitFor()

  const field = section.getByLabel('Another folder')
  await field.fill('/nowhere/at/all')
  await section.getByRole('button', { name: 'Add folder' }).click()
  await section.getByText('The folder is not there.').waitFor()
  const usb = join(newDataDir(), 'usb')
  mkdirSync(usb)
  await field.fill(usb)
  await section.getByRole('button', { name: 'Add folder' }).click()
  await section.getByText(usb).first().waitFor()

  await section.getByRole('button', { name: 'Back up now' }).click()
  await section.getByText('1 message, 0 files').nth(1).waitFor()
  await section.getByRole('button', { name: 'Try a restore' }).click()
  await section.getByText(/Last trial restore .*: 1 message, ready in \d+ ms/).waitFor()
  await section.getByRole('button', { name: 'Verify' }).first().click()
  await section.getByRole('button', { name: 'Back up now', disabled: false }).waitFor()

  // as if an hour had passed
  await hub.hub.store.writer.write(({ db }) =>
    db.updateTable('session').set({ reauthenticatedAt: 0 }).execute(),
  )
  await section.getByRole('button', { name: 'Download' }).first().click()
  const downloading = page.waitForEvent('download')
  await page.locator('hb-confirm').getByRole('button', { name: 'Download' }).click()
  const dialog = page.locator('hb-password-dialog')
  await dialog.getByLabel('Your password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  const download = await downloading
  expect(download.suggestedFilename()).toMatch(/^hubbub-\d{8}T\d{6}Z(-2)?\.hubbub$/)
  const file = join(newDataDir(), 'team.hubbub')
  await download.saveAs(file)
  const dataDir = join(newDataDir(), 'restored')
  await restore(file, dataDir)
  const again = await startTestHub({ dataDir })
  const { messages } = await ann.atUrl(again.url).request('messages.list', { chatId: kitchen.id })
  expect(messages).toMatchObject([{ text: 'Bread for ten' }])

  // a disk that is unplugged is said here and under Health
  rmSync(usb, { recursive: true })
  await section.getByRole('button', { name: 'Back up now' }).click()
  await section.getByText('Not found').waitFor()
  await section.getByRole('textbox', { name: 'Time' }).fill('25:00')
  await section.getByRole('button', { name: 'Save' }).click()
  await section.getByText('Type a time, such as 03:00.').waitFor()
  await section.getByRole('textbox', { name: 'Time' }).fill('04:15')
  await section.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.goto(`${hub.url}/admin/health`)
  await page.getByText(`The backup folder ${usb} can’t be found.`).waitFor()
  expect(readdirSync(join(hub.dataDir, 'backups'))).toHaveLength(1)
  expect(statSync(file).size).toBeGreaterThan(1000)
  expect(window.consoleErrors).toEqual([])
})
