import { t } from '../text/t.ts'
import { isComposing } from '../ui/keys.ts'
import { dismissByPress } from '../ui/dismiss-press.ts'
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
  const within = openDialogAround(anchor) ?? document.body
  within.append(picker)
  return new Promise((resolve) => {
    let picked: string | undefined
    // The chat or the message may go while the user looks for an emoji: it would be for nothing.
    const anchorWatch = new IntersectionObserver(() => {
      if (!anchor.isConnected) picker.hidePopover()
    })
    anchorWatch.observe(anchor)
    picker.addEventListener('hb-emoji', (event) => {
      picked = (event as CustomEvent<{ emoji: string }>).detail.emoji
      picker.hidePopover()
    })
    picker.addEventListener('toggle', (event) => {
      if (event.newState === 'open') return
      const hadFocus = picker.matches(':focus-within') || document.activeElement === document.body
      anchorWatch.disconnect()
      picker.remove()
      if (hadFocus) focused?.focus()
      resolve(picked)
    })
    picker.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || isComposing(event) || !picker.matches(':popover-open')) return
      // Otherwise the dialog around it would close too.
      event.preventDefault()
      event.stopPropagation()
      picker.hidePopover()
    })
    picker.showPopover()
    dismissByPress(picker)
    placePopover(picker, anchor.getBoundingClientRect(), { side: 'above', align: 'end', gapPx: 6 })
    void picker.updateComplete.then(() => picker.focus())
  })
}

/** While a dialog is open, nothing outside of it can be used. It may be in the shadow tree of an element around. */
function openDialogAround(anchor: HTMLElement): HTMLDialogElement | undefined {
  for (let element: Element | null = anchor; element; element = parentInFlatTree(element))
    if (element instanceof HTMLDialogElement && element.open) return element
  return undefined
}

function parentInFlatTree(element: Element): Element | null {
  const { parentNode } = element
  if (element.assignedSlot) return element.assignedSlot
  return parentNode instanceof ShadowRoot ? parentNode.host : element.parentElement
}
