import { EventEmitter } from 'node:events'
import { recordCall } from './call-recorder.ts'

type SessionHandler = ((...args: never[]) => unknown) | null

/** The handlers the app has set, for specs to call: no prompt of Chromium can be answered from a test. */
export const sessionHandlers: Record<string, SessionHandler> = {}

const storeHandler =
  (name: string) =>
  (handler: SessionHandler): void =>
    void (sessionHandlers[name] = handler)

export const session = Object.assign(new EventEmitter(), {
  handlers: sessionHandlers,
  setPermissionRequestHandler: storeHandler('permissionRequest'),
  setPermissionCheckHandler: storeHandler('permissionCheck'),
  setDevicePermissionHandler: storeHandler('device'),
  setDisplayMediaRequestHandler: storeHandler('displayMedia'),
  setCertificateVerifyProc: storeHandler('certificateVerify'),
  setSpellCheckerLanguages: (languages: string[]) =>
    recordCall('session.setSpellCheckerLanguages', languages),
  setSpellCheckerEnabled: (on: boolean) => recordCall('session.setSpellCheckerEnabled', on),
  setSpellCheckerDictionaryDownloadURL: (url: string) =>
    recordCall('session.setSpellCheckerDictionaryDownloadURL', url),
  addWordToSpellCheckerDictionary: (word: string) => {
    recordCall('session.addWordToSpellCheckerDictionary', word)
    return true
  },
  availableSpellCheckerLanguages: ['en-GB', 'de'],
  webRequest: { onBeforeRequest: () => undefined, onHeadersReceived: () => undefined },
  clearCache: async () => undefined,
  flushStorageData: () => undefined,
})
