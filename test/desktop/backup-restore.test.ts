import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { backUp } from '../../server/backup/backup.ts'
import { restore as putBack } from '../../server/backup/restore.ts'
import { newDataDir } from '../support/data-dir.ts'
import { freePort } from '../support/ports.ts'
import { AppWindow } from '../support/app-window.ts'
import { launchApp, runAppToExit, type DesktopApp } from './driver.ts'
import { listHubs, createTeam } from './world.ts'

/** A spec cannot press a button in the system's own dialog: the driver answers in place of the user. */
const answerDialog = (app: DesktopApp, answer: object): Promise<void> =>
  app.evaluate(({ dialog }, answer) => void dialog.answers.push(answer), answer)

it('restores a team from its backup, or changes nothing', async () => {
  const { hub, owner } = await createTeam('North', 'harbour')
  const chat = await owner.createGroup('charts')
  await owner.sendMessage(chat.id, 'The shoal is on none of them')
  const backup = path.join(newDataDir(), 'north.hubbub')
  await backUp(hub.dataDir, backup)
  await hub.close()
  const broken = path.join(newDataDir(), 'broken.hubbub')
  writeFileSync(broken, 'no backup at all')

  const app = await launchApp()
  const { page } = app
  await page.evaluate((port) => window.hubbub?.host.change({ port }), Number(await freePort()))
  const settings = () => page.evaluate(() => window.hubbub?.host.settings())
  const before = await settings()
  const restore = () => page.evaluate(() => window.hubbub?.host.restore().catch((error: unknown) => error))

  await answerDialog(app, { canceled: true, filePaths: [] })
  expect(await restore()).toBeUndefined()
  // chosen, then cancelled at the warning that the current hub would stop
  await answerDialog(app, { canceled: false, filePaths: [backup] })
  await answerDialog(app, { response: 1 })
  expect(await restore()).toBeUndefined()
  // no backup: nothing is asked, and no hub stops for it
  await answerDialog(app, { canceled: false, filePaths: [broken] })
  expect(await restore()).toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('broken.hubbub'),
  })
  expect(await settings()).toEqual(before)
  expect(existsSync(path.join(app.userData, 'hub-2', 'hub.db'))).toBe(false)

  // opened in the file manager: asks first
  await answerDialog(app, { response: 1 })
  await runAppToExit({ userData: app.userData, args: [backup] })
  await expect.poll(async () => (await app.calls('dialog.showMessageBox')).length).toBe(2)
  expect(await settings()).toEqual(before)
  await answerDialog(app, { response: 0 })
  await runAppToExit({ userData: app.userData, args: [backup] })
  await expect
    .poll(() => page.evaluate(() => window.hubbub?.host.status().then(({ state }) => state)))
    .toBe('running')
  await expect.poll(() => listHubs(page)).toMatchObject([{ id: hub.hub.hubId, isHosted: true }])
  expect((await settings())?.dataDir).toBe(path.join(app.userData, 'hub-2'))

  // two at once: the second is refused, and takes nothing from the first
  for (let i = 0; i < 4; i += 1)
    await answerDialog(app, { canceled: false, filePaths: [backup], response: 0 })
  const both = await page.evaluate(() =>
    Promise.all([0, 1].map(async () => window.hubbub?.host.restore().catch((error: unknown) => error))),
  )
  expect(both).toMatchObject([{ state: 'running' }, { code: 'conflict' }])
  expect((await settings())?.dataDir).toBe(path.join(app.userData, 'hub-3'))

  // backed up again over an older file, while the hub runs
  const copy = path.join(newDataDir(), 'copy.hubbub')
  const backUpTo = async (filePath: string) => {
    await answerDialog(app, { canceled: false, filePath })
    return page.evaluate(() => window.hubbub?.host.backUp().catch((error: unknown) => error))
  }
  writeFileSync(copy, 'the one of last week')
  expect(await backUpTo(copy)).toBe(copy)
  expect(readdirSync(path.dirname(copy))).toEqual(['copy.hubbub'])
  const elsewhere = path.join(newDataDir(), 'hub')
  expect((await putBack(copy, elsewhere)).hubId).toBe(hub.hub.hubId)
  expect(await backUpTo(path.join(copy, 'no', 'folder.hubbub'))).toMatchObject({
    code: 'conflict',
    message: expect.not.stringContaining('--'),
  })

  // the same users, with all their messages
  await page.getByLabel('Username', { exact: true }).waitFor()
  const north = AppWindow.fromPage(page)
  await north.logIn('olga')
  await north.openChat('charts')
  await north.waitForMessage('The shoal is on none of them')
})
