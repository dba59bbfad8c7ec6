import type { CSSResult } from 'lit'

/** Gives an element that renders into the light DOM its styles, once for each root that contains it. */
export function adoptStyles(element: Element, styles: CSSResult): void {
  const root = element.getRootNode()
  if (!(root instanceof Document || root instanceof ShadowRoot)) return
  const sheet = styles.styleSheet
  if (sheet && !root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet)
}
