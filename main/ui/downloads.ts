import path from 'node:path'
import { app, type Session } from 'electron'
import { sanitizeFileName } from '../../shared/text/file-names.ts'
import { labels } from '../text.ts'

/**
 * Downloads that the page starts by itself: only what it made, such as the file with a recovery key. Files of hubs go
 * through save-as.ts; a download of one would show its address as the title of the dialog.
 */
export function guardDownloads(session: Session): void {
  session.on('will-download', (event, item) => {
    if (!item.getURL().startsWith('blob:app://hubbub/')) return event.preventDefault()
    item.setSaveDialogOptions({
      title: labels.saveFile,
      defaultPath: path.join(app.getPath('downloads'), sanitizeFileName(item.getFilename())),
    })
  })
}
