import { html, nothing } from 'lit'

/** Placeholders for messages that are loading; `message-list-styles.ts` has their styles. */
export function skeletonRows(count: number): unknown {
  return html`<div class="shapes" aria-hidden="true">
    ${Array.from(
      { length: count },
      (_, at) =>
        html`<div class="shape s${at % 3}">
          <i></i>
          <p><b></b><b></b></p>
        </div>`,
    )}
  </div>`
}

/** What is above the first row: the shapes of older messages, or the beginning of the chat. */
export function listTop(
  { hasOlder, beginning }: { hasOlder: boolean; beginning: unknown },
  { start }: { start: number },
): unknown {
  if (hasOlder) return skeletonRows(3)
  return start === 0 ? html`<div class="beginning">${beginning}</div>` : nothing
}

const loadingDelayMs = 200

/** Loading is shown late: most of it takes no time. */
export class LoadingDelay {
  readonly #onOver: () => void
  #timer = 0
  isOver = false

  constructor(onOver: () => void) {
    this.#onOver = onOver
  }

  update(isLoading: boolean): void {
    clearTimeout(this.#timer)
    this.isOver = false
    if (!isLoading) return
    this.#timer = window.setTimeout(() => {
      this.isOver = true
      this.#onOver()
    }, loadingDelayMs)
  }
}
