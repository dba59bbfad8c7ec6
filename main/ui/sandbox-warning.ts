import { app, dialog } from 'electron'
import type { Log } from '../ports.ts'
import type { SettingsStore } from '../settings.ts'
import { labels } from '../text.ts'

/**
 * The launcher of an AppImage switches the sandbox off, and says nothing, where the system forbids user namespaces. The app
 * then starts only if the user wants that, who is asked once. Resolves with false if it must not start.
 */
export async function mayRun(settings: SettingsStore, log: Log): Promise<boolean> {
  if (!app.isPackaged || !app.commandLine.hasSwitch('no-sandbox')) return true
  log.warn('there is no sandbox', { accepted: settings.current.acceptsNoSandbox })
  if (settings.current.acceptsNoSandbox) return true
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    title: labels.app,
    message: labels.noSandbox,
    detail: labels.noSandboxDetail,
    buttons: [labels.quit, labels.runWithoutSandbox],
    defaultId: 0,
    cancelId: 0,
  })
  if (response === 1) settings.record({ acceptsNoSandbox: true })
  return response === 1
}
