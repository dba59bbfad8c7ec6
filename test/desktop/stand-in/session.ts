import { record } from './record.ts'

type Handler = ((...args: never[]) => unknown) | null

/** The handlers the app has set, for specs to ask: no prompt of Chromium can be answered from outside. */
export const sessionHandlers: Record<string, Handler> = {}

const keep =
  (name: string) =>
  (handler: Handler): void =>
    void (sessionHandlers[name] = handler)

export const session = {
  handlers: sessionHandlers,
  setPermissionRequestHandler: keep('permissionRequest'),
  setPermissionCheckHandler: keep('permissionCheck'),
  setDevicePermissionHandler: keep('device'),
  setDisplayMediaRequestHandler: keep('displayMedia'),
  setCertificateVerifyProc: keep('certificateVerify'),
  setSpellCheckerLanguages: (languages: string[]) => record('session.setSpellCheckerLanguages', languages),
  setSpellCheckerEnabled: (on: boolean) => record('session.setSpellCheckerEnabled', on),
  availableSpellCheckerLanguages: ['en-GB', 'de'],
  on: () => undefined,
  webRequest: { onBeforeRequest: () => undefined, onHeadersReceived: () => undefined },
  clearCache: async () => undefined,
  flushStorageData: () => undefined,
}
