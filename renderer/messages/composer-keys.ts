import {
  isInCode,
  insertLink,
  toggleLineFormat,
  toggleMark,
  toggleCode,
  insertCodeBlock,
  type TextEdit,
  type EditorState,
} from './markdown-editing.ts'

/** The edit that a key makes: shortcuts, and marks typed over a selection. */
export function editForKey(event: KeyboardEvent, state: EditorState): TextEdit | undefined {
  const command = (event.ctrlKey || event.metaKey) && !(event.ctrlKey && event.metaKey)
  if (!command) return event.altKey ? undefined : wrapSelection(event.key, state)
  const { code } = event
  if (event.altKey) return event.shiftKey && code === 'KeyC' ? insertCodeBlock(state) : undefined
  if (event.shiftKey) {
    if (code === 'KeyX') return toggleMark(state, '~~')
    if (code === 'KeyC') return toggleCode(state)
    if (code === 'Digit7') return toggleLineFormat(state, 'numbers')
    if (code === 'Digit8') return toggleLineFormat(state, 'bullets')
    return code === 'Digit9' ? toggleLineFormat(state, 'quote') : undefined
  }
  const key = event.key.toLowerCase()
  if (key === 'b') return toggleMark(state, '**')
  if (key === 'i') return toggleMark(state, '*')
  if (key === 'e') return toggleCode(state)
  // Without a selection the key belongs to the page: it opens the switcher.
  return key === 'k' && state.from !== state.to ? insertLink(state) : undefined
}

function wrapSelection(key: string, state: EditorState): TextEdit | undefined {
  if (state.from === state.to || state.text.slice(state.from, state.to).trim() === '') return undefined
  if (isInCode(state.text, state.from)) return undefined
  if (key === '`') return toggleCode(state)
  if (key === '~') return toggleMark(state, '~~')
  return key === '*' || key === '_' ? toggleMark(state, key) : undefined
}
