// The Electron parts of hosting, behind the small interfaces that the plain Node code uses.
import path from 'node:path'
import { app, dialog, powerSaveBlocker, shell, utilityProcess, type BrowserWindow } from 'electron'
import type { FromHubProcess } from '../../shared/hub-process-messages.ts'
import type { Log } from '../ports.ts'
import { ShellError } from '../shell-error.ts'
import { createAutostart, type Autostart } from './autostart.ts'
import type { FolderQuestion } from './folder-question.ts'
import type { PowerSaveBlocker } from './sleep-blocker.ts'
import type { QuitQuestion } from './quit-question.ts'
import type { HubSpawner } from './supervisor.ts'
import { backupFileName, readBackupInfo, restoreDetail } from './backup-info.ts'

/** `program`: the path of the built hub. */
export function createHubSpawner(program: string, log: Log): HubSpawner {
  return {
    spawn: ({ message, exit }) => {
      const child = utilityProcess.fork(program, [], { serviceName: 'Hubbub hub', stdio: 'ignore' })
      child.on('message', (received) => message(received as FromHubProcess))
      // V8 ran out of memory; `exit` follows. The third argument, a report with the environment, is not for the log.
      child.on('error', (type, location) => log.error('the hub process failed', { type, location }))
      child.on('exit', (code) => exit(code))
      return {
        send: (outgoing) => child.postMessage(outgoing),
        kill: () => void child.kill(),
      }
    },
  }
}

export const powerBlocker: PowerSaveBlocker = {
  start: () => powerSaveBlocker.start('prevent-app-suspension'),
  stop: (id) => void powerSaveBlocker.stop(id),
}

export async function chooseDataDir(
  window: BrowserWindow | undefined,
  present: string,
): Promise<string | undefined> {
  const options = {
    title: 'Folder for the hub’s data',
    defaultPath: path.dirname(present),
    buttonLabel: 'Use this folder',
    properties: ['openDirectory' as const, 'createDirectory' as const],
  }
  const { canceled, filePaths } = window
    ? await dialog.showOpenDialog(window, options)
    : await dialog.showOpenDialog(options)
  return canceled ? undefined : filePaths[0]
}

export async function confirmDataDir(
  window: BrowserWindow | undefined,
  { message, detail, action }: FolderQuestion,
): Promise<boolean> {
  const options = {
    type: 'question' as const,
    message,
    detail,
    buttons: [action, 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  }
  const { response } = window
    ? await dialog.showMessageBox(window, options)
    : await dialog.showMessageBox(options)
  return response === 0
}

export async function chooseBackup(window: BrowserWindow | undefined): Promise<string | undefined> {
  const options = {
    title: 'Choose a backup of a hub',
    buttonLabel: 'Restore',
    properties: ['openFile' as const],
    filters: [
      { name: 'Backups of a hub', extensions: ['hubbub'] },
      { name: 'All files', extensions: ['*'] },
    ],
  }
  const { canceled, filePaths } = window
    ? await dialog.showOpenDialog(window, options)
    : await dialog.showOpenDialog(options)
  return canceled ? undefined : filePaths[0]
}

export async function chooseBackupDestination(
  window: BrowserWindow | undefined,
  hub: string,
): Promise<string | undefined> {
  const options = {
    title: 'Save the backup as',
    defaultPath: path.join(app.getPath('documents'), backupFileName(hub, new Date())),
    filters: [{ name: 'Backups of a hub', extensions: ['hubbub'] }],
  }
  const { canceled, filePath } = window
    ? await dialog.showSaveDialog(window, options)
    : await dialog.showSaveDialog(options)
  return canceled || !filePath ? undefined : filePath
}

/** @throws ShellError if the file is no backup: the hub that runs here goes on */
export async function confirmRestore(window: BrowserWindow | undefined, backup: string): Promise<boolean> {
  const info = await readBackupInfo(backup)
  if (!info)
    throw new ShellError(
      'conflict',
      `“${path.basename(backup)}” is not a whole backup of a hub, or cannot be read. Copy it again, or use another one. Nothing was changed.`,
    )
  const options = {
    type: 'question' as const,
    message: `Restore the hub from “${path.basename(backup)}” on this computer?`,
    detail: restoreDetail(info),
    buttons: ['Restore', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  }
  const { response } = window
    ? await dialog.showMessageBox(window, options)
    : await dialog.showMessageBox(options)
  return response === 0
}

export function showRestoreError(window: BrowserWindow | undefined, error: unknown): void {
  const options = {
    type: 'error' as const,
    message: 'The backup was not restored',
    detail: error instanceof ShellError ? error.message : 'Something went wrong in the app. Try again.',
  }
  void (window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options))
}

export async function openFile(file: string): Promise<void> {
  const problem = await shell.openPath(file)
  if (problem !== '') {
    throw new ShellError('not_found', `Could not open the log. Open this file yourself: ${file}`)
  }
}

export async function showQuitQuestion(
  window: BrowserWindow | undefined,
  { message, detail, buttons, cancelAnswer: cancel }: QuitQuestion,
): Promise<QuitQuestion['buttons'][number]['answer']> {
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
  return createAutostart({
    platform: process.platform,
    loginItems: {
      get: () => app.getLoginItemSettings({ args: ['--hidden'] }).openAtLogin,
      set: (open) => app.setLoginItemSettings({ openAtLogin: open, args: ['--hidden'] }),
      needsApproval: () =>
        process.platform === 'darwin' && app.getLoginItemSettings().status === 'requires-approval',
    },
    configDir: xdg && path.isAbsolute(xdg) ? xdg : path.join(app.getPath('home'), '.config'),
    program: env['APPIMAGE'] ?? app.getPath('exe'),
  })
}
