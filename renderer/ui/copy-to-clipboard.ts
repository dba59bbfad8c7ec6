/**
 * Copies text to the clipboard. Over plain HTTP there is no `navigator.clipboard`: then a hidden field is selected and
 * copied.
 */
export async function copyText(text: string, within: HTMLElement = document.body): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text, within)
  }
}

/** `within`: an open dialog, outside of which nothing can be selected. */
function copyBySelection(text: string, within: HTMLElement): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.readOnly = true
  area.style.position = 'fixed'
  area.style.opacity = '0'
  within.append(area)
  area.select()
  try {
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    area.remove()
  }
}
