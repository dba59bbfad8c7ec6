import { t } from '../text/t.ts'
import { deepActiveElement, holdKeysWhile } from '../ui/focus.ts'
import { notify } from '../ui/hb-toasts.ts'
import { placePopover } from '../ui/place-popover.ts'

/**
 * Opens the picker next to `anchor`. Returns the picked emoji, or undefined if the picker was closed without a
 * choice. The focus returns to where it was.
 */
export async function pickEmoji(anchor: HTMLElement): Promise<string | undefined> {
  try {
    await holdKeysWhile(import('./hb-emoji-picker.ts'))
  } catch {
    notify(anchor, { text: t('shell.notHere'), tone: 'danger' })
    return undefined
  }
  const picker = document.createElement('hb-emoji-picker')
  const focused = deepActiveElement()
  picker.popover = 'auto'
  picker.id = 'emoji-picker'
  picker.role = 'dialog'
  picker.ariaLabel = t('emoji.title')
  // While a dialog is open, nothing outside of it can be used.
  const within = anchor.closest('dialog[open]') ?? document.body
  within.append(picker)
  return new Promise((resolve) => {
    let picked: string | undefined
    picker.addEventListener('hb-emoji', (event) => {
      picked = (event as CustomEvent<{ emoji: string }>).detail.emoji
      picker.hidePopover()
    })
    picker.addEventListener('toggle', (event) => {
      if (event.newState === 'open') return
      const hadFocus = picker.matches(':focus-within') || document.activeElement === document.body
      picker.remove()
      if (hadFocus) focused?.focus()
      resolve(picked)
    })
    picker.showPopover()
    placePopover(picker, anchor.getBoundingClientRect(), { side: 'above', align: 'end', gapPx: 6 })
    void picker.updateComplete.then(() => picker.focus())
  })
}
