import { app, dialog } from 'electron'
import type { Log } from '../ports.ts'
import { labels } from '../text.ts'

/**
 * Says why the app does not start, and ends it: without a window it would run on unseen, and every other start would only
 * hand over to it.
 */
export function endWithStartProblem(error: unknown, log: Log): void {
  log.error('the app could not start', { error })
  const reason = error instanceof Error ? error.message : String(error)
  dialog.showErrorBox(labels.startProblem, labels.startProblemDetail(app.getPath('userData'), reason))
  app.exit(1)
}
