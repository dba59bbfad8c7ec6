// Inserts text into a field so that its own undo reverts it.
//
// Chromium inserts text line by line and lays out the field each time: 2,000 lines take seconds. It inserts HTML in one step.
// The HTML is made here, from escaped text, and a text field only takes the text of it.

interface TextPolicy {
  createHTML(text: string): unknown
}
interface TextPolicyFactory {
  createPolicy(name: string, rules: { createHTML(text: string): string }): TextPolicy
}

/** Below this the browser's own insertion is quick. */
const minLinesInOneStep = 20

let policy: TextPolicy | undefined

/** Under the Content-Security-Policy of the page only this policy can make HTML, and only of escaped text. */
function escapedHtml(text: string): unknown {
  const escape = { createHTML: (plain: string) => plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;') }
  const factory = (globalThis as { trustedTypes?: TextPolicyFactory }).trustedTypes
  policy ??= factory?.createPolicy('pasted-text', escape) ?? escape
  return policy.createHTML(text)
}

/** Replaces the text between `from` and `to`. If the browser lacks the commands, sets the text without undo. */
export function replaceText(field: HTMLTextAreaElement, from: number, to: number, insert: string): void {
  const wanted = field.value.slice(0, from) + insert + field.value.slice(to)
  field.setSelectionRange(from, to)
  if (insert === '') document.execCommand('delete')
  else if (countLines(insert) < minLinesInOneStep || !insertInOneStep(insert)) {
    document.execCommand('insertText', false, insert)
  }
  if (field.value !== wanted) field.value = wanted
}

function insertInOneStep(insert: string): boolean {
  return document.execCommand('insertHTML', false, escapedHtml(insert) as string)
}

function countLines(text: string): number {
  return text.split('\n', minLinesInOneStep).length
}
