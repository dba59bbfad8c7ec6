// Inserts text into a field so that its own undo reverts it, and nothing else.
//
// Chromium inserts text line by line and lays out the field each time: 2,000 lines take seconds. Its undo takes out what was
// typed before with it. HTML is inserted in one step with an undo of its own. It is made here, from escaped text, and a text
// field only takes the text of it.

interface TextPolicy {
  createHTML(text: string): unknown
}
interface TextPolicyFactory {
  createPolicy(name: string, rules: { createHTML(text: string): string }): TextPolicy
}

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
  // Firefox inserts no HTML into a text field
  else if (!document.execCommand('insertHTML', false, escapedHtml(insert) as string)) {
    document.execCommand('insertText', false, insert)
  }
  if (field.value !== wanted) field.value = wanted
}
