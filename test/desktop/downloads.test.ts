import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { AppWindow } from '../support/app-window.ts'
import { newDataDir } from '../support/data-dir.ts'
import { uploadFile } from '../support/tus.ts'
import { launchApp } from './driver.ts'
import { joinHub, createTeam } from './world.ts'

/** A spec cannot press a button in the system's own dialog: the driver answers in its place. */
it('saves a file directly where the user chooses, completely or not at all', async () => {
  const { hub, owner } = await createTeam('North', 'harbour')
  const content = Buffer.from(Array.from({ length: 3 * 1024 * 1024 }, (_, at) => (at * 7) % 256))
  const file = await uploadFile(hub.url, owner.token, { name: 'chart.bin', bytes: content })
  const chat = await owner.createGroup('charts')
  await owner.request('messages.send', {
    ...{ chatId: chat.id, cid: crypto.randomUUID(), text: '', attachments: [file] },
  })
  const app = await launchApp()
  const { page } = app
  await joinHub(page, hub)
  await AppWindow.fromPage(page).logIn('olga')
  await page.getByLabel('Search chats and people').waitFor()
  const folder = newDataDir()
  const save = async (from: string, name: string, filePath: string | undefined) => {
    await app.evaluate(
      ({ dialog }, to) =>
        void dialog.answers.push(to === '' ? { canceled: true } : { canceled: false, filePath: to }),
      filePath ?? '',
    )
    return page.evaluate(
      ([id, what, called]) =>
        window.hubbub?.shell
          .saveAs(String(id), String(what), String(called))
          .catch((error: unknown) => error),
      [hub.hub.hubId, from, name],
    )
  }

  const to = path.join(folder, 'chart.bin')
  expect(await save(`/api/files/${file}`, '../../chart\u202Enib.exe', to)).toBe(true)
  expect(readFileSync(to).equals(content)).toBe(true)
  // the suggested name cannot leave the folder, and keeps its extension
  const [saveDialog] = await app.calls('dialog.showSaveDialog')
  const { defaultPath } = saveDialog?.args[0] as { defaultPath: string }
  expect(path.basename(defaultPath)).not.toMatch(/[\u202E/\\]/)
  expect(path.dirname(defaultPath)).toBe(
    await app.evaluate(({ app: one }) => one.getPath('downloads') as string),
  )

  // the user cancels; the file does not exist; the same folder is suggested again
  expect(await save(`/api/files/${file}`, 'x', undefined)).toBe(false)
  const nothing = path.join(folder, 'nothing')
  expect(await save('/api/files/AAAAAAAAAAAAAAAAAAAAAA', 'x', nothing)).toMatchObject({ code: 'not_found' })
  const last = (await app.calls('dialog.showSaveDialog')).at(-1)
  expect(path.dirname((last?.args[0] as { defaultPath: string }).defaultPath)).toBe(folder)
  // a folder that does not exist
  expect(await save(`/api/files/${file}`, 'x', path.join(folder, 'no', 'such', 'folder'))).toMatchObject({
    message: 'This folder does not exist any more. Choose another one.',
  })
  expect(existsSync(nothing)).toBe(false)
  expect(readdirSync(folder)).toEqual(['chart.bin'])
})
