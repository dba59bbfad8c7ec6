import {
  isInCode,
  makeLink,
  markLines,
  wrap,
  wrapCode,
  wrapCodeBlock,
  type Change,
  type Written,
} from './editing.ts'

/** What a key does to the text by itself: shortcuts, and marks typed over a selection. */
export function keyChange(event: KeyboardEvent, written: Written): Change | undefined {
  const command = (event.ctrlKey || event.metaKey) && !(event.ctrlKey && event.metaKey)
  if (!command) return event.altKey ? undefined : typedOver(event.key, written)
  const { code } = event
  if (event.altKey) return event.shiftKey && code === 'KeyC' ? wrapCodeBlock(written) : undefined
  if (event.shiftKey) {
    if (code === 'KeyX') return wrap(written, '~~')
    if (code === 'KeyC') return wrapCode(written)
    if (code === 'Digit7') return markLines(written, 'numbers')
    if (code === 'Digit8') return markLines(written, 'bullets')
    return code === 'Digit9' ? markLines(written, 'quote') : undefined
  }
  const key = event.key.toLowerCase()
  if (key === 'b') return wrap(written, '**')
  if (key === 'i') return wrap(written, '*')
  if (key === 'e') return wrapCode(written)
  // without a selection it is the page's: the switcher
  return key === 'k' && written.from !== written.to ? makeLink(written) : undefined
}

function typedOver(key: string, written: Written): Change | undefined {
  if (written.from === written.to || written.text.slice(written.from, written.to).trim() === '')
    return undefined
  if (isInCode(written.text, written.from)) return undefined
  if (key === '`') return wrapCode(written)
  if (key === '~') return wrap(written, '~~')
  return key === '*' || key === '_' ? wrap(written, key) : undefined
}
