import { html } from 'lit'

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
