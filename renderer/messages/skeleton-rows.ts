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
