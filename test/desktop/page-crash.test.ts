import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { type DesktopApp, launchApp, itOnStandIn } from './driver.ts'

const crash = (app: DesktopApp) =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].webContents.forcefullyCrashRenderer())

itOnStandIn('a page that crashes comes back three times; then the user is asked', async () => {
  const app = await launchApp()
  await app.page.getByTestId('welcome-join').waitFor()
  const log = () => readFileSync(path.join(app.userData, 'logs', 'app.log'), 'utf8')
  const crashes = () => log().split('"the page ended"').length - 1
  for (const count of [1, 2, 3]) {
    await crash(app)
    await waitFor(() => expect(crashes()).toBe(count))
    const page = await app.findPage()
    await page.getByTestId('welcome-join').waitFor()
  }
  await app.evaluate(({ dialog }) => void dialog.answers.push({ response: 0 }))
  await crash(app)
  await waitFor(async () => expect(await app.calls('dialog.showMessageBox')).toHaveLength(1))
  expect((await app.calls('dialog.showMessageBox'))[0]?.args[0]).toMatchObject({
    message: 'The window keeps crashing',
    buttons: ['Reload', 'Wait'],
  })
  await (await app.findPage()).getByTestId('welcome-join').waitFor()
  expect(log()).toContain('"reason":"crashed"')

  // one that hangs is reloaded if the user wants that
  await app.evaluate(({ BrowserWindow, dialog }) => {
    dialog.answers.push({ response: 1 })
    BrowserWindow.getAllWindows()[0].emit('unresponsive')
  })
  await waitFor(async () => expect(await app.calls('dialog.showMessageBox')).toHaveLength(2))
  expect((await app.calls('dialog.showMessageBox'))[1]?.args[0]).toMatchObject({
    message: 'The window does not respond',
  })
  expect(await app.quit()).toBe(0)
})
