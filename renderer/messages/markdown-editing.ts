// The edits that keys make in the composer. Pure: takes the state of the field and returns the insertion, so that the
// field's own undo can revert it.

export interface EditorState {
  readonly text: string
  readonly from: number
  readonly to: number
}

/** Replaces the text between `from` and `to`, then selects. */
export interface TextEdit {
  readonly from: number
  readonly to: number
  readonly insert: string
  readonly select: readonly [number, number]
}

/** Puts marks around the selection, or removes them if they are already there. */
export function toggleMark({ text, from, to }: EditorState, mark: string): TextEdit {
  const chosen = text.slice(from, to)
  // Spaces at the ends would break the marks.
  const start = from + (chosen.length - chosen.trimStart().length)
  const end = chosen.trim() === '' ? to : to - (chosen.length - chosen.trimEnd().length)
  const inner = text.slice(start, end)
  const { length } = mark
  if (
    isMarked(trailingRunLength(text.slice(0, start), mark), leadingRunLength(text.slice(end), mark), mark)
  ) {
    const at = start - length
    return { from: at, to: end + length, insert: inner, select: [at, at + inner.length] }
  }
  const around = Math.min(leadingRunLength(inner, mark), trailingRunLength(inner, mark))
  if (inner.length > 2 * around && isMarked(around, around, mark)) {
    const bare = inner.slice(length, -length)
    return { from: start, to: end, insert: bare, select: [start, start + bare.length] }
  }
  const at = start + length
  return { from: start, to: end, insert: mark + inner + mark, select: [at, at + inner.length] }
}

/** One star in a run of two is no mark; one in a run of three is. */
function isMarked(before: number, after: number, mark: string): boolean {
  const run = Math.min(before, after)
  return mark.length === 1 ? run === 1 || run === 3 : run >= mark.length
}

function leadingRunLength(text: string, mark: string): number {
  let run = 0
  while (run < 4 && text[run] === mark[0]) run += 1
  return run
}

function trailingRunLength(text: string, mark: string): number {
  let run = 0
  while (run < 4 && text[text.length - 1 - run] === mark[0]) run += 1
  return run
}

/** Inline code, or a code block if the selection has several lines. */
export function toggleCode(state: EditorState): TextEdit {
  const chosen = state.text.slice(state.from, state.to)
  return chosen.includes('\n') ? insertCodeBlock(state) : toggleMark(state, '`')
}

export function insertCodeBlock({ text, from, to }: EditorState): TextEdit {
  const chosen = text.slice(from, to).replace(/^\n|\n$/g, '')
  const before = from === 0 || text[from - 1] === '\n' ? '' : '\n'
  const after = to === text.length || text[to] === '\n' ? '' : '\n'
  const opening = `${before}\`\`\`\n`
  const at = from + opening.length
  return { from, to, insert: `${opening}${chosen}\n\`\`\`${after}`, select: [at, at + chosen.length] }
}

/** The selection becomes the text of a link. Its address is given, or typed next. */
export function insertLink({ text, from, to }: EditorState, address?: string): TextEdit {
  const chosen = text.slice(from, to)
  const target = address ?? 'https://'
  const insert = `[${chosen}](${target})`
  const at = from + chosen.length + 3
  if (address !== undefined) return { from, to, insert, select: [from + insert.length, from + insert.length] }
  return { from, to, insert, select: [at, at + target.length] }
}

export type LineFormat = 'quote' | 'bullets' | 'numbers'

/** Marks each line the selection touches, or removes the mark from all of them. */
export function toggleLineFormat({ text, from, to }: EditorState, kind: LineFormat): TextEdit {
  const start = text.lastIndexOf('\n', from - 1) + 1
  const next = text.indexOf('\n', to)
  const end = next === -1 ? text.length : next
  const lines = text.slice(start, end).split('\n')
  const mark = { quote: /^> ?/, bullets: /^[-*] /, numbers: /^\d{1,3}[.)] / }[kind]
  const all = lines.every((line) => mark.test(line))
  const marked = lines.map((line, at) => {
    if (all) return line.replace(mark, '')
    const bare = kind === 'quote' ? line : line.replace(/^(?:[-*]|\d{1,3}[.)]) /, '')
    return (kind === 'quote' ? '> ' : kind === 'bullets' ? '- ' : `${at + 1}. `) + bare
  })
  const insert = marked.join('\n')
  const isPoint = from === to
  const caret = Math.max(start, to + insert.length - (end - start))
  return { from: start, to: end, insert, select: isPoint ? [caret, caret] : [start, start + insert.length] }
}

/** Enter continues a list or a quote. After an empty item it ends the list. */
export function continueList({ text, from, to }: EditorState): TextEdit | undefined {
  if (from !== to || isInFence(text, from)) return undefined
  const start = text.lastIndexOf('\n', from - 1) + 1
  const line = text.slice(start, from)
  const item = /^(\s*)(?:([-*])|(\d{1,3})([.)])|(>+)) (.*)$/.exec(line)
  if (!item) return undefined
  const [, indent = '', dot, number, behind, quote, words = ''] = item
  if (words.trim() === '') return { from: start, to, insert: '', select: [start, start] }
  const mark = dot ?? quote ?? `${Number(number) + 1}${behind}`
  const insert = `\n${indent}${mark} `
  return { from, to, insert, select: [from + insert.length, from + insert.length] }
}

/** True inside a code block, where Enter is a new line and marks have no meaning. */
export function isInFence(text: string, at: number): boolean {
  let open = ''
  for (const line of text.slice(0, at).split('\n')) {
    const trimmed = line.trim()
    if (open === '') open = /^ {0,3}(`{3,}|~{3,})[^`]*$/.exec(line)?.[1] ?? ''
    else if (trimmed.startsWith(open) || (open.startsWith('`') && trimmed.endsWith(open))) open = ''
  }
  return open !== ''
}

/** True in a code block or between backticks of this line. */
export function isInCode(text: string, at: number): boolean {
  if (isInFence(text, at)) return true
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at)
  return (line.match(/`+/g)?.length ?? 0) % 2 === 1
}
