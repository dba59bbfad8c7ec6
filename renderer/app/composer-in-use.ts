// The composer that typed keys go to: the one of the conversation, or the one of its thread.
//
// - A user who begins to type means the composer in use, wherever the focus is. What the user last focused or pressed
//   decides which one that is; opening a thread chooses the thread.
// - A key never goes to the other composer. While a link to a reply waits for its thread, it goes to none: the reply
//   would be published in the chat.
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { closestAcrossRoots, containsAcrossRoots, deepActiveElement, isTextField } from '../ui/focus.ts'
import { isComposing } from '../ui/keys.ts'

export type ComposerPlace = 'conversation' | 'thread'

export interface ComposerInUseOptions {
  /** The side panel, if one is open. */
  panel: () => HTMLElement | null
  /** Focuses the composer there, if the user may write. */
  focus: (place: ComposerPlace) => void
}

/** In these a letter has a meaning of its own. */
const takesKeys = 'dialog, [popover], button, a, summary, audio, video'

export class ComposerInUse implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement
  readonly #options: ComposerInUseOptions
  /** Undefined while a thread is expected. */
  #place: ComposerPlace | undefined = 'conversation'

  constructor(host: ReactiveControllerHost & HTMLElement, options: ComposerInUseOptions) {
    this.#host = host
    this.#options = options
    host.addController(this)
  }

  get place(): ComposerPlace | undefined {
    return this.#place
  }

  hostConnected(): void {
    document.addEventListener('keydown', this.#onKeyDown)
    // A move from one composer to the other stays within the shadow tree: the host itself does not hear of it.
    this.#host.shadowRoot?.addEventListener('focusin', this.#onUse)
    this.#host.addEventListener('pointerdown', this.#onUse)
  }

  hostDisconnected(): void {
    document.removeEventListener('keydown', this.#onKeyDown)
    this.#host.shadowRoot?.removeEventListener('focusin', this.#onUse)
    this.#host.removeEventListener('pointerdown', this.#onUse)
  }

  /** Another conversation or thread is on screen. */
  set(place: ComposerPlace): void {
    this.#place = place
  }

  /** A thread is going to open. Until the user chooses a composer, keys go to none. */
  expectThread(): void {
    this.#place = undefined
    const active = deepActiveElement()
    if (active && isTextField(active) && containsAcrossRoots(this.#host, active)) active.blur()
  }

  #onUse = (event: Event): void => {
    const panel = this.#options.panel()
    if (!panel || !event.composedPath().includes(panel)) this.#place = 'conversation'
    else if (isThread(panel)) this.#place = 'thread'
  }

  #onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || isComposing(event)) return
    if (event.key.length !== 1 || event.key === ' ' || event.ctrlKey || event.metaKey || event.altKey) return
    const active = deepActiveElement()
    if (isTextField(active) || closestAcrossRoots(active, takesKeys)) return
    const place = this.#placeFor(active)
    if (place) this.#options.focus(place)
  }

  #placeFor(active: HTMLElement | undefined): ComposerPlace | undefined {
    const panel = this.#options.panel()
    if (!panel || !containsAcrossRoots(panel, active)) return this.#place
    // A list of members or files has no composer: its user does not mean the chat.
    return isThread(panel) ? 'thread' : undefined
  }
}

function isThread(panel: HTMLElement): boolean {
  return panel.querySelector('hb-thread-panel') !== null
}
