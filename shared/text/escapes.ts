// Backslashes that may keep a mark from being one. The parser removes such a backslash only if the mark would take effect
// without it. In a path or a pattern (`C:\temp\*.*`, `\\nas\#recycle`) no backslash is removed.
import { unspacedScript } from './scripts.ts'

export interface EscapeCandidates {
  /** Positions of the backslashes, in order. */
  positions: readonly number[]
  /** The text without them: the mark after the k-th of them is at its position minus k. */
  unescaped: string
}

const candidatePattern = /\\[*_~`[\]@＠#＃]/
const markCharacter = /[*_~`[\]@＠#＃]/
/** Before an escape there is a space, an opening bracket or quotation mark, or another mark. */
const opening = /[\s\p{Ps}\p{Pi}"'*_~`[\]@＠#＃]/u
const drive = /^\P{L}{0,4}[A-Za-z]:\\/u

export function findEscapes(text: string): EscapeCandidates | undefined {
  if (!candidatePattern.test(text)) return undefined
  const positions: number[] = []
  for (const word of text.matchAll(/\S+/g)) {
    if (word[0].includes('\\')) collectFromWord(word[0], word.index, positions)
  }
  if (positions.length === 0) return undefined
  let unescaped = ''
  let done = 0
  for (const at of positions) {
    unescaped += text.slice(done, at)
    done = at + 1
  }
  return { positions, unescaped: unescaped + text.slice(done) }
}

function collectFromWord(word: string, offset: number, positions: number[]): void {
  const escapes: number[] = []
  let isPath = drive.test(word)
  for (let at = word.indexOf('\\'); at !== -1; at = word.indexOf('\\', at + 1)) {
    if (markCharacter.test(word[at + 1] ?? '')) escapes.push(at)
    else isPath = true
  }
  if (isPath) return
  for (const at of escapes) if (mayEscape(word, at)) positions.push(offset + at)
}

function mayEscape(word: string, at: number): boolean {
  const before = [...word.slice(Math.max(0, at - 2), at)].at(-1) ?? ' '
  if (opening.test(before)) return true
  const mark = word[at + 1] as string
  // inside a word nothing of these begins
  if (/[@＠#＃]/.test(mark)) return unspacedScript.test(before)
  return before !== '¯'
}
