// What the user of a scene does: controls are found by the name that a screen reader says.

/** Presses the control of this name, once it is there. */
export async function press(name: string): Promise<void> {
  const control = await found(() =>
    findDeep(document, 'button, a, [role^=menuitem]', (each) => nameOf(each) === name),
  )
  control.click()
}

/** Fills in the field of this label, once it is there. */
export async function fill(label: string, value: string): Promise<void> {
  const field = await found(() => findDeep(document, 'label', (each) => each.textContent.trim() === label))
  const control = (field as HTMLLabelElement).control as HTMLInputElement
  control.value = value
  control.dispatchEvent(new Event('input', { bubbles: true, composed: true }))
}

export async function found<T>(find: () => T | null | undefined): Promise<T> {
  for (;;) {
    const there = find()
    if (there) return there
    await new Promise((done) => requestAnimationFrame(done))
  }
}

/** Emoji have another font on every system: an arrow of the bundled one takes the place of each. */
export function replaceEmoji(under: Node): void {
  const walker = document.createTreeWalker(under, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
  while (walker.nextNode()) {
    const node = walker.currentNode
    if (node instanceof Element && node.shadowRoot) replaceEmoji(node.shadowRoot)
    if (!(node instanceof Text)) continue
    if (/\p{Extended_Pictographic}|\p{RI}/u.test(node.data) && !/\w/.test(node.data)) node.data = '↑'
  }
}

function nameOf(element: HTMLElement): string {
  const words = (element.ariaLabel ?? element.textContent).replaceAll(/[\u2066-\u2069]/g, '')
  return words.replaceAll(/\s+/g, ' ').trim()
}

function findDeep(
  under: ParentNode,
  selector: string,
  fits: (element: HTMLElement) => boolean,
): HTMLElement | undefined {
  for (const element of under.querySelectorAll<HTMLElement>('*')) {
    if (element.matches(selector) && element.checkVisibility() && fits(element)) return element
    const inside = element.shadowRoot && findDeep(element.shadowRoot, selector, fits)
    if (inside) return inside
  }
  return undefined
}
