/** The element that has the focus, looked up through shadow roots. */
export function deepActiveElement(): HTMLElement | undefined {
  let active: Element | null = document.activeElement
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
  return active instanceof HTMLElement && active !== document.body ? active : undefined
}

/** The nearest ancestor that matches, looked up through shadow roots. */
export function closestAcrossRoots(element: Element | undefined, selector: string): Element | undefined {
  for (let from = element; from; from = hostOf(from)) {
    const found = from.closest(selector)
    if (found) return found
  }
  return undefined
}

/** True if the element is in the container, or in a shadow tree within it. */
export function containsAcrossRoots(container: Element, element: Element | undefined): boolean {
  for (let from = element; from; from = hostOf(from)) if (container.contains(from)) return true
  return false
}

const focusable = 'a[href], button, input, textarea, select, [tabindex]'

/** The first control that Tab reaches within an element, looked up through shadow roots. */
export function firstFocusable(container: Element | ShadowRoot): HTMLElement | undefined {
  for (const element of container.querySelectorAll<HTMLElement>('*')) {
    const isReached = element.matches(focusable) && element.tabIndex >= 0 && !element.matches(':disabled')
    if (isReached && element.checkVisibility()) return element
    const inside = element.shadowRoot ? firstFocusable(element.shadowRoot) : undefined
    if (inside) return inside
  }
  return container instanceof Element && container.shadowRoot
    ? firstFocusable(container.shadowRoot)
    : undefined
}

function hostOf(element: Element): Element | undefined {
  const root = element.getRootNode()
  return root instanceof ShadowRoot ? root.host : undefined
}

/** True for an element that takes keys as text. */
export function isTextField(element: HTMLElement | undefined): boolean {
  return element?.matches('input, textarea, select, [contenteditable]') ?? false
}

const maxHoldMs = 5_000

/**
 * Drops plain keys until the work is done, at most for a while, or until Escape. What the user types meanwhile is meant
 * for what is about to open. Elsewhere it would act on a message, or be sent.
 */
export async function holdKeysWhile<T>(work: Promise<T>): Promise<T> {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape') release()
    event.preventDefault()
    event.stopImmediatePropagation()
  }
  const release = (): void => removeEventListener('keydown', onKeyDown, true)
  addEventListener('keydown', onKeyDown, true)
  const timer = setTimeout(release, maxHoldMs)
  try {
    return await work
  } finally {
    clearTimeout(timer)
    release()
  }
}

/** Not focusable for longer: a press on the empty part of the element must not move the focus there. */
export function focusOnce(element: HTMLElement | null): void {
  if (!element) return
  element.tabIndex = -1
  element.addEventListener('blur', () => element.removeAttribute('tabindex'), { once: true })
  element.focus()
}
