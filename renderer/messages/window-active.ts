/** True if the user is looking at the window, so what is on screen counts as seen. */
export function isWindowActive(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus()
}
