/**
 * True if an input method takes the key: it chooses a candidate or ends the composition, and means nothing to the page.
 * Chromium sends such a key before `compositionend` and sets `isComposing`. Safari sends it afterwards, with the key
 * code 229 only.
 */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229
}

/** True for an Enter of the user, never for the one that ends a composition. Lint allows no other test for Enter. */
export function isEnter(event: KeyboardEvent): boolean {
  return event.key === 'Enter' && !isComposing(event)
}
