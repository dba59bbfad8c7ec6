import { dialog } from 'electron'
import { words } from '../text.ts'

/** Answers whether to install it now. */
export async function offerUpdate(version: string): Promise<boolean> {
  const { response } = await dialog.showMessageBox({
    type: 'info',
    title: words.app,
    message: words.updateThere(version),
    detail: words.updateDetail,
    buttons: [words.updateNow, words.later],
    defaultId: 1,
    cancelId: 1,
  })
  return response === 0
}

export function tellUpdate(what: 'newest' | 'unreachable' | 'failed'): void {
  const message = {
    newest: words.isNewest,
    unreachable: words.releasesUnreachable,
    failed: words.updateFailed,
  }[what]
  void dialog.showMessageBox({ type: what === 'newest' ? 'info' : 'warning', title: words.app, message })
}
