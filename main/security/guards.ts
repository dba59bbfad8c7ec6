import { shell, type Session, type WebContents } from 'electron'
import { isAppPage } from '../ipc/router.ts'
import { externalUrl } from './external.ts'
import { isPermissionAllowed } from './permissions.ts'

/** Keeps the session from connecting to hubs, and from being granted permissions that are not listed. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, respond, details) =>
    respond(isPermissionAllowed(permission, details.requestingUrl)),
  )
  session.setPermissionCheckHandler((_contents, permission, origin) =>
    isPermissionAllowed(permission, origin),
  )
  session.setDevicePermissionHandler(() => false)
  // the page is loaded from disk and main connects to the hubs: a certificate check here is never ours
  session.setCertificateVerifyProc((_request, respond) => respond(-2))
  session.setSpellCheckerLanguages([])
}

/** Keeps a window on our page. Other addresses open in the browser after a check, or not at all. */
export function guardContents(contents: WebContents): void {
  const keepOnPage = (event: { preventDefault: () => void }, url: string): void => {
    if (!isAppPage({ url, isTopFrame: true })) event.preventDefault()
  }
  contents.on('will-navigate', (event) => keepOnPage(event, event.url))
  contents.on('will-redirect', (event) => keepOnPage(event, event.url))
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    const external = externalUrl(url)
    if (external !== undefined) void shell.openExternal(external)
    return { action: 'deny' }
  })
}
