// Keeps the page within what a keyboard on the screen leaves of the window.
//
// - Chromium and Firefox make the window itself smaller (`interactive-widget` in index.html). Safari lays its keyboard over the
//   page, and moves the page up until the field shows: it only says so by its visual viewport.
// - `--covered-start` and `--covered-end` are what is covered, for the styles of all that fills the window.
// - A user who has zoomed in with two fingers sees less too. Then the page must not become smaller.

/** A keyboard is higher than this; bars of the browser that come and go are not. */
const minKeyboardPx = 60
const maxScale = 1.01

let coveredStartPx = 0
let coveredEndPx = 0

/** What is left of the height of the window above the keyboard. */
export function visibleHeightRange(): { readonly topPx: number; readonly bottomPx: number } {
  return { topPx: coveredStartPx, bottomPx: innerHeight - coveredEndPx }
}

/** Once, at boot. */
export function watchVisibleArea(): void {
  const viewport = window.visualViewport
  if (!viewport) return
  const update = (): void => {
    const start = viewport.offsetTop
    const end = innerHeight - start - viewport.height
    const isKeyboard = viewport.scale < maxScale && start + end > minKeyboardPx
    coveredStartPx = isKeyboard ? start : 0
    coveredEndPx = isKeyboard ? Math.max(0, end) : 0
    setOrRemove('--covered-start', coveredStartPx)
    setOrRemove('--covered-end', coveredEndPx)
  }
  viewport.addEventListener('resize', update)
  viewport.addEventListener('scroll', update)
}

function setOrRemove(name: string, px: number): void {
  const { style } = document.documentElement
  if (px > 0) style.setProperty(name, `${px}px`)
  else style.removeProperty(name)
}
