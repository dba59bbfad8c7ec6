// The driver of the real Electron, at work on the stand-in: with the command line and the output of Electron, Playwright
// takes it for one. What the stand-in records by itself is what the recorder has to see.
import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { newDataDir } from '../support/data-dir.ts'
import { waitFor } from '../support/wait-for.ts'
import { itOnStandIn, launchApp, launchProcess, runAppToExit } from './driver.ts'
import type { RecordedCall } from './stand-in/call-recorder.ts'

/** From now on the driver takes the stand-in for the Electron that is installed. */
function installAsElectron(): void {
  const program = path.join(newDataDir(), 'electron')
  const main = path.join(import.meta.dirname, 'stand-in', 'as-electron.ts')
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' --inspect=0 '${main}' "$@"\n`)
  chmodSync(program, 0o755)
  process.env['HUBBUB_ELECTRON'] = program
  onTestFinished(() => void delete process.env['HUBBUB_ELECTRON'])
}

itOnStandIn('starts, evaluates, records and quits through Playwright', async () => {
  installAsElectron()
  const app = await launchApp()
  expect(app.kind).toBe('electron')
  expect(await app.evaluate(() => process.pid)).toBe(app.pid)
  await app.page.getByTestId('welcome-join').waitFor()
  await app.evaluate(({ dialog }) => void dialog.answers.push({ canceled: false, filePaths: ['/no/backup'] }))
  await app.page.evaluate(() => window.hubbub?.host.restore().catch(() => undefined))
  await app.page.evaluate(() => window.hubbub?.shell.openExternal('https://example.org/'))
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].hide())
  const shown = await app.calls('dialog.showOpenDialog')
  expect(shown).toMatchObject([{ args: [{ title: 'Choose a backup of a hub' }] }])
  expect(await app.calls('shell.openExternal')).toEqual([
    { what: 'shell.openExternal', args: ['https://example.org/'] },
  ])
  // what passes on to the original is recorded by both, and equally
  const own = await app.evaluate(
    (electron) => electron.calls.filter(({ what }: RecordedCall) => what === 'window.hide') as RecordedCall[],
  )
  expect(await app.calls('window.hide')).toEqual(own)
  await expect(app.calls('Tray')).rejects.toThrow('Tray is not recorded here')
  expect(await app.quit()).toBe(0)
})

itOnStandIn('starts a second instance, and ends the first as a power cut does', async () => {
  installAsElectron()
  const first = await launchProcess()
  expect(await runAppToExit({ userData: first.userData })).toBe(0)
  await first.kill()
  await waitFor(() => expect(() => process.kill(first.pid, 0)).toThrow())
})
