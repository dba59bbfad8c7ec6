import type { EventEmitter } from 'node:events'
import { recordCall } from './call-recorder.ts'
import type { CdpClient } from './cdp.ts'
import { fromVirtualUrl } from './protocol.ts'
import { session } from './session.ts'

/** Emits `will-download` for each download of a page. Nothing is written: no dialog can be answered here. */
export async function followDownloads(
  cdp: CdpClient,
  targetId: string,
  contents: EventEmitter,
): Promise<void> {
  cdp.on(
    '',
    'Browser.downloadWillBegin',
    ({ frameId, url, suggestedFilename }: { frameId: string; url: string; suggestedFilename: string }) => {
      if (frameId !== targetId) return
      let isPrevented = false
      let dialogOptions: unknown
      const item = {
        getURL: () =>
          fromVirtualUrl(url.replace(/^blob:/, '')).replace(/^/, url.startsWith('blob:') ? 'blob:' : ''),
        getFilename: () => suggestedFilename,
        setSaveDialogOptions: (options: unknown) => (dialogOptions = options),
        cancel: () => (isPrevented = true),
        on: () => undefined,
        once: () => undefined,
      }
      session.emit('will-download', { preventDefault: () => (isPrevented = true) }, item, contents)
      recordCall('download', item.getURL(), isPrevented ? 'prevented' : dialogOptions)
    },
  )
  await cdp.send('Browser.setDownloadBehavior', { behavior: 'deny', eventsEnabled: true })
}
