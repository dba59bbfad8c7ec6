import { dialog, type BrowserWindow } from 'electron'
import { labels } from '../text.ts'

/**
 * Asks whether to leave a page that wants to stay, as a browser does. Electron asks nothing: the window would not
 * close, and nothing would say why. Synchronous, since the answer is needed before the event returns.
 */
export function confirmLeave(window: BrowserWindow): boolean {
  const answer = dialog.showMessageBoxSync(window, {
    type: 'question',
    title: labels.app,
    message: labels.leavePage,
    detail: labels.leavePageDetail,
    buttons: [labels.leave, labels.stay],
    defaultId: 1,
    cancelId: 1,
  })
  return answer === 0
}
