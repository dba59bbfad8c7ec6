import type { Timeline } from '../state/timeline.ts'
import { t } from '../text/t.ts'
import { errorMessage } from '../ui/error-message.ts'
import { notify } from '../ui/hb-toasts.ts'

/** Shows a message of a timeline. A toast tells the user if it no longer exists, or cannot be loaded. */
export async function showMessage(from: HTMLElement, timeline: Timeline, no: number): Promise<void> {
  try {
    const exists = await timeline.showAround(no)
    if (!exists) notify(from, { text: t('actions.gone') })
  } catch (error) {
    notify(from, { text: errorMessage(error), tone: 'danger' })
  }
}
