import { app, dialog } from 'electron'
import type { SettingsStore } from '../settings.ts'
import { labels } from '../text.ts'

/**
 * The launcher of an AppImage switches the sandbox off, and says nothing, where the system forbids user namespaces. A
 * dialog says it once.
 */
export function warnWithoutSandbox(settings: SettingsStore): void {
  if (!app.isPackaged || !app.commandLine.hasSwitch('no-sandbox')) return
  if (settings.current.knowsNoSandbox) return
  settings.change({ knowsNoSandbox: true })
  void dialog.showMessageBox({
    type: 'warning',
    title: labels.app,
    message: labels.noSandbox,
    detail: labels.noSandboxDetail,
  })
}
