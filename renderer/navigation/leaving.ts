// Asks before the user leaves what the page cannot show again, such as a recovery key. `beforeunload` does so for the end
// of the page, and this for a step within it.
import { t } from '../text/t.ts'

const holds = new Set<object>()
let isAsking = false

const preventUnload = (event: BeforeUnloadEvent) => event.preventDefault()

/** What is shown would be lost. Returns a function that ends this. */
export function holdPage(): () => void {
  const hold = {}
  holds.add(hold)
  addEventListener('beforeunload', preventUnload)
  return () => {
    holds.delete(hold)
    if (holds.size === 0) removeEventListener('beforeunload', preventUnload)
  }
}

export function isPageHeld(): boolean {
  return holds.size > 0
}

/** Returns true at once if nothing would be lost. Otherwise it asks the user, and returns true if they leave all the same. */
export async function mayLeave(): Promise<boolean> {
  if (!isPageHeld()) return true
  if (isAsking) return false
  isAsking = true
  try {
    const { confirm } = await import('../ui/hb-confirm.ts')
    const leaves = await confirm({
      heading: t('leaving.title'),
      text: t('leaving.text'),
      action: t('leaving.action'),
      danger: true,
      run: () => Promise.resolve(),
    })
    // the steps that follow must not ask again
    if (leaves) holds.clear()
    return leaves
  } finally {
    isAsking = false
  }
}
