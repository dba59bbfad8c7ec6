/** Somebody is looking: what is on screen now counts as seen. */
export function isWindowActive(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus()
}
