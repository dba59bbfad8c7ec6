import type { Updater } from './updates.ts'

/** electron-updater, loaded when it is first needed. What it is given is signed or not as the release is. */
export const systemUpdater: Updater = {
  newest: async () => {
    const { autoUpdater } = await load()
    const result = await autoUpdater.checkForUpdates()
    return result?.isUpdateAvailable ? result.updateInfo.version : undefined
  },
  install: async () => {
    const { autoUpdater } = await load()
    await autoUpdater.downloadUpdate()
    autoUpdater.quitAndInstall()
  },
}

async function load() {
  const { default: updater } = await import('electron-updater')
  updater.autoUpdater.autoDownload = false
  updater.autoUpdater.autoInstallOnAppQuit = false
  return updater
}
