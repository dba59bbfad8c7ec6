import { app, shell, type Session, type WebContents } from 'electron'
import { isAppPage } from '../ipc/router.ts'
import { externalUrl } from './external.ts'
import { isPermissionAllowed } from './permissions.ts'
import { splitHubPath } from '../../shared/desktop.ts'

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
  // No dictionary is downloaded: this address has none. Chromium requests it only if the system has no dictionary.
  session.setSpellCheckerDictionaryDownloadURL('app://hubbub/dictionaries/')
  session.setSpellCheckerLanguages([])
}

/**
 * Checks spelling with the dictionaries of the system. Linux has none: there Chromium would download them from Google,
 * so nothing is checked.
 */
export function setSpellCheck(session: Session, isEnabled: boolean): void {
  const isPossible = isEnabled && process.platform !== 'linux'
  session.setSpellCheckerEnabled(isPossible)
  if (process.platform !== 'win32') return
  const known = new Set(session.availableSpellCheckerLanguages)
  const wanted = isPossible ? app.getPreferredSystemLanguages() : []
  // the system may name a variant, such as de-AT, of a language that is listed without
  const languages = wanted.flatMap(
    (tag) => [tag, tag.split('-', 1)[0] ?? tag].find((one) => known.has(one)) ?? [],
  )
  session.setSpellCheckerLanguages([...new Set(languages)])
}

/** Keeps a window on our page. Other addresses open in the browser after a check, or not at all. */
export function guardContents(contents: WebContents): void {
  const keepOnPage = (event: { preventDefault: () => void }, url: string): void => {
    if (!isAppPage({ url, isTopFrame: true }) || isHubContent(url)) event.preventDefault()
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

/** A file or a response of a hub, which must not replace the page. */
function isHubContent(url: string): boolean {
  return splitHubPath(new URL(url).pathname)?.rest.startsWith('/api/') === true
}
