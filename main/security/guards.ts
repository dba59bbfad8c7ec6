import { shell, type Session, type WebContents } from 'electron'
import { isAppPage } from '../ipc/router.ts'
import { externalUrl } from './external.ts'
import { isPermissionAllowed } from './permissions.ts'

/** Blocks the session from the network and denies permissions. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(isPermissionAllowed(permission, details.requestingUrl)),
  )
  session.setPermissionCheckHandler((_contents, permission, origin) =>
    isPermissionAllowed(permission, origin),
  )
  session.setDevicePermissionHandler(() => false)
  // the page is loaded from disk and main connects to the hubs: a certificate check here is never ours
  session.setCertificateVerifyProc((_request, answer) => answer(-2))
  session.setSpellCheckerLanguages([])
}

/** Keeps a window on our page. Other addresses open in the browser after a check, or not at all. */
export function guardContents(contents: WebContents): void {
  const stay = (event: { preventDefault: () => void }, url: string): void => {
    if (!isAppPage({ url, isTopFrame: true })) event.preventDefault()
  }
  contents.on('will-navigate', (event) => stay(event, event.url))
  contents.on('will-redirect', (event) => stay(event, event.url))
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    const outside = externalUrl(url)
    if (outside !== undefined) void shell.openExternal(outside)
    return { action: 'deny' }
  })
}
