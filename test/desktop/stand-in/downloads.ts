import type { EventEmitter } from 'node:events'
import { recordCall } from './call-recorder.ts'
import type { CdpClient } from './cdp.ts'
import { fromVirtualUrl } from './protocol.ts'
import { session } from './session.ts'

/** What a listener of `will-download` gets. */
export class DownloadItem {
  readonly #url: string
  readonly #name: string
  #dialogOptions: object | undefined

  constructor(url: string, name: string) {
    const isBlob = url.startsWith('blob:')
    this.#url = (isBlob ? 'blob:' : '') + fromVirtualUrl(isBlob ? url.slice('blob:'.length) : url)
    this.#name = name
  }

  getURL(): string {
    return this.#url
  }
  getFilename(): string {
    return this.#name
  }
  setSaveDialogOptions(options: object): void {
    this.#dialogOptions = options
  }
  getSaveDialogOptions(): object {
    return this.#dialogOptions ?? {}
  }
}

/** Emits `will-download` for each download of a page. Nothing is written: no dialog can be answered here. */
export async function followDownloads(
  cdp: CdpClient,
  targetId: string,
  contents: EventEmitter,
): Promise<void> {
  interface Download {
    frameId: string
    url: string
    suggestedFilename: string
  }
  cdp.on('', 'Browser.downloadWillBegin', ({ frameId, url, suggestedFilename }: Download) => {
    if (frameId !== targetId) return
    let isPrevented = false
    const item = new DownloadItem(url, suggestedFilename)
    session.emit('will-download', { preventDefault: () => (isPrevented = true) }, item, contents)
    recordCall('download', item.getURL(), isPrevented ? 'prevented' : item.getSaveDialogOptions())
  })
  await cdp.send('Browser.setDownloadBehavior', { behavior: 'deny', eventsEnabled: true })
}
