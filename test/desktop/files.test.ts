// Files that leave the app, and the mark they carry.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { markAsDownloaded } from '../../main/ui/origin-mark.ts'
import { AppWindow } from '../support/app-window.ts'
import { newDataDir } from '../support/data-dir.ts'
import { uploadFile } from '../support/tus.ts'
import { waitFor } from '../support/wait-for.ts'
import { launchApp, itOnStandIn } from './driver.ts'
import { createTeam, joinHub } from './world.ts'

itOnStandIn(
  'a file is saved by the shell, what the page made by a download, and nothing else is downloaded',
  async () => {
    const { hub, owner } = await createTeam('North', 'harbour')
    const bytes = Buffer.from('soundings of the bay')
    const file = await uploadFile(hub.url, owner.token, { name: 'chart.bin', bytes })
    const chat = await owner.createGroup('charts')
    await owner.request('messages.send', {
      ...{ chatId: chat.id, cid: crypto.randomUUID(), text: '', attachments: [file] },
    })
    const app = await launchApp()
    const { page } = app
    await joinHub(page, hub)
    await AppWindow.fromPage(page).logIn('olga')
    await AppWindow.fromPage(page).openChat('charts')
    const to = path.join(newDataDir(), 'chart.bin')
    const answer = (answer: object) =>
      app.evaluate(({ dialog }, given) => void dialog.answers.push(given), answer)
    await answer({ canceled: false, filePath: to })
    await page.locator('a.card').click()
    await waitFor(() => expect(readFileSync(to).equals(bytes)).toBe(true))
    expect((await app.calls('dialog.showSaveDialog'))[0]?.args[0]).toMatchObject({ title: 'Save file' })

    // a folder that is gone: the page says so
    await answer({ canceled: false, filePath: path.join(to, 'no', 'such', 'folder') })
    await page.locator('a.card').click()
    await page
      .locator('hb-toasts')
      .getByText('This folder does not exist any more. Choose another one.')
      .waitFor()
    expect(await app.calls('download')).toEqual([])

    // what the page made itself gets a title and a folder; an address of the app is not downloaded
    const press = (href: string | undefined, name: string) =>
      page.evaluate(
        ([address, download]) => {
          const href = address ?? URL.createObjectURL(new Blob(['the key']))
          Object.assign(document.createElement('a'), { href, download }).click()
        },
        [href, name] as const,
      )
    await press(undefined, 'recovery-key.txt')
    await waitFor(async () => expect(await app.calls('download')).toHaveLength(1))
    await press('/index.html', 'index.html')
    await waitFor(async () => expect(await app.calls('download')).toHaveLength(2))
    const downloads = (await app.calls('download')).map(({ args }) => args)
    expect(downloads).toEqual([
      [
        expect.stringMatching(/^blob:app:\/\/hubbub\//),
        {
          title: 'Save file',
          defaultPath: path.join(app.userData, 'places', 'downloads', 'recovery-key.txt'),
        },
      ],
      ['app://hubbub/index.html', 'prevented'],
    ])
    // a file of a hub never takes the place of the page
    const before = page.url()
    await page.evaluate((address) => (location.href = address), `/hub/${hub.hub.hubId}/api/files/${file}`)
    await page.getByRole('textbox', { name: /^Message / }).waitFor()
    expect(page.url()).toBe(before)
    expect(await app.quit()).toBe(0)
  },
)

it('marks a saved file as from outside on Windows and macOS, and keeps it if the disk cannot', async () => {
  const file = path.join(newDataDir(), 'setup.exe')
  writeFileSync(file, 'x')
  const runs: string[][] = []
  const run = async (program: string, args: string[]) => runs.push([program, ...args])
  await markAsDownloaded(file, 'win32', run)
  expect(readFileSync(`${file}:Zone.Identifier`, 'utf8')).toBe('[ZoneTransfer]\r\nZoneId=3\r\n')
  await markAsDownloaded(file, 'darwin', run)
  expect(runs).toEqual([
    [
      ...['/usr/bin/xattr', '-w', 'com.apple.quarantine'],
      expect.stringMatching(/^0081;[0-9a-f]+;Hubbub;$/),
      file,
    ],
  ])
  await markAsDownloaded(file, 'linux', () => Promise.reject(new Error('not here')))
  mkdirSync(`${file}2:Zone.Identifier`)
  await markAsDownloaded(`${file}2`, 'win32', run)
  await markAsDownloaded(file, 'darwin', () => Promise.reject(new Error('FAT')))
})
