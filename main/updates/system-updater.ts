import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { app } from 'electron'
import type { AppUpdater } from 'electron-updater'
import type { FeedInstaller } from './hub-packages.ts'
import type { UpdateSource } from './update-checker.ts'

/** Releases in the internet. electron-updater is loaded when it is first needed. */
export function internetReleases(isAutomatic: () => boolean): UpdateSource {
  return {
    isAutomatic,
    find: async () => {
      const updater = await loadUpdater()
      const result = await updater.checkForUpdates()
      if (!result?.isUpdateAvailable) return undefined
      return {
        version: result.updateInfo.version,
        download: async () => void (await updater.downloadUpdate()),
        install: () => installNow(updater),
      }
    },
  }
}

export const feedInstaller: FeedInstaller = {
  downloadFrom: async (feedUrl, version) => {
    const updater = await loadUpdater()
    if (!app.isPackaged) useDevelopmentFile(updater)
    updater.setFeedURL({ provider: 'generic', url: feedUrl, channel: 'latest' })
    // the feed has only the whole package
    updater.disableDifferentialDownload = true
    try {
      const result = await updater.checkForUpdates()
      if (!result?.isUpdateAvailable || result.updateInfo.version !== version) {
        throw new Error('the updater does not take the package')
      }
      const [file] = await updater.downloadUpdate()
      if (file === undefined) throw new Error('the updater has no file')
      return file
    } finally {
      updater.disableDifferentialDownload = false
      if (app.isPackaged) useInternet(updater)
      else updater.forceDevUpdateConfig = false
    }
  },
  install: async () => installNow(await loadUpdater()),
}

/** How this app was installed, as electron-updater finds out; undefined if it cannot update. */
export function installedKind(): string | undefined {
  if (process.platform === 'win32') return 'nsis'
  if (process.platform === 'darwin') return 'zip'
  try {
    return readFileSync(path.join(process.resourcesPath, 'package-type'), 'utf8').trim()
  } catch {
    return process.env['APPIMAGE'] === undefined ? undefined : 'AppImage'
  }
}

async function loadUpdater(): Promise<AppUpdater> {
  const { default: updater } = await import('electron-updater')
  const { autoUpdater } = updater
  autoUpdater.autoDownload = false
  autoUpdater.autoInstallOnAppQuit = false
  return autoUpdater
}

/** The setter forgets an earlier feed. */
function useInternet(updater: AppUpdater): void {
  updater.updateConfigPath = path.join(process.resourcesPath, 'app-update.yml')
}

/** The packer writes this file. From the sources there is none, and the updater does nothing without it. */
function useDevelopmentFile(updater: AppUpdater): void {
  const file = path.join(app.getPath('userData'), 'dev-app-update.yml')
  writeFileSync(
    file,
    'provider: generic\nurl: http://127.0.0.1:9/\nupdaterCacheDirName: hubbub-development\n',
  )
  updater.updateConfigPath = file
  updater.forceDevUpdateConfig = true
}

/** macOS unpacks the new version first, and may refuse it then. */
const installTimeoutMs = 60_000

/** A failure is an event, such as a password for the installation that the user does not give. */
function installNow(updater: AppUpdater): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (hasStarted: boolean): void => {
      clearTimeout(timeout)
      updater.off('error', fail)
      resolve(hasStarted)
    }
    const fail = (): void => end(false)
    // normally the app has ended long before
    const timeout = setTimeout(end, installTimeoutMs, true)
    updater.on('error', fail)
    updater.quitAndInstall()
  })
}
