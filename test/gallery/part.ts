// The frame of a scene that needs no app: a shadow root with the styles of the app, and what is put into it.
import { css, html, LitElement, nothing, render } from 'lit'
import { baseStyles } from '../../renderer/styles/shared.ts'
import { buttonStyles } from '../../renderer/ui/button.ts'
import { kbdStyles } from '../../renderer/ui/kbd-styles.ts'
import { linkBoxStyles } from '../../renderer/ui/link-box.ts'
import { unreadBadgeStyles } from '../../renderer/ui/unread-badge.ts'

/** A shadow root with the styles that every element of the app has. */
class GalleryPart extends LitElement {
  static override properties = { content: { attribute: false } }
  declare content: unknown

  static override styles = [
    baseStyles,
    buttonStyles,
    kbdStyles,
    linkBoxStyles,
    unreadBadgeStyles,
    css`
      :host {
        display: block;
        padding: 16px;
        font: var(--type-body);
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 12px;
        margin-block-end: 16px;
      }
      hb-field,
      hb-choice,
      hb-check {
        display: block;
        margin-block-end: 12px;
      }
    `,
  ]

  override render(): unknown {
    return this.content
  }
}

customElements.define('gallery-part', GalleryPart)

export async function show(content: unknown, hasHeading = false): Promise<void> {
  render(
    html`<main>
      ${hasHeading ? nothing : html`<h1>Part</h1>`}
      <gallery-part .content=${content}></gallery-part>
    </main>`,
    document.body,
  )
  await document.querySelector<GalleryPart>('gallery-part')?.updateComplete
}

export function partRoot(): ShadowRoot {
  const root = document.querySelector('gallery-part')?.shadowRoot
  if (!root) throw new Error('no part is shown')
  return root
}

/** Until the browser has drawn what is looked for. */
export async function drawn<T>(find: () => T | null | undefined): Promise<T> {
  for (;;) {
    const there = find()
    if (there) return there
    await new Promise((done) => requestAnimationFrame(done))
  }
}
