import type { Updater } from './update-checker.ts'

/** electron-updater, loaded when it is first needed. Its downloads are signed only if the release is. */
export const systemUpdater: Updater = {
  findNewerVersion: async () => {
    const { autoUpdater } = await loadAutoUpdater()
    const result = await autoUpdater.checkForUpdates()
    return result?.isUpdateAvailable ? result.updateInfo.version : undefined
  },
  download: async () => {
    const { autoUpdater } = await loadAutoUpdater()
    await autoUpdater.downloadUpdate()
  },
  quitAndInstall: () => void loadAutoUpdater().then(({ autoUpdater }) => autoUpdater.quitAndInstall()),
}

async function loadAutoUpdater() {
  const { default: updater } = await import('electron-updater')
  updater.autoUpdater.autoDownload = false
  updater.autoUpdater.autoInstallOnAppQuit = false
  return updater
}
