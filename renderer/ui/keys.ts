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

/**
 * The Enter of a composition submits no form and breaks no line. Elements ignore it by `isEnter()`, but the browser
 * submits the form around a field by itself: so its own action ends here, once for the whole page. An input method has
 * taken over its text by then.
 */
export function preventComposedEnter(target: EventTarget): void {
  target.addEventListener(
    'keydown',
    (event) => {
      if (event instanceof KeyboardEvent && event.key === 'Enter' && isComposing(event))
        event.preventDefault()
    },
    { capture: true },
  )
}
