import type { LitElement, ReactiveController } from 'lit'
import type { HbSettings } from '../settings/hb-settings.ts'
import { closeSidePanel } from '../navigation/side-panel.ts'
import { isFromEdge, settle, Swipe, type Swiped } from '../ui/swipe.ts'
import { narrowQuery } from './narrow-query.ts'

/** A finger that let go after this part of the width, or that was as fast, goes back. */
const doneAtPart = 0.4
const doneAtPxPerMs = 0.5

/** What lies on top, and how it goes. */
interface Layer {
  readonly element: HTMLElement
  /** Carries the class `swiping` while what is below has to be seen. */
  readonly around: HTMLElement
  readonly goBack: () => unknown
}

/**
 * In a narrow window a finger from the edge pulls away what lies on top: a panel from its conversation, a conversation from
 * the list of chats, a section from the list of settings.
 */
export class BackSwipe implements ReactiveController {
  readonly #host: LitElement
  readonly #swipe = new Swipe((event) => this.#find(event))

  constructor(host: LitElement) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    this.#host.addEventListener('pointerdown', this.#swipe.onPointerDown)
  }

  hostDisconnected(): void {
    this.#host.removeEventListener('pointerdown', this.#swipe.onPointerDown)
    this.#swipe.cancel()
  }

  #find(event: PointerEvent): Swiped | undefined {
    const isRtl = getComputedStyle(this.#host).direction === 'rtl'
    const direction = isRtl ? -1 : 1
    if (!isFromEdge(event, isRtl) || !matchMedia(narrowQuery).matches) return undefined
    const layer = layerOf(event.composedPath())
    if (!layer) return undefined
    const { element, around, goBack } = layer
    let shownPx = 0
    const show = (px: number): void => {
      shownPx = px
      element.style.translate = px === 0 ? '' : `${px}px 0`
    }
    const finish = async (isDone: boolean): Promise<void> => {
      const widthPx = element.offsetWidth
      await settle(element, shownPx, isDone ? widthPx * direction : 0)
      around.classList.remove('swiping')
      show(0)
      if (isDone) goBack()
    }
    return {
      direction,
      start: () => around.classList.add('swiping'),
      move: (distancePx) => show(distancePx * direction),
      end: (distancePx, speed) => {
        const isFar = distancePx > element.offsetWidth * doneAtPart
        void finish(speed > doneAtPxPerMs || (isFar && speed > -doneAtPxPerMs))
      },
      cancel: () => void finish(false),
    }
  }
}

/** Nothing within a dialog or a popover: those lie over all of it. */
function layerOf(path: readonly EventTarget[]): Layer | undefined {
  const elements = path.filter((each) => each instanceof HTMLElement)
  if (elements.some((each) => each.matches('dialog, [popover]'))) return undefined
  const find = (selector: string) => elements.find((each) => each.matches(selector))
  const settings = find('hb-settings, hb-admin') as HbSettings | undefined
  if (settings) return { element: settings, around: settings, goBack: () => settings.goBack() }
  const panel = find('.panel')
  const conversation = find('hb-conversation')
  if (panel && conversation)
    return { element: panel, around: conversation, goBack: () => closeSidePanel(panel) }
  const pane = find('.pane')
  const panes = find('.panes')
  if (!pane || !panes) return undefined
  return { element: pane, around: panes, goBack: () => leavePane(pane) }
}

function leavePane(pane: HTMLElement): void {
  const search = pane.querySelector(':scope > hb-search')
  if (search) closeSidePanel(search)
  else pane.dispatchEvent(new CustomEvent('hb-back', { bubbles: true, composed: true }))
}
