/** The element that has the focus, looked up through shadow roots. */
export function deepActiveElement(): HTMLElement | undefined {
  let active: Element | null = document.activeElement
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
  return active instanceof HTMLElement && active !== document.body ? active : undefined
}

/** True for an element that takes keys as text. */
export function isTextField(element: HTMLElement | undefined): boolean {
  return element?.matches('input, textarea, select, [contenteditable]') ?? false
}
