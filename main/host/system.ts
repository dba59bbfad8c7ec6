// What hosting needs of Electron, behind the small interfaces of the plain part.
import path from 'node:path'
import { app, dialog, powerSaveBlocker, shell, utilityProcess, type BrowserWindow } from 'electron'
import type { FromHostedHub } from '../../shared/hosting.ts'
import { ShellError } from '../shell-error.ts'
import { autostart, type Autostart } from './autostart.ts'
import type { PowerBlocker } from './power.ts'
import type { QuitAnswer, QuitQuestion } from './quit.ts'
import type { HubSpawner } from './supervisor.ts'

/** `program`: the hub, as it was built. */
export function hubSpawner(program: string): HubSpawner {
  return {
    spawn: ({ message, exit }) => {
      const child = utilityProcess.fork(program, [], { serviceName: 'Hubbub hub', stdio: 'ignore' })
      child.on('message', (said) => message(said as FromHostedHub))
      child.on('exit', (code) => exit(code))
      return {
        send: (said) => child.postMessage(said),
        kill: () => void child.kill(),
      }
    },
  }
}

export const powerBlocker: PowerBlocker = {
  start: () => powerSaveBlocker.start('prevent-app-suspension'),
  stop: (id) => void powerSaveBlocker.stop(id),
}

export async function chooseFolder(
  window: BrowserWindow | undefined,
  present: string,
): Promise<string | undefined> {
  const options = {
    title: 'Where the hub keeps everything',
    defaultPath: path.dirname(present),
    buttonLabel: 'Use this folder',
    properties: ['openDirectory' as const, 'createDirectory' as const],
  }
  const { canceled, filePaths } = window
    ? await dialog.showOpenDialog(window, options)
    : await dialog.showOpenDialog(options)
  return canceled ? undefined : filePaths[0]
}

export async function openFile(file: string): Promise<void> {
  const problem = await shell.openPath(file)
  if (problem !== '') {
    throw new ShellError('not_found', `The log could not be opened. It is ${file}.`)
  }
}

export async function askPerson(
  window: BrowserWindow | undefined,
  { message, detail, buttons, cancel }: QuitQuestion,
): Promise<QuitAnswer> {
  const options = {
    type: 'question' as const,
    message,
    detail,
    buttons: buttons.map(({ label }) => label),
    defaultId: 0,
    cancelId: buttons.findIndex(({ answer }) => answer === cancel),
  }
  const { response } = window
    ? await dialog.showMessageBox(window, options)
    : await dialog.showMessageBox(options)
  return buttons[response]?.answer ?? cancel
}

export function systemAutostart(): Autostart {
  const { env } = process
  const xdg = env['XDG_CONFIG_HOME']
  return autostart({
    platform: process.platform,
    loginItems: {
      get: () => app.getLoginItemSettings({ args: ['--hidden'] }).openAtLogin,
      set: (open) => app.setLoginItemSettings({ openAtLogin: open, args: ['--hidden'] }),
    },
    configDir: xdg && path.isAbsolute(xdg) ? xdg : path.join(app.getPath('home'), '.config'),
    program: env['APPIMAGE'] ?? app.getPath('exe'),
  })
}
