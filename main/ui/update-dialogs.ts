import { dialog } from 'electron'
import { labels } from '../text.ts'

/** Returns true if the user wants to install it now. */
export async function confirmUpdate({
  version,
  hubName,
}: {
  version: string
  hubName?: string
}): Promise<boolean> {
  const { response } = await dialog.showMessageBox({
    type: 'info',
    title: labels.app,
    message: hubName === undefined ? labels.updateThere(version) : labels.updateFromHub(version, hubName),
    detail: hubName === undefined ? labels.updateDetail : labels.updateFromHubDetail,
    buttons: [labels.updateNow, labels.later],
    defaultId: 1,
    cancelId: 1,
  })
  return response === 0
}

export function showUpdateResult(result: 'newest' | 'unreachable' | 'failed' | 'busy'): void {
  const message = {
    newest: labels.isNewest,
    unreachable: labels.releasesUnreachable,
    failed: labels.updateFailed,
    busy: labels.updateBusy,
  }[result]
  const isProblem = result === 'unreachable' || result === 'failed'
  void dialog.showMessageBox({ type: isProblem ? 'warning' : 'info', title: labels.app, message })
}
