// The order matters: everything up to the lock has to happen before Electron is ready. Nothing is awaited here, since
// Electron waits until this file has run.
import path from 'node:path'
import { app, crashReporter, protocol } from 'electron'
import { OpenRequests } from './links/open-requests.ts'
import { start } from './start.ts'

// macOS emits both before the app is ready, and only once
const openRequests = new OpenRequests()
app.on('open-url', (event, url) => {
  event.preventDefault()
  openRequests.add({ url })
})
app.on('open-file', (event, file) => {
  event.preventDefault()
  openRequests.add({ file })
})

app.setName('Hubbub')
if (process.platform === 'win32') app.setAppUserModelId('org.hubbub.desktop')
const userData = app.commandLine.getSwitchValue('user-data-dir')
if (userData !== '') app.setPath('userData', path.resolve(userData))
app.enableSandbox()
protocol.registerSchemesAsPrivileged([
  {
    scheme: 'app',
    privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
  },
])
crashReporter.start({ uploadToServer: false })

if (app.requestSingleInstanceLock()) {
  void app.whenReady().then(() => start(openRequests))
} else {
  // the first instance opens its window and gets this one's arguments
  app.quit()
}
