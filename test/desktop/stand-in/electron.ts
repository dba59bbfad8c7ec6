// The exports an `import … from 'electron'` of the app gets under the stand-in.
export { app } from './app.ts'
export { ipcMain, MessagePortMain } from './ipc.ts'
export { net } from './net.ts'
export { protocol } from './protocol.ts'
export { calls } from './call-recorder.ts'
export {
  autoUpdater,
  clipboard,
  crashReporter,
  dialog,
  globalShortcut,
  Menu,
  MenuItem,
  nativeImage,
  nativeTheme,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  safeStorage,
  screen,
  shell,
  systemPreferences,
  Tray,
} from './system.ts'
export { utilityProcess } from './utility-process.ts'
export { BaseWindow, BrowserWindow } from './windows.ts'
import { session as defaultSession } from './session.ts'

export const session = {
  defaultSession,
  fromPartition: (_partition: string, _options?: object) => defaultSession,
}
