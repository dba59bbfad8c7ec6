// Every page of the desktop app that is not a hub's, by axe-core, in light, dark, high contrast and forced colours.
import { expect, it } from 'vitest'
import { ScreenReport } from '../support/axe.ts'
import { freePort } from '../support/ports.ts'
import { password } from '../support/test-user.ts'
import { describeOnStandIn, launchApp } from './driver.ts'
import { chooseInMenu } from './world.ts'

const env = { HUBBUB_DISCOVERY: `127.0.0.1:${21_000 + (process.pid % 20_000)}` }

describeOnStandIn('the pages of the desktop app', () => {
  it('have no axe violation in any look', async () => {
    const report = new ScreenReport()
    const olga = await launchApp({ env })
    const { page } = olga
    const heading = (name: string) => page.getByRole('heading', { name })
    const press = (name: string | RegExp) => page.getByRole('button', { name }).first().click()
    await report.add(page, 'welcome', page.getByTestId('welcome-start'))
    await page.evaluate((port) => window.hubbub?.host.change({ port }), Number(await freePort()))
    await page.getByTestId('welcome-start').click()
    await report.add(page, 'start', heading('Start a hub'))
    await page.getByLabel('Team name').fill('Sailing club')
    await page.getByLabel('Username', { exact: true }).fill('olga')
    await page.getByLabel('Password', { exact: true }).fill(password)
    await press('Start the hub')
    await report.add(page, 'recovery key', heading('Your recovery key'))
    await page.getByText('I’ve saved it somewhere safe').click()
    await press('Continue')
    await report.add(page, 'invite others', page.getByTestId('app-link'))
    await press('Open Sailing club')
    await page.locator('hb-chat-list').waitFor()

    const bo = await launchApp({ env })
    const found = bo.page.getByRole('button', { name: /^Join Sailing club, / })
    await report.add(bo.page, 'welcome with a hub', found)
    await bo.page.getByTestId('welcome-join').click()
    await report.add(bo.page, 'join', found)
    await found.click()
    await report.add(bo.page, 'compare', bo.page.getByRole('heading', { name: 'Is this the right hub?' }))
    await bo.page.getByRole('button', { name: 'The words are different' }).click()
    const different = bo.page.getByRole('heading', { name: 'This is a different hub' })
    await report.add(bo.page, 'different hub', different)
    await chooseInMenu(bo, 'File', 'Settings…')
    await report.add(bo.page, 'this computer', bo.page.locator('hb-computer-notifications hb-choice'))

    await olga.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0].webContents.send('hubbub:event', 'command', 'hosting'),
    )
    await report.add(page, 'hosting', page.locator('hb-hosting').getByText('Running'))
    await press('Stop')
    await page.locator('hb-hosting').getByText('Stopped').waitFor()
    // The one action of a stopped hub is at the end of its card, not in the middle.
    const card = await page.locator('hb-hosting .card').first().boundingBox()
    const start = await page.getByRole('button', { name: 'Start', exact: true }).boundingBox()
    const gap = (card?.x ?? 0) + (card?.width ?? 0) - ((start?.x ?? 0) + (start?.width ?? 0))
    expect(gap).toBeLessThan(24)
    expect(report.problems).toEqual({})
    expect(await bo.quit()).toBe(0)
    expect(await olga.quit()).toBe(0)
  })
})
